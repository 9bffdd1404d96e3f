"""The embedded engine against its peers, in one run on one machine.

Generation against llama.cpp's server with the same file, chats and number of new tokens at temperature 0. distnb's time is
that of the whole process (start, loading, reading prompts, saving the notebook); llama.cpp's that of the requests alone.
Training against PyTorch with PEFT on the same rows of exactly 38 tokens, 8 a step; distnb's rate is what `finetune` says
(all steps), PyTorch's leaves out three steps of warming up. Peak memory is each process's largest resident set.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LENGTH, BATCH, STEPS = 38, 8, 24
WORDS = ["Red", "Blue", "Green", "White", "Black", "Brown", "Yellow", "Orange"]
SYSTEM = "You are Cora. Answer as JSON."


def questions():
    lines = (ROOT / "notebooks/data/zava-questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def notebook(folder, source):
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": source}
    whole = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = Path(folder) / "bench.distnb"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


WATCH = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stderr=subprocess.STDOUT)
print(f"\\npeak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}", flush=True)
sys.exit(done.returncode)
"""


class Program:
    """The built distnb."""

    def __init__(self, path, threads=None):
        self.path = str(path.resolve())
        self.environment = dict(os.environ, **({"DISTNB_THREADS": str(threads)} if threads else {}))

    def run(self, path, *options):
        """Standard output, seconds, and the process's peak memory in MB."""
        # By a small process of its own: a child's peak begins with what its parent took when it was forked.
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-S", "-E", "-c", WATCH, self.path, "run", str(path), *options], capture_output=True,
            text=True, env=self.environment)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        text, peak = done.stdout.rsplit("\npeak ", 1)
        return text, seconds, int(peak) / 1024

    def generate(self, chats, tokens, model="base"):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/chats.jsonl", "w", encoding="utf-8") as file:
                for chat in chats:
                    file.write(json.dumps({"messages": chat}) + "\n")
            path = notebook(
                folder, f'let out = load "chats.jsonl" | generate (model "{model}"), max_tokens: {tokens}')
            _, seconds, megabytes = self.run(path)
            with sqlite3.connect(f"{folder}/.distnb/completions.sqlite") as store:
                (count,) = store.execute("select sum(completion_tokens) from completions").fetchone()
            return count / seconds, count, megabytes

    def train(self, rows, model, update, batch=BATCH):
        options = 'update: "full", learning_rate: 1e-4' if update == "full" else "rank: 32, learning_rate: 1e-4"
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/rows.jsonl", "w", encoding="utf-8") as file:
                for row in rows:
                    messages = [{"role": "system", "content": row["system"]}, {"role": "user", "content": row["question"]}]
                    file.write(json.dumps({"messages": messages, "target": row["answer"]}) + "\n")
            source = (
                'let rows = load "rows.jsonl"\n'
                f'let tuned = rows | finetune (model "{model}"), target: .target, epochs: 1, batch_size: {batch}, {options}')
            text, _, megabytes = self.run(notebook(folder, source))
            rate = re.search(r"([\d,]+) tokens/s", text)
            if not rate:
                raise SystemExit(text)
            return float(rate.group(1).replace(",", "")), megabytes


