"""Logits, losses, gradients and ten AdamW steps of tiny random models of every architecture → architectures.json.

Each model is made by `transformers` from the `config` that the fixture holds, in fp32, with eager attention, and its
weights are overwritten by numbers that any language makes to the bit: entry n of the tensor with index t in `tensors`
(sorted by name) is

    u = splitmix64((t << 32) + n) >> 40;    value = fp32((u / 2^23 - 1) * scale) + base

with scale and base of the tensor's kind: norms 0.4 and 1 (Gemma's, stored without that 1: 0.4 and 0), biases 0.5 and 0,
matrices and embeddings 1.5 / sqrt(inputs) and 0. splitmix64 is Steele et al.'s finaliser of its argument plus
0x9E3779B97F4A7C15. `config` is what `save_pretrained` writes; `old_config`, where there is one, says the same in the
words of files from before transformers 5.

Sequences: `ids`; `logits` are those after every position that `positions` lists, over the whole vocabulary.
Batch: `rows`; the ids from `target_start` on are targets. Loss: cross-entropy summed over all targets of all rows,
divided by their number. Each row runs by itself.

LoRA as in training_reference.py, r = 3, alpha = 6. AdamW as there too; its ten losses and the last.
Gradients: of each trained tensor the norm and some entries (`indices` into the row-major flattened tensor). Names of
tensors are Hugging Face's; of LoRA `layers.N.module.A`.
"""

import argparse
import json
import math
import pathlib
import zlib

import numpy

from reference_common import FIXTURES, MODULES, linears, rounded, versions

RANK, ALPHA, STEPS = 3, 6.0, 10
VOCABULARY = 61

COMMON = dict(
    vocab_size=VOCABULARY, hidden_size=24, intermediate_size=40, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=512, attention_dropout=0.0, pad_token_id=None, bos_token_id=None, eos_token_id=None,
)  # fmt: skip

