"""Writes a small tape by Python's json and hashlib, for TapeTests.

The digest is the SHA-256 of the header without its `sha256` and of each completion, in JSON with sorted fields and
without blanks, UTF-8, each followed by a line feed. Run: python3 tape_reference.py > tape.jsonl, and put the text into
Tests/RemoteModelsTests/TapeFixture.swift. No package is needed.
"""

import hashlib
import json


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def line(name, prompt, answer, temperature=0.2, ordinal=0):
    return {
        "id": name,
        "object": "chat.completion",
        "created": 1763794800,
        "model": "gpt-4.1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
        "metadata": {"lab": "3.3"},
        "messages": [
            {"role": "system", "content": "You are Cora."},
            {"role": "user", "content": prompt},
        ],
        "temperature": temperature,
        "top_p": 1.0,
        "max_completion_tokens": 64,
        "seed": 0,
        "distnb": {
            "endpoint": "api.openai.com",
            "name": "cora",
            "ordinal": ordinal,
            "seconds": 0.75,
            "created": 1763794800.5,
        },
    }


lines = [
    line("chatcmpl-1", "Where is my order?", "On its way — “tomorrow”."),
    line("chatcmpl-2", "Can I return paint?", "Ja, innerhalb von 30 Tagen: größere Mengen auch.\n"),
    line("chatcmpl-3", "Can I return paint?", "Yes.", temperature=0.8, ordinal=1),
]
header = {
    "distnb_tape": 1,
    "recorded": "2026-11-22T07:00:00Z",
    "kernel": "openai",
    "max_tokens": 64,
    "models": [
        {
            "alias": "teacher",
            "endpoint": "api.openai.com",
            "id": "gpt-4.1",
            "name": "gpt-4.1",
            "price": {"input": 2.0, "output": 8.0, "as_of": "2026-11-01", "source": "openai.com/pricing"},
        }
    ],
    "count": len(lines),
}
digest = hashlib.sha256()
for value in [header] + lines:
    digest.update((canonical(value) + "\n").encode())
header["sha256"] = digest.hexdigest()
for value in [header] + lines:
    print(json.dumps(value, ensure_ascii=False))
