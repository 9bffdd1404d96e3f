"""Tokens a second of llama.cpp's server, through xllamacpp, for the chats in a JSON file.

Prints one JSON object: tokens generated, seconds (of the requests alone: the server is loaded and warmed before), version.
"""

import json
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import xllamacpp


def main():
    gguf, chats_file, parallel, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with open(chats_file, encoding="utf-8") as file:
        job = json.load(file)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = gguf
    parameters.n_parallel = parallel
    parameters.n_ctx = 1024 * parallel
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(parameters)

    def answer(messages):
        body = {"messages": messages, "max_tokens": job["max_tokens"], "temperature": 0, "cache_prompt": True}
        request = urllib.request.Request(
            server.listening_address + "/v1/chat/completions", data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)["usage"]["completion_tokens"]

    answer([{"role": "user", "content": "Hello"}])
    start = time.perf_counter()
    with ThreadPoolExecutor(parallel) as pool:
        tokens = sum(pool.map(answer, job["chats"]))
    seconds = time.perf_counter() - start
    print(json.dumps({"tokens": tokens, "seconds": seconds, "version": getattr(xllamacpp, "__version__", "?")}), flush=True)


main()
