"""Checks the fixtures against a second, independent forward pass in float64; writes nothing.

It reads the weights from the GGUF without `transformers`, keeps the q and k rows in GGUF's order and so rotates
neighbouring pairs, and shares no model code with the other scripts. What it prints is how far fp32 (transformers,
eager) is from float64: the noise that a tolerance must allow for. It fails where that is more than noise.
"""

import json
import math

import numpy

from reference_common import MODULES, STUDENT_LAYERS, arguments

HEADS, GROUPS, WIDTH = 9, 3, 64


def weights(gguf):
    import torch
    from gguf import GGUFReader, dequantize

    return {
        tensor.name: torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)).double()
        for tensor in GGUFReader(gguf).tensors
    }


def gguf_rows(count):
    """For each row of q or k in GGUF's order the row in Hugging Face's: 64 h + 2 b + a holds 64 h + 32 a + b."""
    return [row // 64 * 64 + row % 2 * 32 + row % 64 // 2 for row in range(count)]


def forward(weight, layers, ids, lora=None):
    import torch

    norm = lambda x, w: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * w
    count = len(ids)
    angle = torch.arange(count).double()[:, None] * 100000.0 ** (-torch.arange(0, 64, 2).double() / 64)[None, :]
    cos, sin = angle.cos(), angle.sin()

    def rotate(x):  # [heads, tokens, 64]
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).reshape(x.shape)

    x = weight["token_embd.weight"][ids]
    mask = torch.full((count, count), -math.inf, dtype=torch.float64).triu(1)
    for index, source in enumerate(layers):

        def linear(name, kind, x):
            y = x @ weight[f"blk.{source}.{name}.weight"].T
            if lora:
                y = y + 2.0 * (x @ lora[f"layers.{index}.{kind}.A"].T) @ lora[f"layers.{index}.{kind}.B"].T
            return y

        h = norm(x, weight[f"blk.{source}.attn_norm.weight"])
        split = lambda y: y.reshape(count, -1, WIDTH).transpose(0, 1)
        q, k = rotate(split(linear("attn_q", "q", h))), rotate(split(linear("attn_k", "k", h)))
        v = split(linear("attn_v", "v", h))
        k, v = (y.repeat_interleave(HEADS // GROUPS, 0) for y in (k, v))
        attention = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(WIDTH) + mask, -1) @ v
        x = x + linear("attn_output", "o", attention.transpose(0, 1).reshape(count, -1))
        h = norm(x, weight[f"blk.{source}.ffn_norm.weight"])
        gate = torch.nn.functional.silu(linear("ffn_gate", "gate", h))
        x = x + linear("ffn_down", "down", gate * linear("ffn_up", "up", h))
    return norm(x, weight["output_norm.weight"]) @ weight["token_embd.weight"].T


def check_logits(weight, fixture):
    import torch

    worst = {"logits": 0.0, "max": 0.0, "logsumexp": 0.0}
    for model, layers in (("base", range(30)), ("student", STUDENT_LAYERS)):
        for prompt in fixture[model]:
            logits = forward(weight, layers, prompt["ids"])
            for entry in prompt["positions"]:
                row = logits[entry["position"]]
                assert int(row.argmax()) == entry["argmax"]
                differences = {
                    "logits": (row[fixture["vocabulary_ids"]] - torch.tensor(entry["logits"]).double()).abs().max(),
                    "max": (row.max() - entry["max"]).abs(),
                    "logsumexp": (torch.logsumexp(row, 0) - entry["logsumexp"]).abs(),
                }
                worst = {key: max(value, float(differences[key])) for key, value in worst.items()}
            full = forward(weight, layers, prompt["ids"] + prompt["greedy"])[len(prompt["ids"]) - 1 : -1]
            assert full.argmax(-1).tolist() == prompt["greedy"], prompt["name"]
    assert max(worst.values()) < 1e-3, worst
    print("logits: greatest absolute differences", worst, "- argmax and greedy ids all equal")


def check_gradients(weight, fixture):
    import torch
    from training_reference import lora_values

    rows = fixture["rows"]
    targets = sum(len(row["ids"]) - row["target_start"] for row in rows)

    def loss(lora=None):
        total = 0.0
        for row in rows:
            start = row["target_start"]
            logits = forward(weight, STUDENT_LAYERS, row["ids"], lora)[start - 1 : -1]
            total = total + torch.nn.functional.cross_entropy(logits, torch.tensor(row["ids"][start:]), reduction="sum")
        return total / targets

    def compare(title, value, head, entries, gradient_of):
        value = float(value.detach())
        norm, entry = 0.0, 0.0
        for item in entries:
            gradient = gradient_of(item["name"])
            assert list(gradient.shape) == item["shape"]
            found = gradient.reshape(-1)[item["indices"]]
            rms = item["norm"] / math.sqrt(gradient.numel())
            norm = max(norm, abs(float(gradient.norm()) / item["norm"] - 1))
            entry = max(entry, float((found - torch.tensor(item["values"]).double()).abs().max()) / rms)
        print(
            f"{title}: loss differs by {abs(value - head['loss']):.1e}; greatest relative difference of a "
            f"tensor's gradient norm {norm:.1e}; of an entry, over the tensor's rms, {entry:.1e}"
        )
        assert abs(value - head["loss"]) < 1e-4 and norm < 1e-4 and entry < 5e-3

    shapes = {item["name"]: item["shape"] for item in fixture["lora_gradients"]}
    order = {"q": gguf_rows(576), "k": gguf_rows(192)}
    back = {kind: numpy.argsort(rows) for kind, rows in order.items()}
    lora = {}
    for name, (height, width) in shapes.items():
        _, layer, kind, letter = name.split(".")
        values = torch.from_numpy(lora_values(letter, height, width, int(layer), MODULES.index(kind))).double()
        lora[name] = (values[order[kind]] if letter == "B" and kind in order else values).requires_grad_()
    value = loss(lora)
    value.backward()

    def lora_gradient(name):
        kind, letter = name.split(".")[2:]
        gradient = lora[name].grad
        return gradient[back[kind]] if letter == "B" and kind in order else gradient

    compare("LoRA", value, fixture["lora"], fixture["lora_gradients"], lora_gradient)

    names = {f"attn_{kind}": kind for kind in "qkv"} | {"attn_output": "o", "attn_norm": "attention_norm"}
    names |= {f"ffn_{kind}": kind for kind in ("gate", "up", "down")} | {"ffn_norm": "mlp_norm"}
    names = {
        f"layers.{index}.{ours}": f"blk.{source}.{theirs}.weight"
        for index, source in enumerate(STUDENT_LAYERS)
        for theirs, ours in names.items()
    }
    names |= {"embedding": "token_embd.weight", "final_norm": "output_norm.weight"}
    for name in names.values():
        weight[name].requires_grad_()
    value = loss()
    value.backward()

    def full_gradient(name):
        gradient = weight[names[name]].grad
        kind = name.split(".")[-1]
        return gradient[back[kind]] if kind in order else gradient

    compare("full", value, fixture["full"], fixture["full_gradients"], full_gradient)


def main():
    options = arguments(__doc__.splitlines()[0])
    import torch

    torch.set_num_threads(2)
    weight = weights(options.gguf)
    with torch.no_grad():
        check_logits(weight, json.loads((options.out / "logits.json").read_text()))
    check_gradients(weight, json.loads((options.out / "training.json").read_text()))


if __name__ == "__main__":
    main()
