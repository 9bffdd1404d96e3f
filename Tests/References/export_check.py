"""Exports made by distnb, read by transformers, PEFT and llama.cpp: the same tokens, the same logits. Writes nothing.

A student of 10 layers is fine-tuned for a few steps with LoRA; base, student and result are exported as folders (32-bit),
GGUF files (f32, f16, q8_0) and a PEFT folder. Then, with the exported files alone:
- transformers' logits of the base's folder are those of logits.json, and of the student's those of the base cut to its
  layers, to 1e-3;
- transformers' tokenizer gives the ids of the chat template, and its greedy answers are distnb's, token for token;
- PEFT's adapter on the student's folder has the logits of the merged folder, to 1e-3;
- llama.cpp's greedy answers with the f32 and f16 files are distnb's (with q8_0 they are shown).

`--llama PYTHON` names a Python that has xllamacpp; without it llama.cpp is left out, aloud.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from reference_common import FIXTURES, REPOSITORY

PROMPTS = [
    "What is the capital of France?", "Name three colours.", "Write one sentence about the sea.",
    "How many legs does a spider have?", "Translate 'good morning' into French.", "What is 12 + 7? Zoë 👩🏽‍💻 asks.",
]  # fmt: skip
TOKENS = 24
TOLERANCE = 1e-3

PROGRAM = """
let q = load "q.jsonl"
let base = model "base"
let student = model "student"
let tuned = q | finetune student, target: "The answer to ${.prompt} is: yes.", epochs: 30, batch_size: 2, rank: 8, learning_rate: 1e-3
export base, "out/base/", precision: "f32"
export student, "out/student/", precision: "f32"
export tuned, "out/tuned/", precision: "f32"
export tuned, "out/peft/", precision: "f32", adapter: "kept"
export base, "out/base-f32.gguf", precision: "f32"
export tuned, "out/tuned-f32.gguf", precision: "f32"
export base, "out/base-f16.gguf"
export tuned, "out/tuned-f16.gguf"
export tuned, "out/tuned-q8_0.gguf", precision: "q8_0"
q | generate base, max_tokens: TOKENS | save "out/base.jsonl"
q | generate tuned, max_tokens: TOKENS | save "out/tuned.jsonl"
""".replace("TOKENS", str(TOKENS))

LLAMA = """
import json, sys
import xllamacpp as x
path, prompts, count = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
p = x.CommonParams()
p.model.path, p.n_ctx, p.n_parallel, p.warmup, p.n_gpu_layers = path, 2048, 1, False, 0
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 2
# Keys and values in 32 bits, as distnb has them.
p.cache_type_k = p.cache_type_v = x.ggml_type.GGML_TYPE_F32
p.flash_attn_type = x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
server = x.Server(p)
answers = []
for prompt in prompts:
    reply = server.handle_chat_completions({"messages": [{"role": "user", "content": prompt}], "max_tokens": count,
                                            "temperature": 0, "cache_prompt": False})
    answers.append(reply["choices"][0]["message"]["content"])
