"""Losses, gradients and ten AdamW steps of the 10-layer student, fp32, plain PyTorch → training.json.

Model: the base's layers 0, 3, …, 27, its embedding (tied with the output) and final norm; no dropout.
The embedding's gradient is the whole one: its use as input and as output, of every token, <|im_end|> too.
Batch: the three rows of `rows`. A row's ids are the encoded prompt (chat template with generation prompt) followed by
the encoded reply and <|im_end|>; the ids from `target_start` on are targets. Loss: cross-entropy of every target id,
predicted at the position before it, summed over the three rows and divided by the number of all targets (not a mean
of row means). Each row runs by itself, so no padding is involved.

LoRA: y = W x + (alpha / r) B (A x), r = 4, alpha = 8, on q, k, v, o, gate, up, down of every layer. A has the shape
[r, in], B [out, r]; with layer 0…9 and module 0…6 in that order, evaluated in float64 and then cast to fp32:
    A[i, j] = 0.02 * sin(0.37 * i + 0.11 * j + layer + module)
    B[i, j] = 0.01 * cos(0.37 * i + 0.11 * j + layer + module)
Rows of q, k and their B are in Hugging Face's order, not GGUF's: see README.md.

AdamW: torch.optim.AdamW, one group, beta 0.9/0.999, eps 1e-8, weight decay 0.01 (decoupled, on every trained
parameter, norms and embedding too), no schedule. Before each step the gradients are scaled by
min(1, 1 / (norm + 1e-6)), `norm` being their global L2 norm, which is what `gradient_norms` lists (summed in float64; clip_grad_norm_'s
fp32 sum is 1e-5 off for the whole model). `losses[n]` is the
loss before step n; `final_loss` the loss after the tenth.

Entries: `indices` are into the row-major flattened tensor, `values` the entries there.
"""

import copy
import zlib

import numpy

from reference_common import MODULES, STUDENT_LAYERS, arguments, base_model, encode, linears, metadata, render, rounded
from reference_common import student_of, tokenizers_of, versions, write

RANK, ALPHA = 4, 8.0
STEPS = 10
SAMPLED_LAYERS = [0, 4, 9]

ROWS = [
    ([("user", "My card has not arrived yet. What should I do?")], "card_arrival"),
    (
        [("system", "You are a teller. Answer the customer in two short sentences."),
         ("user", "I was charged £2.50 for a transfer I cancelled on 3 May, and nobody answers the phone.")],
        "I am sorry about the £2.50 fee for the transfer you cancelled. We will pay it back within 3 working days, "
        "and you do not need to call us again.",
    ),
    (
        [("system", "Solve the problem. Think step by step and end with the number."),
         ("user", "Tom has 3 boxes of 12 pencils. How many pencils?"), ("assistant", "3 * 12 = 36\n#### 36"),
         ("user", "He gives away 9. How many are left?")],
        "He had 36 pencils.\n36 - 9 = 27\n#### 27",
    ),
]  # fmt: skip


def batch_of(gguf):
    special, _ = tokenizers_of(gguf)
    template = metadata(gguf)["tokenizer.chat_template"]
    rows = []
    for turns, reply in ROWS:
        messages = [{"role": role, "content": content} for role, content in turns]
        prompt = render(template, messages, True)
        start = encode(special, prompt)
        ids = start + encode(special, reply + "<|im_end|>")
        assert ids == encode(special, prompt + reply + "<|im_end|>") and ids[-1] == 2
        rows.append({"messages": messages, "reply": reply, "ids": ids, "target_start": len(start)})
    return rows


def lora_values(kind, rows, columns, layer, module):
    i = numpy.arange(rows, dtype=numpy.float64)[:, None]
    j = numpy.arange(columns, dtype=numpy.float64)[None, :]
    angle = 0.37 * i + 0.11 * j + layer + module
    return (0.02 * numpy.sin(angle) if kind == "A" else 0.01 * numpy.cos(angle)).astype(numpy.float32)


def add_lora(model):
    """Wraps the projections in place, freezes the rest; returns {name: parameter}."""
    import torch

    class LoRA(torch.nn.Module):
        def __init__(self, linear, layer, module):
            super().__init__()
            self.linear = linear
            make = lambda *key: torch.nn.Parameter(torch.from_numpy(lora_values(*key, layer, module)))
            self.A = make("A", RANK, linear.in_features)
            self.B = make("B", linear.out_features, RANK)

        def forward(self, x):
            return self.linear(x) + (ALPHA / RANK) * ((x @ self.A.T) @ self.B.T)

    model.requires_grad_(False)
    parameters = {}
    for index, layer in enumerate(model.model.layers):
        for module, (owner, attribute) in enumerate(linears(layer)):
            wrapped = LoRA(getattr(owner, attribute), index, module)
            setattr(owner, attribute, wrapped)
            parameters[f"layers.{index}.{MODULES[module]}.A"] = wrapped.A
            parameters[f"layers.{index}.{MODULES[module]}.B"] = wrapped.B
    return parameters