def training_rows(gguf, shared):
    """Questions of the lab with their intents that come to LENGTH tokens; without a shared system prompt those of a batch
    have system prompts that begin with different words."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)

    def chat(system, question):
        return (
            f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n")

    found = []
    for row in questions():
        word = WORDS[len(found) % BATCH]
        for system in [SYSTEM] if shared else [f"{word}{' Cora' * pad}." for pad in range(1, 12)]:
            prompt = tokenizer(chat(system, row["question"]))["input_ids"]
            target = tokenizer(row["intent"] + "<|im_end|>")["input_ids"]
            if len(prompt) + len(target) == LENGTH:
                found.append({
                    "system": system, "question": row["question"], "answer": row["intent"], "prompt": prompt,
                    "target": target})
                break
    need = BATCH * STEPS
    assert len(found) >= (BATCH if shared else need), f"only {len(found)} rows fit"
    return [found[i % len(found)] for i in range(need)]


def line(what, own, peer, unit="t/s", memory=None):
    text = f"{what:46}{own:>8.0f} {unit}{peer:>8.0f} {unit}{own / peer:>8.2f}"
    if memory:
        text += f"{memory[0]:>9.0f} MB{memory[1]:>7.0f} MB{memory[0] / memory[1]:>7.2f}"
    print(text, flush=True)


def generation(program, gguf, llama, threads):
    print(f"\n{'generation, SmolLM2-135M Q4_1':46}{'distnb':>12}{'llama.cpp':>12}{'ratio':>8}")

    def peer(chats, tokens, parallel):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"chats": chats, "max_tokens": tokens}, file)
            file.flush()
            done = subprocess.run(
                [llama, str(Path(__file__).with_name("llama.py")), str(gguf), file.name, str(parallel), str(threads)],
                capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr[-2000:])
            result = json.loads(done.stdout.strip().splitlines()[-1])
            return result["tokens"] / result["seconds"]

    story = [[{"role": "user", "content": "Write a long story about a dragon who learns to read."}]]
    own, _, megabytes = program.generate(story, 256)
    line("one stream, 256 tokens", own, peer(story, 256, 1))
    chats = [
        [{"role": "system", "content": "You help customers of a hardware shop. Answer in two sentences."},
         {"role": "user", "content": row["question"]}] for row in questions()[:128]]
    rates = {parallel: peer(chats, 64, parallel) for parallel in (8, 16, 32)}
    best = max(rates, key=rates.get)
    own, count, more = program.generate(chats, 64)
    line(f"a data set: 128 chats, 64 tokens (its best: {best})", own, rates[best])
    print(f"peak memory of distnb: {megabytes:.0f} MB, {more:.0f} MB")


def training(program, gguf):
    print(f"\n{'training, rows of 38 tokens, 8 a step':46}{'distnb':>12}{'PyTorch':>12}{'ratio':>8}{'peak memory':>21}{'ratio':>9}")
    kernel = json.loads((ROOT / "kernels/embedded/kernel.json").read_text(encoding="utf-8"))
    layers = kernel["metadata"]["distnb"]["models"]["student"]["layers"]
    jobs = [("student", layers, "lora", False), ("student", layers, "lora", True), ("student", layers, "full", False),
            ("student", layers, "full", True), ("base", None, "lora", False)]
    for model, chosen, update, shared in jobs:
        rows = training_rows(gguf, shared)
        own, own_memory = program.train(rows, model, update)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"layers": chosen, "update": update, "rows": rows, "batch": BATCH}, file)
            file.flush()
            done = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("peer.py")), str(gguf), file.name],
                capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr[-2000:])
            result = json.loads(done.stdout.strip().splitlines()[-1])
        name = "LoRA r32" if update == "lora" else "full"
        what = f"{name}, {len(chosen) if chosen else 30} layers, {'one prompt' if shared else 'all different'}"
        line(what, own, result["rate"], memory=(own_memory, result["megabytes"]))


def lab(program):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "notebooks", f"{folder}/notebooks", ignore=shutil.ignore_patterns(".distnb"))
        path = Path(folder) / "notebooks/lab-3.3-distillation.distnb"
        _, seconds, megabytes = program.run(path, "--all", "--fresh")
    print(f"\nlab 3.3 whole: {seconds / 60:.1f} minutes, peak memory {megabytes:.0f} MB")


def tables(path, gguf):
    rows = training_rows(gguf, False)
    cores = len(os.sched_getaffinity(0))
    print("\ndistnb alone, tokens a second")
    print(f"{'LoRA r32, rows of 38':34}" + "".join(f"{f'batch {b}':>12}" for b in (1, 4, 8, 32)))
    for threads in sorted({1, cores}):
        for model in ["student", "base"]:
            rates = [Program(path, threads).train(rows[: max(24, 4 * b)], model, "lora", b)[0] for b in (1, 4, 8, 32)]
            print(f"{model + f', {threads} threads':34}" + "".join(f"{rate:>12.0f}" for rate in rates), flush=True)
    chats = [[{"role": "user", "content": row["question"]}] for row in questions()]
    print(f"{'generation':34}" + "".join(f"{f'{n} rows':>12}" for n in (1, 8, 32, 128)))
    for threads in sorted({1, cores}):
        for model in ["student", "base"]:
            rates = [Program(path, threads).generate(chats[:n], 48, model)[0] for n in (1, 8, 32, 128)]
            print(f"{model + f', {threads} threads':34}" + "".join(f"{rate:>12.0f}" for rate in rates), flush=True)
    print(f"{'generation, base, 32 rows':34}" + "".join(f"{f'{n} tokens':>12}" for n in (16, 64, 256)))
    rates = [Program(path, cores).generate(chats[:32], n)[0] for n in (16, 64, 256)]
    print(f"{f'{cores} threads':34}" + "".join(f"{rate:>12.0f}" for rate in rates), flush=True)


def processor():
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return text.split(":", 1)[1].strip()
    return "unknown processor"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--distnb", type=Path, required=True)
    parser.add_argument("--llama", required=True)
    parser.add_argument("--only", choices=["generation", "training", "lab", "tables"])
    parser.add_argument("--tables", action="store_true")
    arguments = parser.parse_args()
    program = Program(arguments.distnb)
    cores = len(os.sched_getaffinity(0))
    flags = Path("/proc/cpuinfo").read_text()
    tiles = "with tiles (AMX)" if "amx_bf16" in flags and not os.environ.get("DISTNB_PLAIN") else "without tiles"
    print(f"{processor()}, {cores} cores, {tiles}, load {os.getloadavg()[0]:.1f}")
    part = arguments.only
    if part in (None, "generation"):
        generation(program, arguments.gguf, arguments.llama, cores)
    if part in (None, "training"):
        training(program, arguments.gguf)
    if part in (None, "lab"):
        lab(program)
    if part == "tables" or (part is None and arguments.tables):
        tables(arguments.distnb, arguments.gguf)


main()
