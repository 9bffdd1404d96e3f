#!/usr/bin/env python3
"""10,000 rows through a service, 64 in flight: distnb and OpenAI's own AsyncOpenAI against what the service can give.

Both ask a double of the service (service-double) on this machine that works on 64 calls at once; how long a call takes
is drawn by its content, so it is the same for both. The service can give 64 calls in the mean time of one. Each time
is that of a whole process, from start to end: it reads the rows, asks, and writes the answers to a file.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parents[2]
here = pathlib.Path(__file__).resolve().parent
words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
words.add_argument("--rows", type=int, default=10_000)
words.add_argument("--in-flight", type=int, default=64)
words.add_argument("--latency-ms", type=float, default=100)
words.add_argument("--spread", type=float, default=0.5)
words.add_argument("--faults", nargs="*", default=[], help="NAME=RATE, as service-double takes them")
words.add_argument("--python", default=sys.executable, help="a Python that has openai")
words.add_argument("--only", choices=["distnb", "openai"])
options = words.parse_args()
model = "gpt-4.1-nano"


def finish(command, folder, environment):
    """Runs a command. Returns its seconds and its peak memory in MB."""
    began = time.monotonic()
    with open(folder / "said.txt", "wb") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status:
        sys.exit(f"{command[0]} failed:\n" + (folder / "said.txt").read_text()[-2000:])
    return seconds, usage.ru_maxrss / 1000


def distnb(base, folder):
    home = folder / "home"
    (home / "kernels/double").mkdir(parents=True)
    (home / "kernels/double/kernel.json").write_text(json.dumps({
        "display_name": "the double", "language": "distnb", "argv": ["distnb"], "metadata": {"distnb": {
            "provider": "compatible", "endpoint": base, "has": ["seed"], "max_tokens": 64,
            "limits": {"in_flight": options.in_flight, "tries": 20, "timeout": 60},
            "models": {"teacher": {"id": model}}}}}))
    cells = ['let rows = load "rows.jsonl"\nlet cora = model "teacher"',
             'rows | generate cora | select .row, .output | save "out/answers.jsonl" | count']
    (folder / "a.distnb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "execution_count": None, "id": f"c{number}", "metadata": {}, "outputs": [],
         "source": [source]} for number, source in enumerate(cells)]}))
    binary = os.environ.get("DISTNB_BINARY", str(root / ".build/release/distnb"))
    return finish([binary, "run", "a.distnb", "--kernel", "double"], folder, os.environ | {"DISTNB_HOME": str(home)})


def openai(base, folder):
    (folder / "out").mkdir()
    return finish(
        [options.python, str(here / "peer.py"), base, "rows.jsonl", "out/answers.jsonl", str(options.in_flight), model],
        folder, dict(os.environ))


def measure(name, run):
    with tempfile.TemporaryDirectory(prefix="distnb-remote-") as path:
        folder = pathlib.Path(path)
        (folder / "rows.jsonl").write_text("".join(
            json.dumps({"row": row, "prompt": f"Customer {row} asks: where is my order number {row * 731}, please?"})
            + "\n" for row in range(options.rows)))
        binary = os.environ.get("SERVICE_DOUBLE", str(root / ".build/release/service-double"))
        service = subprocess.Popen(
            [binary, "--latency-ms", str(options.latency_ms), "--latency-spread", str(options.spread),
             "--capacity", str(options.in_flight), "--words", "20", "--retry-after", "0.2"]
            + (["--faults", *options.faults] if options.faults else []),
            stdout=subprocess.PIPE, text=True)
        try:
            seconds, memory = run(service.stdout.readline().strip(), folder)
        finally:
            service.send_signal(signal.SIGINT)
            report = json.loads(service.stdout.read())
            service.wait()
        answers = (folder / "out/answers.jsonl").read_text().splitlines()
        numbers = sorted(json.loads(line)["row"] for line in answers)
        assert numbers == list(range(options.rows)), f"{name}: {len(numbers)} answers, not each row's one"
    return {"name": name, "seconds": seconds, "memory": memory, "report": report}


def show(results):
    latency = results[0]["report"]["latency_s"]
    most = options.in_flight / latency["mean"]
    print(f"{options.rows} rows, {options.in_flight} in flight, {os.cpu_count()} cores, load average "
          f"{os.getloadavg()[0]:.1f}. A call takes, by the service's clock: mean {latency['mean'] * 1000:.0f} ms, "
          f"p50 {latency['p50'] * 1000:.0f}, p90 {latency['p90'] * 1000:.0f}, p99 {latency['p99'] * 1000:.0f}, "
          f"at most {latency['max'] * 1000:.0f}.")
    print(f"The service can give {most:.0f} rows/s.\n")
    print("| Program | Seconds | Rows/s | Of what the service can give | From first request to last reply "
          "| Most in flight | Peak memory |")
    print("|---|---|---|---|---|---|---|")
    for each in results:
        rate, report = options.rows / each["seconds"], each["report"]
        inner = options.rows / report["seconds"]
        print(f"| {each['name']} | {each['seconds']:.1f} | {rate:.0f} | {rate / most:.1%} "
              f"| {report['seconds']:.1f} s, {inner / most:.1%} | {report['most_in_flight']} "
              f"| {each['memory']:.0f} MB |")
    for each in results:
        report = each["report"]
        if report["faults"]:
            print(f"\n{each['name']}: {report['requests']} requests, {report['generated'] - options.rows} paid twice; "
                  + ", ".join(f"{count} × {fault}" for fault, count in report["faults"].items()))


programs = {"distnb": ("distnb", distnb), "openai": ("openai, AsyncOpenAI", openai)}
chosen = [options.only] if options.only else list(programs)
show([measure(*programs[name]) for name in chosen])