# name, config class, values; the same in old words: what is taken away, what is put in.
MODELS = [
    ("llama", "LlamaConfig", dict(num_hidden_layers=2, tie_word_embeddings=False, rms_norm_eps=1e-5), None),
    (
        "llama-linear", "LlamaConfig",
        dict(num_hidden_layers=2, tie_word_embeddings=True,
             rope_parameters={"rope_type": "linear", "factor": 4.0, "rope_theta": 5000.0}),
        (["rope_parameters"], {"rope_theta": 5000.0, "rope_scaling": {"type": "linear", "factor": 4.0}}),
    ),
    (
        "llama3", "LlamaConfig",
        dict(num_hidden_layers=2, tie_word_embeddings=True, head_dim=16,
             rope_parameters={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                              "original_max_position_embeddings": 64, "rope_theta": 1000.0}),
        (["rope_parameters"],
         {"rope_theta": 1000.0,
          "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                           "original_max_position_embeddings": 64}}),
    ),
    (
        "qwen2", "Qwen2Config",
        dict(num_hidden_layers=2, tie_word_embeddings=False, rope_parameters={"rope_type": "default", "rope_theta": 1e6}),
        (["rope_parameters", "layer_types"], {"rope_theta": 1e6}),
    ),
    ("qwen2-tied", "Qwen2Config", dict(num_hidden_layers=2, tie_word_embeddings=True), None),
    (
        "qwen2-sliding", "Qwen2Config",
        dict(num_hidden_layers=3, tie_word_embeddings=True, use_sliding_window=True, sliding_window=6,
             max_window_layers=1),
        (["layer_types"], {}),
    ),
    (
        "qwen3", "Qwen3Config",
        dict(num_hidden_layers=2, tie_word_embeddings=False, head_dim=10,
             rope_parameters={"rope_type": "default", "rope_theta": 1e6}),
        (["rope_parameters"], {"rope_theta": 1e6}),
    ),
    (
        "gemma3", "Gemma3TextConfig",
        dict(num_hidden_layers=3, tie_word_embeddings=True, head_dim=8, sliding_window=7, query_pre_attn_scalar=20,
             layer_types=["sliding_attention", "sliding_attention", "full_attention"],
             rope_parameters={
                 "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 100000.0},
                 "sliding_attention": {"rope_type": "default", "rope_theta": 500.0}}),
        (["rope_parameters", "layer_types", "tie_word_embeddings"],
         {"rope_theta": 100000.0, "rope_local_base_freq": 500.0, "sliding_window_pattern": 3,
          "rope_scaling": {"rope_type": "linear", "factor": 8.0}}),
    ),
    (
        "gemma3-capped", "Gemma3TextConfig",
        dict(num_hidden_layers=2, tie_word_embeddings=True, head_dim=8, sliding_window=40, query_pre_attn_scalar=8,
             layer_types=["sliding_attention", "full_attention"], final_logit_softcapping=5.0),
        None,
    ),
]  # fmt: skip


def mixed(values):
    """splitmix64's finaliser."""
    with numpy.errstate(over="ignore"):
        z = values + numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


def numbers(index, count):
    """In [-1, 1), exact in fp32."""
    ids = (numpy.uint64(index) << numpy.uint64(32)) + numpy.arange(count, dtype=numpy.uint64)
    return (mixed(ids) >> numpy.uint64(40)).astype(numpy.float32) / numpy.float32(1 << 23) - numpy.float32(1)


def kind(name, shape, is_gemma):
    if "norm" in name:
        return numpy.float32(0.4), numpy.float32(0 if is_gemma else 1)
    if name.endswith("bias"):
        return numpy.float32(0.5), numpy.float32(0)
    return numpy.float32(1.5 / math.sqrt(shape[-1])), numpy.float32(0)


def make(class_name, values):
    import torch
    import transformers

    config = getattr(transformers, class_name)(**{**COMMON, **values})
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32)
    model.model.embed_tokens.padding_idx = None
    names = sorted(name for name, _ in model.named_parameters())
    with torch.no_grad():
        for index, (name, tensor) in enumerate(sorted(model.named_parameters())):
            scale, base = kind(name, tensor.shape, "Gemma" in class_name)
            entries = numbers(index, tensor.numel()) * scale + base
            tensor.copy_(torch.from_numpy(entries.reshape(tensor.shape)))
    model.eval()
    return model, names


def check_same(model, class_name, values):
    """Holds that a config in old words makes the same model."""
    import torch

    other, _ = make(class_name, {key: value for key, value in values.items() if key != "model_type"})
    ids = torch.tensor([sequence(1, 30)])
    with torch.no_grad():
        assert torch.equal(model(input_ids=ids).logits, other(input_ids=ids).logits), class_name


def sequence(start, length):
    return [(start + 7 * i + i * i % 11) % VOCABULARY for i in range(length)]


ROWS = [
    {"ids": sequence(3, 12), "target_start": 6},
    {"ids": sequence(3, 5) + sequence(20, 20), "target_start": 8},
    {"ids": sequence(3, 5) + sequence(41, 4), "target_start": 7},
]


def loss_of(model):
    import torch

    total = 0
    for row in ROWS:
        start = row["target_start"]
        logits = model(input_ids=torch.tensor([row["ids"]]), use_cache=False).logits[0, start - 1 : -1]
        total = total + torch.nn.functional.cross_entropy(logits, torch.tensor(row["ids"][start:]), reduction="sum")
    return total / sum(len(row["ids"]) - row["target_start"] for row in ROWS)


def lora_values(kind, rows, columns, layer, module):
    i = numpy.arange(rows, dtype=numpy.float64)[:, None]
    j = numpy.arange(columns, dtype=numpy.float64)[None, :]
    angle = 0.37 * i + 0.11 * j + layer + module
    return (0.2 * numpy.sin(angle) if kind == "A" else 0.1 * numpy.cos(angle)).astype(numpy.float32)


def add_lora(model):
    import torch

    class LoRA(torch.nn.Module):
        def __init__(self, linear, layer, module):
            super().__init__()
            self.linear = linear
            made = lambda *key: torch.nn.Parameter(torch.from_numpy(lora_values(*key, layer, module)))
            self.A = made("A", RANK, linear.in_features)
            self.B = made("B", linear.out_features, RANK)

        def forward(self, x):
            return self.linear(x) + (ALPHA / RANK) * ((x @ self.A.T) @ self.B.T)

    model.requires_grad_(False)
    named = {}
    for index, layer in enumerate(model.model.layers):
        for module, (owner, attribute) in enumerate(linears(layer)):
            wrapped = LoRA(getattr(owner, attribute), index, module)
            setattr(owner, attribute, wrapped)
            named[f"layers.{index}.{MODULES[module]}.A"] = wrapped.A
            named[f"layers.{index}.{MODULES[module]}.B"] = wrapped.B
    return named


def gradient_norm(named):
    import torch

    return torch.stack([p.grad.double().norm() for p in named.values()]).norm()


def summary(name, tensor):
    random = numpy.random.RandomState(zlib.crc32(name.encode()))
    indices = sorted(int(i) for i in random.choice(tensor.numel(), min(4, tensor.numel()), replace=False))
    flat = tensor.detach().reshape(-1)
    return [name, rounded(flat.double().norm()), indices, [rounded(flat[index]) for index in indices]]


def training(model, named, rate):
    import torch

    loss = loss_of(model)
    loss.backward()
    result = {
        "loss": rounded(loss), "gradient_norm": rounded(gradient_norm(named)), "learning_rate": rate,
        "gradients": [summary(name, value.grad) for name, value in named.items()],
    }  # fmt: skip
    optimizer = torch.optim.AdamW(
        named.values(), lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, foreach=False, fused=False
    )
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model)
        loss.backward()
        norm = float(gradient_norm(named))
        for parameter in named.values():
            parameter.grad.mul_(min(1.0, 1.0 / (norm + 1e-6)))
        losses.append(rounded(loss))
        optimizer.step()
    with torch.no_grad():
        result["losses"] = losses + [rounded(loss_of(model))]
    return result


