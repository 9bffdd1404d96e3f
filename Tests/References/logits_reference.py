"""Logits and greedy continuations, fp32 → logits.json.

Model: the GGUF's weights dequantised to fp32 by `transformers`, eager attention. `base` has the 30 layers, `student`
the base's layers 0, 3, …, 27 in that order with the same embedding and final norm.

For each prompt: its ids; for some positions (all of them up to 16 tokens, else 16 spread from first to last) the
logits at the 48 vocabulary ids `vocabulary_ids`, the greatest logit and its id, and logsumexp over the vocabulary,
each rounded to 6 significant digits; and the greedy continuation: exactly 64 ids, by argmax with a KV cache, end
tokens not heeded, no penalties. `min_margin` is the smallest difference between the best and the second-best logit on
that path, at step `min_margin_step`; the prompts are chosen so that it is above 0.005.
"""

import numpy

from reference_common import arguments, base_model, encode, metadata, render, rounded, student_of, tokenizers_of
from reference_common import versions, write

STEPS = 64
LEAST_MARGIN = 0.005

# Written for this file.
LONG = """The ferry to the island left at half past six, and every morning the same nine people stood on the quay waiting
for it. There was the schoolteacher with her basket of exercise books, the two brothers who repaired outboard motors,
a retired judge who claimed he only went for the bread, and a girl named Ines who carried a cello nearly as tall as
herself. Nobody spoke much before the boat had cleared the breakwater. Then the engine settled into a slow, even beat,
the captain opened the small window of the wheelhouse, and the conversations of the day before were taken up again as
if they had merely been put down for the night.

Ines did not go to the island to learn the cello. She already played better than anyone who might have taught her
there. She went because, at the far end of the island, past the salt pans and the abandoned cannery, there stood a
concrete cistern that had been built during the war and never once held water. Inside it a single note would hang in
the air for eleven seconds. She had counted. If she played a scale slowly enough, each step arrived while the one
before was still fading, and by the time she reached the top she was accompanied by a choir of herself.

One Tuesday in October the judge followed her. He had been wondering for weeks where a person could possibly be
going with an instrument of that size on an island with four streets. He waited among the reeds until he heard the
first notes, and then he sat down on a broken crate outside the iron door and forgot about the bread. When she came
out two hours later he was still there, his hat on his knees, looking like someone who had received a verdict he had
not expected and could find no reason to appeal.

"How long have you known about this place?" he asked.

"Since the spring," she said. "You may come in next time, but you must not cough."

By the end of November all nine passengers knew. They came in turns, two or three on a day, and brought cushions and
a paraffin stove. The brothers oiled the hinges of the door so that it would not squeal. The schoolteacher read aloud
in the cistern once, a short poem about geese, and they discovered that words did not survive in there: they ran
together into a grey murmur, and only the vowels were left, sailing round and round beneath the roof. Music was
another matter. Music seemed to have been what the concrete was waiting for, through all those years in which it
had been good for nothing.

In the last week before Christmas the captain, who had never been invited because somebody had to stay with the boat,
tied up at the jetty, switched off the engine, and asked whether there was any room left. There was. They walked out
along the salt pans in single file, ten of them now, with the wind behind them and the cello in front,"""

HUNDRED = """Dear Mr. Okafor,

Thank you for your letter of 14 March about the delay in repairing the heating in flat 3B. I am sorry that you and
your family were without hot water for nine days. The spare part had to be ordered twice, because the first one was
lost on its way from the warehouse. The engineer has now confirmed that the boiler was tested on Thursday and runs at
62 degrees. We will deduct a third of the monthly rent from your next bill, and you do not need to do anything to
receive it. If the radiator in the bedroom"""

CODE = '''import json

def read_rows(path):
    """Read a JSON Lines file and return a list of dictionaries."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if not line:
                continue
            rows.append('''

