"""Eight steps of a recipe as people write it in PyTorch → optimizer.json: groups with and without weight decay,
gradients accumulated over uneven micro-batches, clipping, warm-up and cosine.

Parameters, in this order in one flat array: a matrix [6, 5], a vector [7] (a norm's gain or a bias), a matrix [4, 4],
evaluated in float64 and cast to fp32:
    value[i] = sin(0.7 * i + 0.3), i counting through all of them.
A step has the micro-batches k = 0, 1, 2 with 3, 8 and 1 target tokens. The mean loss of a micro-batch over its targets is
linear in the parameters, with the gradient
    g[step, k, i] = 0.2 * cos(0.37 * i + 1.3 * step + 2.1 * k),
so that the loss of the whole batch is sum(targets_k * loss_k) / sum(targets_k), as transformers' `num_items_in_batch`
has it. Each micro-batch runs backward by itself and the gradients add up.

torch.optim.AdamW, beta 0.9/0.999, eps 1e-8, lr 0.01, weight decay 0.1 for the matrices and 0 for the vector;
clip_grad_norm_ at 0.5; transformers' get_cosine_schedule_with_warmup with 2 warm-up steps of 8.
"""

import argparse
import json
import pathlib

import torch
import transformers

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "LanguageModelTests" / "Fixtures"
SHAPES = [(6, 5), (7,), (4, 4)]
TARGETS = [3, 8, 1]
STEPS, WARMUP, RATE, DECAY, LIMIT = 8, 2, 0.01, 0.1, 0.5


def pieces(flat):
    """The flat array, cut into the parameters' shapes."""
    sizes = [torch.Size(shape).numel() for shape in SHAPES]
    return [piece.reshape(shape) for piece, shape in zip(torch.split(flat, sizes), SHAPES)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixture is written to")
    options = parser.parse_args()
    places = torch.arange(sum(torch.Size(shape).numel() for shape in SHAPES), dtype=torch.float64)
    parameters = [
        torch.nn.Parameter(piece.float().clone()) for piece in pieces(torch.sin(0.7 * places + 0.3))
    ]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.dim() > 1], "weight_decay": DECAY},
            {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
        ],
        lr=RATE, betas=(0.9, 0.999), eps=1e-8, foreach=False, fused=False,
    )  # fmt: skip
    schedule = transformers.get_cosine_schedule_with_warmup(optimizer, WARMUP, STEPS)
    rates, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        for k, targets in enumerate(TARGETS):
            slopes = pieces((0.2 * torch.cos(0.37 * places + 1.3 * step + 2.1 * k)).float())
            loss = sum((slope * p).sum() for slope, p in zip(slopes, parameters))
            (loss * targets / sum(TARGETS)).backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, LIMIT)))
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    fixture = {
        "made_by": "Tests/References/optimizer_reference.py",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "shapes": [list(shape) for shape in SHAPES],
        "targets": TARGETS,
        "learning_rate": RATE,
        "warmup": WARMUP,
        "weight_decay": DECAY,
        "max_gradient_norm": LIMIT,
        "rates": rates,
        "gradient_norms": norms,
        "values": [float(value) for p in parameters for value in p.detach().reshape(-1)],
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "optimizer.json").write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
