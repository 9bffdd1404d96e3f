"""Soft-label and on-policy losses with their gradients, fp32, plain PyTorch → distillation.json.

Teacher: the base, all 30 layers. Student: its layers 0, 3, …, 27 with the adapters of training_reference.py, so that
teacher and student differ and every gradient is there. The rows are those of training_reference.py; the teacher reads
each under a system prompt of its own (`TEACHER_SYSTEM` in place of the row's, or of the model's default), so only the
reply's tokens are the same. `teacher_ids` and `teacher_start` are the row as the teacher reads it.

soft: (1 - ratio) * cross-entropy + ratio * T² * KL(teacher ‖ student) a target, both softmaxes at the temperature T; the
mean over all targets of the batch. With `top_k` the teacher's distribution and the student's are first cut to the teacher's top_k
likeliest tokens and one bucket with the mass of all others; top_k null is the whole vocabulary.

jsd: the generalised Jensen-Shannon divergence of Agarwal et al. 2024 (eq. 1), both softmaxes at the temperature:
    m = beta p + (1 - beta) q,   beta KL(p ‖ m) + (1 - beta) KL(q ‖ m),   p the teacher's, q the student's;
beta 0 is KL(p ‖ q), beta 1 KL(q ‖ p), as in TRL's GKDTrainer. The replies stand for those that a student sampled.

influence: of each of the base's layers 1 - cos(input, output) (Men et al. 2024), the mean over all tokens of the rows but
each row's last. removals: which of the ten layers of the plain student (no adapters) goes first and second when each
time that one goes without which the mean cross-entropy of the targets is least, with that loss; `whole` is the loss with
all ten.

Divergences are computed in float64 from fp32 logits. Gradients are with respect to the adapters; entries as in
training_reference.py.
"""

from reference_common import MODULES, STUDENT_LAYERS, arguments, base_model, encode, metadata, render, rounded
from reference_common import student_of, tokenizers_of, versions, write
from training_reference import ALPHA, RANK, add_lora, batch_of, gradient_norm, loss_of, sampled, summary

TEACHER_SYSTEM = "You are Cora, who has worked here for years. Answer as your customers like it."
SOFT = [
    {"temperature": 2.0, "ratio": 0.5, "top_k": None},
    {"temperature": 2.0, "ratio": 0.5, "top_k": 8},
    {"temperature": 1.0, "ratio": 1.0, "top_k": 64},
]
JSD = [
    {"temperature": 1.0, "beta": 0.0},
    {"temperature": 1.0, "beta": 0.5},
    {"temperature": 1.5, "beta": 0.1},
    {"temperature": 1.0, "beta": 1.0},
]


def teacher_rows(gguf, rows):
    special, _ = tokenizers_of(gguf)
    template = metadata(gguf)["tokenizer.chat_template"]
    for row in rows:
        turns = [message for message in row["messages"] if message["role"] != "system"]
        prompt = encode(special, render(template, [{"role": "system", "content": TEACHER_SYSTEM}, *turns], True))
        row["teacher_ids"] = prompt + row["ids"][row["target_start"] :]
        row["teacher_start"] = len(prompt)


def target_logits(model, ids, start):
    import torch

    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, start - 1 : -1]


def kl(log_p, log_q):
    return (log_p.exp() * (log_p - log_q)).sum(-1)


def bucketed(log_p, log_q, top_k):
    """Both cut to p's likeliest tokens and one bucket for the rest."""
    import torch

    if top_k is None:
        return log_p, log_q
    kept = log_p.topk(top_k).indices
    rest = torch.ones_like(log_p, dtype=torch.bool).scatter(-1, kept, False)

    def cut(log_x):
        tail = log_x.masked_fill(~rest, -torch.inf).logsumexp(-1, keepdim=True)
        return torch.cat([log_x.gather(-1, kept), tail], -1)

    return cut(log_p), cut(log_q)


def soft_losses(student, teacher, targets, temperature, ratio, top_k):
    import torch

    log_p = torch.log_softmax(teacher.double() / temperature, -1)
    log_q = torch.log_softmax(student.double() / temperature, -1)
    divergence = temperature**2 * kl(*bucketed(log_p, log_q, top_k))
    crossentropy = torch.nn.functional.cross_entropy(student.double(), targets, reduction="none")
    return (1 - ratio) * crossentropy + ratio * divergence, crossentropy, divergence


