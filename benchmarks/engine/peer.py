"""Tokens a second and peak memory of fine-tuning with PyTorch (+ PEFT), for rows in a JSON file; one job a process.

AdamW, prompt tokens masked, fp32, gradients clipped; timed after three steps of warming up. Prints one JSON object.
"""

import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

import torch
import transformers
from transformers import AutoModelForCausalLM

WARM_UP = 3


def load(gguf, layers):
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    if layers:
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


def main():
    gguf, job = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.filterwarnings("ignore")
    model = load(gguf, job["layers"])
    if job["update"] == "lora":
        model = lora(model)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0)
    model.train()
    tokens, start = 0, time.perf_counter()
    rows, size = job["rows"], job["batch"]
    for step in range(len(rows) // size):
        if step == WARM_UP:
            start, tokens = time.perf_counter(), 0
        batch = rows[step * size : (step + 1) * size]
        ids = torch.tensor([row["prompt"] + row["target"] for row in batch])
        labels = ids.clone()
        for index, row in enumerate(batch):
            labels[index, : len(row["prompt"])] = -100
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        tokens += ids.numel()
    rate = tokens / (time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": rate, "megabytes": peak}), flush=True)


main()
