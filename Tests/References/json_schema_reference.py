"""Writes DistillationTests/Fixtures/json-schema.json: what Python's jsonschema says of values under schemas.

Each case is a schema and, for each of `values`, whether Draft202012Validator finds it valid. All rules that JSONSchema.swift reads
occur, alone and together.
"""

import argparse
import importlib.metadata
import json
from pathlib import Path

from jsonschema import Draft202012Validator

VALUES = [
    None, True, False, 0, 1, -1, 2, 3, 10, 1.0, 1.5, -0.5, 2.5, 1e300, "", "a", "ab", "abc", "abcd", "refund", "track", "é",
    "👍🏽", "1", "2026-05-03", "x\ny", [], [1], [1, 2], [1, 1], [1, 1.0], [1, True], [0, False], ["a"], ["a", "b", "c"],
    [None], [[1], [1]], [{"a": 1, "b": 2}, {"b": 2, "a": 1}], [1, "a"], {}, {"a": 1}, {"a": "x"}, {"a": None}, {"b": 1},
    {"a": 1, "b": 2}, {"a": 1, "c": 3}, {"intent": "refund"}, {"intent": "other"}, {"intent": "refund", "n": 2},
    {"intent": "refund", "n": 2.0}, {"intent": "refund", "n": 2.5}, {"intent": "refund", "n": "2"}, {"n": 3},
    {"items": [{"id": 1}, {"id": 2}]}, {"items": [{"id": 1}, {"id": "2"}]}, {"items": [{}]}, {"items": []}, {"items": "no"},
]

SCHEMAS = [
    True, False, {}, {"title": "t", "description": "d", "default": 1, "examples": [1], "format": "date", "$comment": "c"},
    {"type": "null"}, {"type": "boolean"}, {"type": "integer"}, {"type": "number"}, {"type": "string"}, {"type": "array"},
    {"type": "object"}, {"type": ["string", "null"]}, {"type": []}, {"enum": ["refund", "track"]}, {"enum": [1, None, [1, 2]]},
    {"enum": [True]}, {"enum": [0]}, {"enum": []}, {"const": 1}, {"const": {"a": 1}}, {"const": False}, {"const": None},
    {"minimum": 1}, {"maximum": 1}, {"exclusiveMinimum": 1}, {"exclusiveMaximum": 1.5}, {"minimum": -0.5, "maximum": 2},
    {"minLength": 1}, {"maxLength": 2}, {"minLength": 2, "maxLength": 3}, {"pattern": "^a"}, {"pattern": "[0-9]{4}-[0-9]{2}"},
    {"pattern": "b$"}, {"minItems": 1}, {"maxItems": 1}, {"minItems": 2, "maxItems": 2}, {"uniqueItems": True},
    {"uniqueItems": False}, {"items": {"type": "integer"}}, {"items": False}, {"items": {"items": {"type": "number"}}},
    {"properties": {"a": {"type": "integer"}}}, {"required": ["a"]}, {"required": []}, {"required": ["a", "b"]},
    {"properties": {"a": {}}, "additionalProperties": False}, {"additionalProperties": False},
    {"additionalProperties": {"type": "integer"}}, {"properties": {"a": True}, "additionalProperties": {"minimum": 3}},
    {"anyOf": [{"type": "string"}, {"minimum": 2}]}, {"allOf": [{"minimum": 1}, {"maximum": 2}]},
    {"oneOf": [{"type": "integer"}, {"minimum": 2}]}, {"not": {"type": "string"}}, {"not": {}},
    {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {"type": "integer"}}},
    {
        "type": "object",
        "properties": {"intent": {"enum": ["refund", "track"]}, "n": {"type": "integer", "minimum": 0, "maximum": 9}},
        "required": ["intent"], "additionalProperties": False,
    },
    {
        "type": "object",
        "properties": {
            "items": {
                "type": "array", "minItems": 1,
                "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
            }
        },
        "required": ["items"],
    },
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "DistillationTests" / "Fixtures")
    options = parser.parse_args()
    cases = []
    for schema in SCHEMAS:
        validator = Draft202012Validator(schema)
        cases.append({"schema": schema, "valid": [validator.is_valid(value) for value in VALUES]})
    fixture = {"version": importlib.metadata.version("jsonschema"), "values": VALUES, "cases": cases}
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "json-schema.json"
    path.write_text(json.dumps(fixture) + "\n", encoding="utf-8")
    print(f"{path}: {len(cases)} schemas, {len(VALUES)} values, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
