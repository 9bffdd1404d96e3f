#!/usr/bin/env python3
"""OpenAI's own client against the double of the service: what the double says must be what that client understands.

    openai_client_check.py BASE_URL KEY            the flavour `openai`, training in two steps
    openai_client_check.py --azure BASE_URL KEY    the flavour `azure`

Run by ServiceDoubleTests; needs the package `openai` (tools/python-clients installs it).
"""
import base64
import json
import math
import struct
import sys
import urllib.request

import openai

azure = "--azure" in sys.argv
base, key = [word for word in sys.argv[1:] if not word.startswith("--")]
model = "gpt-4.1-nano"


def client(**more):
    if azure:
        return openai.OpenAI(base_url=base, api_key="of-no-use", default_headers={"api-key": key}, **more)
    return openai.OpenAI(base_url=base, api_key=key, **more)


api = client(max_retries=4)
user = [{"role": "user", "content": "Where is my order?"}]


def refused(kind, code, call):
    try:
        call()
    except kind as error:
        assert error.code == code, (error.code, code)
        return
    raise AssertionError(f"{kind.__name__} was expected")


def chat():
    whole = api.chat.completions.create(model=model, messages=user, seed=5, logprobs=True, top_logprobs=2, n=2)
    assert len(whole.choices) == 2 and whole.usage.prompt_tokens == 4
    assert len(whole.choices[0].logprobs.content[0].top_logprobs) == 2
    text, usage = "", None
    for chunk in api.chat.completions.create(
            model=model, messages=user, seed=5, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
    assert text == whole.choices[0].message.content, text
    assert usage.completion_tokens == 2
    refused(openai.BadRequestError, None, lambda: api.chat.completions.create(
        model=model, messages=user, metadata={"a": "b"}))
    refused(openai.NotFoundError, "DeploymentNotFound" if azure else "model_not_found",
            lambda: api.chat.completions.create(model="gpt-none", messages=user))


def stored():
    for index in range(25):
        api.chat.completions.create(
            model=model, messages=[{"role": "user", "content": f"row {index}"}], store=True,
            metadata={"lab": "3.3" if index % 2 else "3.4", "row": str(index)})
    rows = list(api.chat.completions.list(metadata={"lab": "3.3"}, limit=5, model=model))
    assert [row.metadata["row"] for row in rows] == [str(i) for i in range(1, 25, 2)]
    newest = api.chat.completions.list(order="desc").data[0]
    assert newest.metadata["row"] == "24"
    changed = api.chat.completions.update(newest.id, metadata={"tag": "gold"})
    assert changed.metadata == {"tag": "gold"}
    assert api.chat.completions.retrieve(newest.id).metadata == {"tag": "gold"}
    assert [message.content for message in api.chat.completions.messages.list(newest.id)] == ["row 24"]
    assert api.chat.completions.delete(newest.id).deleted
    refused(openai.NotFoundError, "not_found", lambda: api.chat.completions.retrieve(newest.id))


def models():
    names = [each.id for each in api.models.list()]
    assert model in names
    assert api.models.retrieve(model).id == model


def embeddings():
    numbers = api.embeddings.create(
        model="text-embedding-3-small", input=["red paint", "red paint!", "a far thing"], encoding_format="float",
        dimensions=64)
    vectors = [each.embedding for each in numbers.data]
    assert all(abs(math.fsum(x * x for x in vector) - 1) < 1e-5 for vector in vectors)
    packed = api.embeddings.create(
        model="text-embedding-3-small", input="red paint", encoding_format="base64", dimensions=64).data[0].embedding
    assert struct.unpack("<64f", base64.b64decode(packed)) == struct.unpack("<64f", struct.pack("<64f", *vectors[0]))
    # The client asks for base64 on its own and unpacks it.
    assert len(api.embeddings.create(model="text-embedding-3-small", input="x").data[0].embedding) == 1536
    same = math.fsum(a * b for a, b in zip(vectors[0], vectors[1]))
    far = math.fsum(a * b for a, b in zip(vectors[0], vectors[2]))
    assert same > 0.99 > far


def rows(count):
    return "".join(json.dumps({"messages": [
        {"role": "user", "content": f"Question {i}"}, {"role": "assistant", "content": f"Answer {i}", "weight": 1},
    ]}) + "\n" for i in range(count)).encode()


def upload(count, name="train.jsonl"):
    return api.files.create(file=(name, rows(count)), purpose="fine-tune")


def files():
    file = upload(12)
    assert file.status in ("processed", "uploaded", "pending") and file.bytes == len(rows(12))
    assert api.files.wait_for_processing(file.id, poll_interval=0.01).status == "processed"
    assert api.files.content(file.id).read() == rows(12)
    assert file.id in [each.id for each in api.files.list(purpose="fine-tune")]
    refused(openai.BadRequestError, "invalid_jsonl", lambda: api.files.create(
        file=("bad.jsonl", b'{"a": 1}\nno\n'), purpose="fine-tune"))
    refused(openai.BadRequestError, "invalid_value", lambda: api.files.create(
        file=("bad.jsonl", b'{"a": 1}\n'), purpose="fun"))
    expiring = api.files.create(
        file=("x.jsonl", rows(1)), purpose="fine-tune", expires_after={"anchor": "created_at", "seconds": 3600})
    assert expiring.expires_at == expiring.created_at + 3600
    assert api.files.delete(expiring.id).deleted
    refused(openai.NotFoundError, "not_found", lambda: api.files.retrieve(expiring.id))
    return file


def until_over(job):
    statuses = []
    while job.status not in ("succeeded", "failed", "cancelled"):
        job = api.fine_tuning.jobs.retrieve(job.id)
        if job.status not in statuses:
            statuses.append(job.status)
    return job, statuses


def fine_tuning(file):
    validation = upload(10, "validation.jsonl")
    job = api.fine_tuning.jobs.create(
        model=model, training_file=file.id, validation_file=validation.id, suffix="cora", seed=7,
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": 4}}})
    first = "pending" if azure else "validating_files"
    assert job.status == first
    job, statuses = until_over(job)
    assert statuses == [first, "queued", "running", "succeeded"], statuses
    assert job.trained_tokens == 12 * 4 * 3 and job.hyperparameters.n_epochs == 3
    events = list(api.fine_tuning.jobs.list_events(job.id, limit=3))
    assert events[0].message == "The job has successfully completed"
    assert events[-1].message.startswith("Created fine-tuning job")
    steps = [event.data["step"] for event in events if event.type == "metrics"]
    assert steps == list(range(9, 0, -1)), steps
    checkpoints = list(api.fine_tuning.jobs.checkpoints.list(job.id))
    assert [each.step_number for each in checkpoints] == [9, 6, 3]
    assert checkpoints[0].metrics.full_valid_loss > 0
    csv = api.files.content(job.result_files[0]).text
    assert csv.startswith("step,train_loss,") and len(csv.splitlines()) == 10
    assert job.id in [each.id for each in api.fine_tuning.jobs.list()]
    tuned = job.fine_tuned_model
    if azure:
        deploy(tuned)
        tuned = "cora-v1"
    else:
        assert tuned.startswith(f"ft:{model}:") and ":cora:" in tuned
    assert api.chat.completions.create(model=tuned, messages=user).choices[0].message.content
    assert tuned in [each.id for each in api.models.list()]

    few = upload(3)
    job, _ = until_over(api.fine_tuning.jobs.create(model=model, training_file=few.id))
    assert job.status == "failed" and job.error.code == "invalid_n_examples", job.error
    refused(openai.BadRequestError, "model_not_available", lambda: api.fine_tuning.jobs.create(
        model="gpt-none", training_file=file.id))
    job = api.fine_tuning.jobs.create(model=model, training_file=file.id)
    assert api.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    job = api.fine_tuning.jobs.create(model=model, training_file=file.id)
    while job.status != "running":
        job = api.fine_tuning.jobs.retrieve(job.id)
    assert api.fine_tuning.jobs.pause(job.id).status == "paused"
    assert api.fine_tuning.jobs.retrieve(job.id).status == "paused"
    assert api.fine_tuning.jobs.resume(job.id).status == "running"


def deploy(name):
    address = (base.split("/openai")[0] + "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices"
               "/accounts/a/deployments/cora-v1?api-version=2024-10-21")

    def ask(method, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data=data, method=method, headers={"Authorization": "Bearer t"})
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.load(reply)

    status, answer = ask("PUT", {"sku": {"name": "standard", "capacity": 1}, "properties": {
        "model": {"format": "OpenAI", "name": name, "version": "1"}}})
    assert status == 201 and answer["properties"]["provisioningState"] == "Creating"
    refused(openai.NotFoundError, "DeploymentNotFound", lambda: api.chat.completions.create(
        model="cora-v1", messages=user))
    while ask("GET")[1]["properties"]["provisioningState"] != "Succeeded":
        pass


def graders_and_evals():
    same = {"type": "string_check", "name": "same", "operation": "eq", "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}"}
    judge = {"type": "score_model", "name": "polite", "model": "gpt-4.1", "range": [1, 5], "pass_threshold": 3,
             "input": [{"role": "user", "content": "Rate: {{sample.output_text}}"}]}
    assert api.fine_tuning.alpha.graders.validate(grader=same).grader.name == "same"
    graded = api.fine_tuning.alpha.graders.run(grader=same, item={"answer": "four"}, model_sample="four")
    assert graded.reward == 1 and not graded.metadata.errors.invalid_variable_error
    more = {"extra_headers": {"aoai-evals": "preview"}, "extra_query": {"api-version": "preview"}} if azure else {}
    config = {"type": "custom", "item_schema": {"type": "object", "properties": {"answer": {"type": "string"}}}}
    made = api.evals.create(name="lab", data_source_config=config, testing_criteria=[same, judge], **more)
    assert made.testing_criteria[1].range == [1, 5] and made.data_source_config.schema_
    content = [{"item": {"answer": word}, "sample": {"output_text": "one"}} for word in ("one", "two", "one")]
    run = api.evals.runs.create(eval_id=made.id, data_source={
        "type": "jsonl", "source": {"type": "file_content", "content": content}}, **more)
    while run.status != "completed":
        run = api.evals.runs.retrieve(run.id, eval_id=made.id, **more)
    assert run.result_counts.total == 3
    assert [each.passed for each in run.per_testing_criteria_results][0] == 2
    items = list(api.evals.runs.output_items.list(run.id, eval_id=made.id, limit=2, **more))
    assert [item.results[0].passed for item in items] == [True, False, True]
    run = api.evals.runs.create(eval_id=made.id, data_source={
        "type": "completions", "model": model, "source": {"type": "file_content", "content": content},
        "input_messages": {"type": "template", "template": [{"role": "user", "content": "Say {{item.answer}}"}]},
    }, **more)
    while run.status != "completed":
        run = api.evals.runs.retrieve(run.id, eval_id=made.id, **more)
    assert run.result_counts.total == 3
    assert api.evals.delete(made.id, **more).deleted


def keys():
    wrong = openai.OpenAI(base_url=base, api_key="sk-wrong-0123456789", max_retries=0)
    refused(openai.AuthenticationError, "401" if azure else "invalid_api_key", lambda: wrong.models.list())


chat()
stored()
models()
embeddings()
fine_tuning(files())
graders_and_evals()
keys()
print(f"openai {openai.__version__}: all understood")