def jsd_losses(student, teacher, targets, temperature, beta):
    import math

    import torch

    log_p = torch.log_softmax(teacher.double() / temperature, -1)
    log_q = torch.log_softmax(student.double() / temperature, -1)
    if beta == 0:
        return (kl(log_p, log_q),)
    if beta == 1:
        return (kl(log_q, log_p),)
    log_m = torch.logaddexp(log_p + math.log(beta), log_q + math.log(1 - beta))
    return (beta * kl(log_p, log_m) + (1 - beta) * kl(log_q, log_m),)


def measure(student, named, rows, teacher_logits, losses_of, options):
    import torch

    for parameter in named.values():
        parameter.grad = None
    sums = None
    for row, teacher in zip(rows, teacher_logits):
        start = row["target_start"]
        logits = target_logits(student, row["ids"], start)
        losses = losses_of(logits, teacher, torch.tensor(row["ids"][start:]), **options)
        row_sums = [loss.sum() for loss in losses]
        sums = row_sums if sums is None else [a + b for a, b in zip(sums, row_sums)]
    means = [value / sum(len(row["ids"]) - row["target_start"] for row in rows) for value in sums]
    means[0].backward()
    found = {
        **options,
        "losses": [rounded(mean, 8) for mean in means],
        "gradient_norm": rounded(gradient_norm(named)),
        "gradients": [summary(name, value.grad, rows) for name, value in sampled(named).items()],
    }
    print({key: value for key, value in found.items() if key != "gradients"}, flush=True)
    return found


def influences(model, rows):
    import torch

    sums = [0.0] * len(model.model.layers)

    def hook(index):
        def measure(module, inputs, output):
            before, after = inputs[0].double(), (output[0] if isinstance(output, tuple) else output).double()
            sums[index] += float((1 - torch.nn.functional.cosine_similarity(before, after, dim=-1)).sum())

        return measure

    hooks = [layer.register_forward_hook(hook(index)) for index, layer in enumerate(model.model.layers)]
    tokens = 0
    with torch.no_grad():
        for row in rows:
            model(input_ids=torch.tensor([row["ids"][:-1]]), use_cache=False)
            tokens += len(row["ids"]) - 1
    for registered in hooks:
        registered.remove()
    return [rounded(value / tokens) for value in sums]


def removals(student, rows, count):
    import torch

    layers = list(student.model.layers)
    left = list(range(len(layers)))

    def loss(chosen):
        student.model.layers = torch.nn.ModuleList(layers[index] for index in chosen)
        with torch.no_grad():
            return float(loss_of(student, rows)[0])

    whole, gone = loss(left), []
    for _ in range(count):
        found = {layer: loss([other for other in left if other != layer]) for layer in left}
        best = min(left, key=lambda layer: found[layer])
        left.remove(best)
        gone.append({"layer": best, "loss": rounded(found[best], 8)})
    student.model.layers = torch.nn.ModuleList(layers)
    return {"whole": rounded(whole, 8), "removed": gone}


def main():
    import torch

    options = arguments(__doc__.splitlines()[0])
    rows = batch_of(options.gguf)
    teacher_rows(options.gguf, rows)
    base = base_model(options.gguf)
    with torch.no_grad():
        teacher_logits = [target_logits(base, row["teacher_ids"], row["teacher_start"]) for row in rows]
    influence = influences(base, rows)
    print(influence, flush=True)
    student = student_of(base)
    del base
    removed = removals(student, rows, 2)
    print(removed, flush=True)
    named = add_lora(student)
    soft = [measure(student, named, rows, teacher_logits, soft_losses, choice) for choice in SOFT]
    jsd = [measure(student, named, rows, teacher_logits, jsd_losses, choice) for choice in JSD]
    for row in rows:
        del row["messages"], row["reply"]
    write(
        options.out / "distillation.json",
        {
            "made_by": "Tests/References/distillation_reference.py",
            "versions": versions(),
            "student_layers": STUDENT_LAYERS,
            "modules": MODULES,
            "rank": RANK,
            "alpha": ALPHA,
            "influence": influence,
            "removals": removed,
        },
        rows=rows,
        soft=soft,
        jsd=jsd,
    )


if __name__ == "__main__":
    main()
