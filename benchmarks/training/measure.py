"""Tokens a second of fine-tuning the 10-layer student: distnb against PyTorch (+ PEFT), in one run.

Both train on the same rows of exactly 38 tokens, 8 a step: rank 32 on all seven projections, or every weight; AdamW,
prompt tokens masked, fp32. PyTorch is timed after 3 steps of warming up; distnb's figure covers all steps and the
checkpoints between them. Two kinds of rows: with one system prompt, as a lab has them (distnb reads what rows begin with
once a step; PyTorch has no such thing), and with beginnings that all differ. Tokens are counted alike: all of all rows.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).resolve().parents[2]
LENGTH, BATCH, STEPS, WARM_UP = 38, 8, 24, 3
WORDS = ["Red", "Blue", "Green", "White", "Black", "Brown", "Yellow", "Orange"]
SYSTEM = "You are Cora. Answer as JSON."


def chat(system, question):
    return (
        f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
    )


def rows(tokenizer, shared):
    """Questions of the lab with their intents that come to LENGTH tokens; without a shared system prompt those of a batch
    have system prompts that begin with different words."""
    found = []
    lines = (ROOT / "notebooks/data/zava-questions.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        row = json.loads(line)
        word = WORDS[len(found) % BATCH]
        for system in [SYSTEM] if shared else [f"{word}{' Cora' * pad}." for pad in range(1, 12)]:
            prompt = tokenizer(chat(system, row["question"]))["input_ids"]
            target = tokenizer(row["intent"] + "<|im_end|>")["input_ids"]
            if len(prompt) + len(target) == LENGTH:
                found.append((system, row["question"], row["intent"], prompt, target))
                break
    need = BATCH * STEPS
    assert len(found) >= (BATCH if shared else need), f"only {len(found)} rows fit"
    for start in range(0, 0 if shared else need, BATCH):
        beginnings = {tuple(prompt[:4]) for *_, prompt, _ in found[start : start + BATCH]}
        assert len(beginnings) == BATCH, "rows of a batch begin alike"
    return [found[i % len(found)] for i in range(need)]


def torch_rate(model, data):
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0)
    model.train()
    tokens = 0
    for step in range(STEPS):
        if step == WARM_UP:
            start, tokens = time.perf_counter(), 0
        batch = data[step * BATCH : (step + 1) * BATCH]
        ids = torch.tensor([prompt + target for *_, prompt, target in batch])
        labels = ids.clone()
        for index, (*_, prompt, _) in enumerate(batch):
            labels[index, : len(prompt)] = -100
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        tokens += ids.numel()
    return tokens / (time.perf_counter() - start)


def student(gguf, layers):
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    model.model.layers = torch.nn.ModuleList(model.model.layers[i] for i in layers)
    for index, layer in enumerate(model.model.layers):
        layer.self_attn.layer_idx = index
    model.config.num_hidden_layers = len(layers)
    model.config.use_cache = False
    return model


def lora(model):
    from peft import LoraConfig, get_peft_model

    names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    return get_peft_model(model, LoraConfig(r=32, lora_alpha=64, target_modules=names, task_type="CAUSAL_LM"))


def distnb_rate(program, data, update):
    """One epoch over the rows, by a notebook; `finetune` itself says how fast it was."""
    options = "update: \"full\", learning_rate: 1e-4" if update == "full" else "rank: 32, learning_rate: 1e-4"
    source = (
        'let rows = load "rows.jsonl"\nlet tuned = rows | finetune (model "student"), target: .target, '
        f"epochs: 1, batch_size: {BATCH}, {options}"
    )
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": source}
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/rows.jsonl", "w", encoding="utf-8") as file:
            for system, question, target, *_ in data:
                messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
                file.write(json.dumps({"messages": messages, "target": target}) + "\n")
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        Path(f"{folder}/bench.distnb").write_text(json.dumps(notebook), encoding="utf-8")
        done = subprocess.run([program, "run", f"{folder}/bench.distnb"], capture_output=True, text=True)
        rate = re.search(r"([\d,]+) tokens/s", done.stdout)
        if done.returncode or not rate:
            raise SystemExit(done.stdout + done.stderr)
        return float(rate.group(1).replace(",", ""))


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--distnb", type=Path, required=True)
    arguments = parser.parse_args()
    program = str(arguments.distnb.resolve())
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(cores)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore")
    kernel = json.loads((ROOT / "kernels/embedded/kernel.json").read_text(encoding="utf-8"))
    layers = kernel["metadata"]["distnb"]["models"]["student"]["layers"]
    tokenizer = AutoTokenizer.from_pretrained(arguments.gguf.parent, gguf_file=arguments.gguf.name)
    print(f"{processor()}, {cores} cores; torch {torch.__version__}, transformers {transformers.__version__}")
    print(f"student of {len(layers)} layers, rows of {LENGTH} tokens, {BATCH} a step, {STEPS} steps\n")
    print(f"{'':34}{'distnb':>10}{'PyTorch':>10}{'ratio':>8}")
    for update in ["lora", "full"]:
        for shared in [True, False]:
            data = rows(tokenizer, shared)
            own = distnb_rate(program, data, update)
            model = student(arguments.gguf, layers)
            peer = torch_rate(lora(model) if update == "lora" else model, data)
            what = f"{'LoRA, rank 32' if update == 'lora' else 'full'}, {'one prompt' if shared else 'all different'}"
            print(f"{what:34}{own:>6.0f} t/s{peer:>6.0f} t/s{own / peer:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