PROMPTS = [
    ("one token", "text", "Hello"),
    ("short", "text", "Once upon a time, in a small village"),
    ("chat, default system prompt", "chat", [("user", "What is the capital of France?")]),
    (
        "chat, system prompt and three turns",
        "chat",
        [
            ("system", "You sort bank customers' messages. Answer with the name of the category only."),
            ("user", "I still have not received my new card. I ordered it two weeks ago."),
            ("assistant", "card_arrival"),
            ("user", "What exchange rate do you use for dollars?"),
        ],
    ),
    ("code", "text", CODE),
    ("many languages", "text", "English: Good morning! Français : Bonjour ! Deutsch: Guten Morgen! 中文：早上好！ Русский: Доброе"),
    ("numbers", "text", "Q: A box holds 12 eggs. How many eggs are in 7 boxes?\nA: 12 * 7 = 84\n\nQ: A train has 9 cars with 48 seats each. How many seats?\nA:"),
    ("JSON, emoji, white space", "text", '{"name": "Zoë 👩🏽‍💻",\n\t"tags":   ["a", "b"],\r\n    "size": 3.75e2,\n    "items": ['),
    ("at least 100 tokens", "text", HUNDRED.replace("\n", " ").replace("  ", "\n\n")),
    ("at least 512 tokens", "text", LONG),
]  # fmt: skip

STUDENT_PROMPTS = ["short", "chat, default system prompt", "at least 100 tokens"]


def positions_of(count):
    if count <= 16:
        return list(range(count))
    return sorted({round(index * (count - 1) / 15) for index in range(16)})


def greedy(model, ids):
    import torch

    out, margins, cache, feed = [], [], None, torch.tensor([ids])
    while len(out) < STEPS:
        step = model(input_ids=feed, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = step.past_key_values
        best = torch.topk(step.logits[0, -1], 2)
        out.append(int(best.indices[0]))
        margins.append(float(best.values[0] - best.values[1]))
        feed = torch.tensor([[out[-1]]])
    return out, margins


def measure(model, name, ids, vocabulary_ids, tokenizer, failures):
    import torch

    logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
    positions = []
    for position in positions_of(len(ids)):
        row = logits[position]
        positions.append(
            {
                "position": position,
                "argmax": int(row.argmax()),
                "max": rounded(row.max()),
                "logsumexp": rounded(torch.logsumexp(row.double(), 0)),
                "logits": [rounded(value) for value in row[vocabulary_ids]],
            }
        )
    out, margins = greedy(model, ids)
    assert out[0] == positions[-1]["argmax"]
    least = min(range(STEPS), key=margins.__getitem__)
    text = tokenizer.decode(out, skip_special_tokens=False)
    print(f"{name}: {len(ids)} tokens, least margin {margins[least]:.4f} at {least}: {text[:100]!r}", flush=True)
    if margins[least] <= LEAST_MARGIN:
        failures.append(name)
    return {
        "name": name,
        "ids": ids,
        "positions": positions,
        "greedy": out,
        "min_margin": rounded(margins[least]),
        "min_margin_step": least,
    }


def main():
    options = arguments(__doc__.splitlines()[0])
    import torch

    special, _ = tokenizers_of(options.gguf)
    template = metadata(options.gguf)["tokenizer.chat_template"]
    prompts = {}
    for name, kind, content in PROMPTS:
        if kind == "chat":
            content = render(template, [{"role": role, "content": text} for role, text in content], True)
        prompts[name] = encode(special, content)
    counts = {name: len(ids) for name, ids in prompts.items()}
    assert counts["one token"] == 1 and counts["at least 100 tokens"] >= 100 and counts["at least 512 tokens"] >= 512

    vocabulary_ids = sorted(int(i) for i in numpy.random.RandomState(20240607).choice(49152, 48, replace=False))
    failures = []
    base = base_model(options.gguf)
    with torch.no_grad():
        of_base = [measure(base, name, ids, vocabulary_ids, special, failures) for name, ids in prompts.items()]
        student = student_of(base)
        del base
        print("student")
        of_student = [
            measure(student, name, prompts[name], vocabulary_ids, special, failures) for name in STUDENT_PROMPTS
        ]
    write(
        options.out / "logits.json",
        {
            "made_by": "Tests/References/logits_reference.py",
            "versions": versions(),
            "vocabulary_ids": vocabulary_ids,
        },
        base=of_base,
        student=of_student,
    )
    if failures:
        raise SystemExit(f"near-ties on the greedy path, change these prompts: {failures}")


if __name__ == "__main__":
    main()