def full_parameters(model):
    """{name: parameter} of the whole model, in our names; the embedding once."""
    named = {"embedding": model.model.embed_tokens.weight}
    for index, layer in enumerate(model.model.layers):
        named[f"layers.{index}.attention_norm"] = layer.input_layernorm.weight
        for module, (owner, attribute) in enumerate(linears(layer)):
            named[f"layers.{index}.{MODULES[module]}"] = getattr(owner, attribute).weight
        named[f"layers.{index}.mlp_norm"] = layer.post_attention_layernorm.weight
    named["final_norm"] = model.model.norm.weight
    assert {id(p) for p in named.values()} == {id(p) for p in model.parameters()}
    return named


def loss_of(model, rows):
    """The loss, and the summed cross-entropy of each row."""
    import torch

    sums = []
    for row in rows:
        start = row["target_start"]
        logits = model(input_ids=torch.tensor([row["ids"]]), use_cache=False).logits[0, start - 1 : -1]
        sums.append(torch.nn.functional.cross_entropy(logits, torch.tensor(row["ids"][start:]), reduction="sum"))
    return sum(sums) / sum(len(row["ids"]) - row["target_start"] for row in rows), sums


def indices_of(name, tensor, rows, count=12):
    """Fixed pseudo-random entries; of the embedding half of them in rows of tokens that the batch has."""
    random = numpy.random.RandomState(zlib.crc32(name.encode()))
    if name == "embedding":
        width = tensor.shape[1]
        used = sorted({token for row in rows for token in row["ids"]})
        picked = [int(random.choice(used)) * width + int(random.randint(width)) for _ in range(count // 2)]
        return picked + [int(i) for i in random.randint(tensor.numel(), size=count - count // 2)]
    return sorted(int(i) for i in random.choice(tensor.numel(), count, replace=False))


def summary(name, tensor, rows):
    indices = indices_of(name, tensor, rows)
    flat = tensor.detach().reshape(-1)
    return {
        "name": name,
        "shape": list(tensor.shape),
        "norm": rounded(flat.double().norm()),
        "indices": indices,
        "values": [rounded(flat[index]) for index in indices],
    }


def sampled(named):
    return {
        name: value
        for name, value in named.items()
        if not name.startswith("layers.") or int(name.split(".")[1]) in SAMPLED_LAYERS
    }


def gradient_norm(named):
    import torch

    return torch.stack([p.grad.double().norm() for p in named.values()]).norm()


def adamw(model, named, rows, rate):
    import torch

    optimizer = torch.optim.AdamW(
        named.values(), lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, foreach=False, fused=False
    )
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        loss, _ = loss_of(model, rows)
        loss.backward()
        norm = float(gradient_norm(named))
        for parameter in named.values():
            parameter.grad.mul_(min(1.0, 1.0 / (norm + 1e-6)))
        norms.append(rounded(norm))
        losses.append(rounded(loss))
        optimizer.step()
    with torch.no_grad():
        final = rounded(loss_of(model, rows)[0])
    print(f"lr {rate}: losses {losses}, {final}; norms {norms}", flush=True)
    return {
        "learning_rate": rate,
        "losses": losses,
        "final_loss": final,
        "gradient_norms": norms,
        "parameters_after": [summary(name, value, rows) for name, value in sampled(named).items()],
    }


def measure(model, named, rows, rate, only_sampled):
    import torch

    loss, sums = loss_of(model, rows)
    loss.backward()
    head = {
        "loss": rounded(loss),
        "row_cross_entropy_sums": [rounded(value) for value in sums],
        "gradient_norm": rounded(gradient_norm(named)),
    }
    print(head, flush=True)
    shown = sampled(named) if only_sampled else named
    gradients = [summary(name, value.grad, rows) for name, value in shown.items()]
    return head, gradients, adamw(model, named, rows, rate)


def main():
    options = arguments(__doc__.splitlines()[0])
    rows = batch_of(options.gguf)
    base = base_model(options.gguf)
    student = student_of(base)
    del base
    full = copy.deepcopy(student)
    assert full.lm_head.weight is full.model.embed_tokens.weight
    student.train(), full.train()

    lora, lora_gradients, lora_steps = measure(student, add_lora(student), rows, 1e-3, False)
    del student
    whole, whole_gradients, whole_steps = measure(full, full_parameters(full), rows, 1e-4, True)

    lora_after, whole_after = lora_steps.pop("parameters_after"), whole_steps.pop("parameters_after")
    write(
        options.out / "training.json",
        {
            "made_by": "Tests/References/training_reference.py",
            "versions": versions(),
            "student_layers": STUDENT_LAYERS,
            "modules": MODULES,
            "rank": RANK,
            "alpha": ALPHA,
            "lora": lora,
            "lora_adamw": lora_steps,
            "full": whole,
            "full_adamw": whole_steps,
        },
        rows=rows,
        lora_gradients=lora_gradients,
        lora_parameters_after_adamw=lora_after,
        full_gradients=whole_gradients,
        full_parameters_after_adamw=whole_after,
    )


if __name__ == "__main__":
    main()