def main():
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixture is written to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    models = []
    for name, class_name, values, old in MODELS:
        model, names = make(class_name, values)
        config = json.loads(model.config.to_json_string(use_diff=False))
        config = {key: config[key] for key in sorted(config) if key in kept_keys(model.config)}
        config = {key: value for key, value in config.items() if not key.startswith("_")}
        entry = {"name": name, "config": config, "tensors": names}
        if old is not None:
            entry["old_config"] = {key: value for key, value in config.items() if key not in old[0]} | old[1]
            check_same(model, class_name, entry["old_config"])
        entry["sequences"] = []
        for ids in [sequence(1, 30), sequence(50, 3)]:
            with torch.no_grad():
                logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
            positions = sorted({0, len(ids) // 2, len(ids) - 1})
            entry["sequences"].append(
                {"ids": ids, "positions": positions,
                 "logits": [[rounded(value, 7) for value in logits[position]] for position in positions]}
            )  # fmt: skip
        full = training(model, dict(sorted(model.named_parameters())), 1e-3)
        model, _ = make(class_name, values)
        lora = training(model, add_lora(model), 1e-2)
        entry["full"], entry["lora"] = full, lora
        print(name, full["losses"][::5], lora["losses"][::5], flush=True)
        models.append(entry)
    head = {
        "made_by": "Tests/References/architecture_reference.py", "versions": versions(), "rank": RANK, "alpha": ALPHA,
        "modules": MODULES, "rows": ROWS,
    }  # fmt: skip
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    body = ",\n".join("  " + json.dumps(entry, separators=(",", ":")) for entry in models)
    path = options.out / "architectures.json"
    path.write_text("{\n" + ",\n".join(lines + [f'"models": [\n{body}\n]']) + "\n}\n", encoding="ascii")
    print(f"{path.name}: {path.stat().st_size} bytes")


def kept_keys(config):
    """What a config.json says about the numbers: not the token ids, the file's versions or the generation's options."""
    import transformers

    plain = set(json.loads(transformers.PreTrainedConfig().to_json_string(use_diff=False)))
    return (set(config.to_dict()) - plain) | {"model_type", "tie_word_embeddings", "architectures"}


if __name__ == "__main__":
    main()
