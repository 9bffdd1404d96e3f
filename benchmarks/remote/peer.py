#!/usr/bin/env python3
"""The peer: OpenAI's own asynchronous client with so many requests in flight, answers into a file as they come.

    peer.py BASE_URL ROWS.jsonl OUT.jsonl IN_FLIGHT MODEL
"""
import asyncio
import json
import sys

import openai


async def main(base, rows, out, in_flight, model):
    client = openai.AsyncOpenAI(base_url=base, api_key="of-no-use", max_retries=8)
    left = iter(rows)

    async def work(file):
        for row in left:
            reply = await client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": row["prompt"]}], temperature=0, seed=0, max_tokens=64)
            file.write(json.dumps(row | {"output": reply.choices[0].message.content}) + "\n")

    with open(out, "w", encoding="utf-8") as file:
        await asyncio.gather(*(work(file) for _ in range(in_flight)))


base, rows, out, in_flight, model = sys.argv[1:]
with open(rows, encoding="utf-8") as file:
    asyncio.run(main(base, [json.loads(line) for line in file], out, int(in_flight), model))