print("ANSWERS" + json.dumps(answers))
"""


def export(distnb, folder):
    (folder / "q.jsonl").write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in PROMPTS))
    result = subprocess.run([distnb], cwd=folder, input=PROGRAM.lstrip(), capture_output=True, text=True)
    if not (folder / "out/tuned.jsonl").exists():
        raise SystemExit(f"distnb did not export:\n{result.stdout}\n{result.stderr}")
    return {
        name: [json.loads(line)["output"] for line in (folder / f"out/{name}.jsonl").read_text().splitlines()]
        for name in ["base", "tuned"]
    }


def load(folder):
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    transformers.logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    return model, AutoTokenizer.from_pretrained(folder)


def check_logits(model, fixture, name):
    import torch

    ids = fixture["vocabulary_ids"]
    worst = 0
    for prompt in fixture[name]:
        with torch.no_grad():
            logits = model(torch.tensor([prompt["ids"]])).logits[0]
        for position in prompt["positions"]:
            row = logits[position["position"]]
            worst = max(worst, float((row[ids] - torch.tensor(position["logits"])).abs().max()))
    print(f"{name}: logits differ by {worst:.2e} at most from logits.json")
    assert worst < TOLERANCE, name


def check_answers(model, tokenizer, answers, name):
    import torch

    for prompt, wanted in zip(PROMPTS, answers):
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
        )
        ids = torch.tensor([tokenizer(text, add_special_tokens=False).input_ids])
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=TOKENS, do_sample=False)
        found = tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert found == wanted, f"{name}, {prompt!r}: transformers answers {found!r}, distnb {wanted!r}"
    print(f"{name}: transformers answers {len(PROMPTS)} prompts as distnb does")


def check_tokenizer(tokenizer):
    texts = json.loads((FIXTURES / "tokenizer-nasty.json").read_text())["texts"]
    for item in texts:
        assert tokenizer(item["text"], add_special_tokens=False).input_ids == item["ids"], item["text"]
    print(f"tokenizer: {len(texts)} texts as in tokenizer-nasty.json")


def check_student(folder):
    """The student's folder is the base's with the layers that the kernel names."""
    import copy

    import torch

    kernel = json.loads((REPOSITORY / "kernels/embedded/kernel.json").read_text())
    layers = kernel["metadata"]["distnb"]["models"]["student"]["layers"]
    base, tokenizer = load(folder / "out/base")
    student, _ = load(folder / "out/student")
    cut = copy.deepcopy(base)
    cut.model.layers = torch.nn.ModuleList(cut.model.layers[index] for index in layers)
    cut.config.num_hidden_layers = len(layers)
    ids = torch.tensor([tokenizer("Where is my order? I want my money back.").input_ids])
    with torch.no_grad():
        worst = float((cut(ids, use_cache=False).logits - student(ids, use_cache=False).logits).abs().max())
    print(f"student: logits differ by {worst:.2e} at most from the base's with layers {layers}")
    assert worst < TOLERANCE


def check_peft(folder):
    import torch
    from peft import PeftModel

    student, tokenizer = load(folder / "out/student")
    merged, _ = load(folder / "out/tuned")
    adapted = PeftModel.from_pretrained(student, folder / "out/peft").eval()
    ids = torch.tensor([tokenizer("Where is my order? I want my money back.").input_ids])
    with torch.no_grad():
        worst = float((adapted(ids).logits - merged(ids).logits).abs().max())
        plain = float((load(folder / "out/student")[0](ids).logits - merged(ids).logits).abs().max())
    print(f"PEFT: logits differ by {worst:.2e} at most from the merged folder's (without the adapter by {plain:.2f})")
    assert worst < TOLERANCE < 0.1 < plain


def check_llama(python, folder, answers):
    for name, precision in [(name, p) for p in ["f32", "f16", "q8_0"] for name in ["base", "tuned"]]:
        path = folder / f"out/{name}-{precision}.gguf"
        if not path.exists():
            continue
        command = [python, "-c", LLAMA, str(path), json.dumps(PROMPTS), str(TOKENS)]
        result = subprocess.run(command, capture_output=True, text=True)
        line = next((line for line in result.stdout.splitlines() if line.startswith("ANSWERS")), None)
        if line is None:
            raise SystemExit(f"llama.cpp did not answer from {path}:\n{result.stderr[-2000:]}")
        found = json.loads(line[len("ANSWERS") :])
        # A character that the last token leaves half is left out by llama.cpp.
        found = [text.rstrip("\N{REPLACEMENT CHARACTER}") for text in found]
        wanted = [text.rstrip("\N{REPLACEMENT CHARACTER}") for text in answers[name]]
        same = sum(a == b for a, b in zip(found, wanted))
        print(f"{path.name}: llama.cpp answers {same} of {len(PROMPTS)} prompts as distnb does")
        for prompt, a, b in zip(PROMPTS, found, wanted):
            if a != b:
                print(f"  {prompt!r}: llama.cpp {a!r}, distnb {b!r}")
        assert same == len(PROMPTS) or precision == "q8_0", path.name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--distnb", default=REPOSITORY / ".build/release/distnb", type=pathlib.Path)
    parser.add_argument("--llama", help="a Python that has xllamacpp")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder to work in that stays")
    options = parser.parse_args()
    os.environ["TRANSFORMERS_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        answers = export(options.distnb.resolve(), folder)
        fixture = json.loads((FIXTURES / "logits.json").read_text())
        for name in ["base", "student", "tuned"]:
            model, tokenizer = load(folder / f"out/{name}")
            assert model.config.num_hidden_layers == (30 if name == "base" else 10)
            if name == "base":
                check_logits(model, fixture, name)
            if name in answers:
                check_answers(model, tokenizer, answers[name], name)
        check_tokenizer(tokenizer)
        check_student(folder)
        check_peft(folder)
        if options.llama:
            check_llama(options.llama, folder, answers)
        else:
            print("SKIPPED: llama.cpp; name a Python with xllamacpp by --llama", file=sys.stderr)


if __name__ == "__main__":
    main()
