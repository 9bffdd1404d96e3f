"""Reduces OpenAI's published schema to what Tests/OpenAIWireTests needs.

    git clone https://github.com/openai/openai-openapi
    venv/bin/pip install jsonschema==4.26.0
    venv/bin/python Tests/References/openai_schema_reference.py --repository openai-openapi

Writes ../OpenAIWireTests/Fixtures/openai-schema.json:

- `schemas`: the components that the wire types need and those that these refer to, as plain JSON Schema 2020-12.
  Descriptions go, OpenAPI 3.0's `nullable` and boolean `exclusiveMinimum` become what 2020-12 has for them.
- `loosened`: where the schema is taken less strictly than it stands, because OpenAI's own examples contradict it.
- `examples`: the examples of those components, and the requests and responses of the operations that use them, each
  with its schema and whether it fits (by Python's jsonschema, after loosening).
- `changes`: examples with one place changed, at random with a fixed seed, and whether they still fit: the validator of
  the tests is checked with them.

The schema is under the MIT licence; its text is written beside the fixture.
"""

import argparse
import copy
import json
import pathlib
import random
import re
import subprocess

import jsonschema

ROOTS = """
CreateChatCompletionRequest CreateChatCompletionResponse CreateChatCompletionStreamResponse ChatCompletionList
ChatCompletionDeleted ChatCompletionMessageList Error ErrorResponse OpenAIFile DeleteFileResponse ListFilesResponse
CreateEmbeddingRequest CreateEmbeddingResponse Model ListModelsResponse DeleteModelResponse CreateFineTuningJobRequest
FineTuningJob FineTuningJobEvent FineTuningJobCheckpoint ListPaginatedFineTuningJobsResponse
ListFineTuningJobEventsResponse ListFineTuningJobCheckpointsResponse RunGraderRequest RunGraderResponse
ValidateGraderRequest ValidateGraderResponse CreateEvalRequest Eval EvalList CreateEvalRunRequest EvalRun EvalRunList
EvalRunOutputItem EvalRunOutputItemList FineTuneChatCompletionRequestAssistantMessage Metadata
""".split()

# What says nothing about validity, or is misspelt.
DROPPED = {
    "description", "title", "example", "examples", "default", "deprecated", "discriminator", "format", "min_items",
    "max_items", "$recursiveAnchor", "readOnly", "writeOnly",
}

# Paths in `schemas` that take null as well, and why.
LOOSENED = {
    "EvalRun/properties/error": "OpenAI answers null for a run without an error",
    "EvalRun/properties/per_model_usage": "OpenAI answers null for a run that has not begun",
    "EvalRun/properties/per_testing_criteria_results": "OpenAI answers null for a run that has not begun",
    "EvalRunOutputItem/properties/sample/properties/error": "OpenAI answers null for a sample without an error",
    "EvalRunOutputItemResult/properties/score": "a row that could not be graded has no score; ours, not OpenAI's",
}

PREFIX = "#/components/schemas/"
OPERATIONS = ["/chat/completions", "/files", "/fine_tuning/jobs", "/fine_tuning/alpha", "/evals", "/embeddings", "/models"]


def reduced(node, name, is_properties=False):
    """Plain JSON Schema of an OpenAPI schema object."""
    if isinstance(node, list):
        return [reduced(element, name) for element in node]
    if not isinstance(node, dict):
        return "#/schemas/" + node.removeprefix(PREFIX) if isinstance(node, str) and node.startswith(PREFIX) else node
    if is_properties:
        return {key: reduced(value, name) for key, value in node.items()}
    out = {}
    for key, value in node.items():
        if key in DROPPED or key.startswith("x-") or key == "nullable":
            continue
        if key == "$recursiveRef":
            out["$ref"] = f"#/schemas/{name}"
        elif key in ("enum", "required"):
            out[key] = value
        else:
            out[key] = reduced(value, name, is_properties=key == "properties")
    if out.get("exclusiveMinimum") is True:
        out["exclusiveMinimum"] = out.pop("minimum")
    return {"anyOf": [out, {"type": "null"}]} if node.get("nullable") is True else out


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix("#/schemas/")
            else:
                yield from references(value)
    elif isinstance(node, list):
        for element in node:
            yield from references(element)


def loosen(schemas):
    for path in LOOSENED:
        *outer, last = path.split("/")
        node = schemas
        for step in outer:
            node = node[step]
        node[last] = {"anyOf": [node[last], {"type": "null"}]}


def lenient(text):
    """JSON of an example, in which commas may follow the last element; None where it is broken otherwise."""
    try:
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    except ValueError:
        return None


def schema_name(content):
    """The component that a request or response of an operation has."""
    schema = (content or {}).get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").removeprefix(PREFIX)


