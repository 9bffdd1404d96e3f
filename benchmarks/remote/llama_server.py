"""llama.cpp's server of one GGUF file, through xllamacpp: prints its address, and ends when its input does.

    llama_server.py FILE.gguf [PARALLEL] [THREADS] [PORT]

Needs the package xllamacpp (benchmarks/engine/run says how it is had).
"""
import sys

import xllamacpp


def main():
    gguf = sys.argv[1]
    parallel, threads, port = (int(word) for word in (sys.argv[2:] + ["8", "2", "0"][len(sys.argv) - 2:])[:3])
    parameters = xllamacpp.CommonParams()
    parameters.model.path = gguf
    parameters.n_parallel = parallel
    parameters.n_ctx = 1024 * parallel
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    if port:
        parameters.port = port
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
