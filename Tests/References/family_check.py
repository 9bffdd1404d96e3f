"""Tiny random models of each family, in folders as transformers saves them: distnb runs them, exports them as GGUF and as
a folder again, and transformers and llama.cpp read these; all give the same greedy text. Writes nothing.

The tokenizer is a byte-level BPE that cuts as Qwen 2 does, trained on a few sentences. Embeddings of bytes that are no
ASCII are zero, so that answers are text.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from export_check import LLAMA, load
from reference_common import REPOSITORY

PROMPTS = ["Where is my order?", "Name three colours.", "12 and 7 is"]
TOKENS = 16
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SIZES = {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "initializer_range": 0.15,
}  # fmt: skip
FAMILIES = {
    "llama": ("LlamaConfig", {"head_dim": 16, "tie_word_embeddings": True}),
    "llama3": (
        "LlamaConfig",
        {
            "head_dim": 16, "tie_word_embeddings": True, "rope_theta": 500000.0,
            "rope_scaling": {
                "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
        },
    ),
    "qwen2": ("Qwen2Config", {"tie_word_embeddings": True}),
    "qwen3": ("Qwen3Config", {"head_dim": 32, "tie_word_embeddings": True}),
}  # fmt: skip
PROGRAM = """
let q = load "q.jsonl"
let m = model "student"
export m, "out/FAMILY.gguf", precision: "f32"
export m, "out/FAMILY/", precision: "f32"
q | generate m, max_tokens: TOKENS | save "out/FAMILY.jsonl"
"""


def tokenizer():
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    expression = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(expression), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    text = (REPOSITORY / "README.md").read_text()
    made.train_from_iterator([text], trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, show_progress=False))
    made.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE
    )


def make(family, folder, words):
    import torch
    import transformers

    config_class, changes = FAMILIES[family]
    end = words.convert_tokens_to_ids("<|im_end|>")
    config = getattr(transformers, config_class)(
        vocab_size=len(words), eos_token_id=end, bos_token_id=None, pad_token_id=None, **SIZES, **changes
    )
    torch.manual_seed(len(family))
    model = transformers.AutoModelForCausalLM.from_config(config)
    ascii_only = [token.isascii() or token[0] in "ĠĊ" for token in words.convert_ids_to_tokens(range(len(words)))]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.copy_(("norm" in name) + 0.2 * torch.randn_like(parameter))
        embedding = model.get_input_embeddings().weight
        embedding[[index for index, kept in enumerate(ascii_only) if not kept]] = 0
    model.save_pretrained(folder)
    words.save_pretrained(folder)


def answers_of(model, words):
    import torch

    found = []
    for prompt in PROMPTS:
        text = words.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False)
        ids = torch.tensor([words(text, add_special_tokens=False).input_ids])
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=TOKENS, do_sample=False)
        found.append(words.decode(out[0, ids.shape[1] :], skip_special_tokens=True))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--distnb", default=REPOSITORY / ".build/release/distnb", type=pathlib.Path)
    parser.add_argument("--llama", help="a Python that has xllamacpp")
    options = parser.parse_args()
    os.environ["TRANSFORMERS_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"
    words = tokenizer()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "q.jsonl").write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in PROMPTS))
        for family in FAMILIES:
            home = folder / "home"
            make(family, home / "weights" / family, words)
            kernel = {
                "argv": ["distnb"], "display_name": family, "language": "distnb",
                "metadata": {"distnb": {"provider": "embedded", "models": {"student": {"id": family}}}},
            }  # fmt: skip
            (home / "kernels" / family).mkdir(parents=True)
            (home / "kernels" / family / "kernel.json").write_text(json.dumps(kernel))
            wanted = answers_of(*load(home / "weights" / family))
            program = PROGRAM.replace("FAMILY", family).replace("TOKENS", str(TOKENS)).lstrip()
            result = subprocess.run(
                [options.distnb.resolve(), "--kernel", family], cwd=folder, input=program, capture_output=True, text=True,
                env=os.environ | {"DISTNB_HOME": str(home)},
            )  # fmt: skip
            path = folder / f"out/{family}.jsonl"
            if not path.exists():
                raise SystemExit(f"{family}: distnb did not answer:\n{result.stdout}\n{result.stderr}")
            found = {"distnb": [json.loads(line)["output"] for line in path.read_text().splitlines()]}
            found["transformers, exported folder"] = answers_of(*load(folder / f"out/{family}"))
            if options.llama:
                command = [options.llama, "-c", LLAMA, folder / f"out/{family}.gguf", json.dumps(PROMPTS), str(TOKENS)]
                run = subprocess.run(command, capture_output=True, text=True)
                line = next((line for line in run.stdout.splitlines() if line.startswith("ANSWERS")), None)
                if line is None:
                    raise SystemExit(f"{family}: llama.cpp did not answer:\n{run.stderr[-2000:]}")
                found["llama.cpp, exported GGUF"] = json.loads(line[len("ANSWERS") :])
            for name, texts in found.items():
                assert [text.strip() for text in texts] == [text.strip() for text in wanted], f"{family}, {name}: {texts}, wanted {wanted}"
            print(f"{family}: the same text from {', '.join(['transformers', *found])}")
    if not options.llama:
        print("SKIPPED: llama.cpp; name a Python with xllamacpp by --llama", file=sys.stderr)


if __name__ == "__main__":
    main()