def examples(api, names):
    found, broken = [], []

    def add(at, name, text):
        if not text or name not in names:
            return
        value = text if isinstance(text, (dict, list)) else lenient(text)
        if isinstance(value, dict):
            found.append({"at": at, "schema": name, "json": value})
        else:
            broken.append(at)

    for name in names:
        meta = api["components"]["schemas"][name].get("x-oaiMeta") or {}
        example = meta.get("example")
        if name == "CreateChatCompletionStreamResponse" and isinstance(example, str):
            for index, line in enumerate(line for line in example.splitlines() if line.startswith("{")):
                add(f"{name}, line {index + 1}", name, line)
        else:
            add(name, name, example)
    for path, operations in api["paths"].items():
        if not any(path == begin or path.startswith(begin + "/") for begin in OPERATIONS):
            continue
        for method, operation in operations.items():
            answer = next((answer for code, answer in operation["responses"].items() if code.startswith("2")), {})
            listed = (operation.get("x-oaiMeta") or {}).get("examples") or []
            for index, example in enumerate(listed if isinstance(listed, list) else [listed]):
                at = f"{method.upper()} {path}" + (f" {index + 1}" if index else "")
                body = re.search(r"-d '(.*?)'\s*(\\|$)", (example.get("request") or {}).get("curl") or "", re.S)
                if body:
                    add(at + ", request", schema_name((operation.get("requestBody") or {}).get("content")), body.group(1))
                response = example.get("response") or ""
                if example.get("title") == "Streaming":
                    for number, line in enumerate(line for line in response.splitlines() if line.startswith("{")):
                        add(f"{at}, piece {number + 1}", "CreateChatCompletionStreamResponse", line)
                else:
                    add(at + ", response", schema_name(answer.get("content")), response)
    return found, broken


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:3]):
            yield from places(inner, (*path, index))


def changed(value, path, change):
    value = copy.deepcopy(value)
    node = value
    for step in path[:-1]:
        node = node[step]
    if "value" in change:
        node[path[-1]] = change["value"]
    else:
        del node[path[-1]]
    return value


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", type=pathlib.Path, required=True, help="openai/openai-openapi, or its git directory")
    parser.add_argument("--out", type=pathlib.Path, default=here.parent / "OpenAIWireTests" / "Fixtures")
    options = parser.parse_args()

    def git(*arguments):
        return subprocess.run(
            ["git", "-C", options.repository, *arguments], check=True, capture_output=True, text=True).stdout

    api = json.loads(git("show", "HEAD:openapi.json"))
    components = api["components"]["schemas"]
    schemas, waiting = {}, list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = reduced(components[name], name)
            waiting += references(schemas[name])
    schemas = dict(sorted(schemas.items()))
    loosen(schemas)

    def fits(value, name):
        schema = {"$ref": f"#/schemas/{name}", "schemas": schemas}
        return next(iter(jsonschema.Draft202012Validator(schema).iter_errors(value)), None) is None

    found, broken = examples(api, [name for name in schemas if name in ROOTS])
    for example in found:
        example["fits"] = fits(example["json"], example["schema"])
    generator = random.Random(8)
    changes = []
    for index, example in enumerate(found):
        candidates = [path for path in places(example["json"]) if path]
        for _ in range(8):
            path = generator.choice(candidates)
            change = generator.choice(
                [{}, {}] + [{"value": value} for value in (None, 3, -1.5, "x", "", True, [], {}, [4], {"a": "b"})])
            fit = fits(changed(example["json"], path, change), example["schema"])
            changes.append({"example": index, "path": list(path), **change, "fits": fit})
    fixture = {
        "source": f"github.com/openai/openai-openapi @{git('rev-parse', 'HEAD').strip()}, MIT licence",
        "loosened": LOOSENED,
        "broken_examples": broken,
        "schemas": schemas,
        "examples": found,
        "changes": changes,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    text = ["{"]
    for key, value in fixture.items():
        if isinstance(value, list):
            inner = ",\n".join(json.dumps(element, ensure_ascii=False) for element in value)
            text.append(f'"{key}": [\n{inner}\n],')
        elif key == "schemas":
            inner = ",\n".join(f"{json.dumps(name)}: {json.dumps(schema)}" for name, schema in value.items())
            text.append(f'"{key}": {{\n{inner}\n}},')
        else:
            text.append(f'"{key}": {json.dumps(value, ensure_ascii=False)},')
    (options.out / "openai-schema.json").write_text("\n".join(text).rstrip(",") + "\n}\n")
    (options.out / "openai-schema.LICENSE").write_text(git("show", "HEAD:LICENSE"))
    fitting = sum(example["fits"] for example in found)
    print(f"{len(schemas)} schemas, {len(found)} examples ({fitting} fit), {len(changes)} changes, broken: {broken}")
    for example in found:
        if not example["fits"]:
            schema = {"$ref": f"#/schemas/{example['schema']}", "schemas": schemas}
            error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(example["json"]))
            print("-", example["at"], "|", example["schema"], "|", error.json_path, error.message[:120])


main()
