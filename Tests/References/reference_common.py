"""What the reference scripts share: the tokenizer, the chat template and the model of one GGUF file.

The tokenizer is built with the `tokenizers` library straight from the GGUF's tokens and merges. It is not the
one `transformers` converts from the GGUF: that conversion (transformers 5.23.0) ignores `tokenizer.ggml.pre` and
leaves out the split at digits. The pre-tokenizer here is that of SmolLM2's own tokenizer.json:

    Sequence[Digits(individual_digits=true), ByteLevel(add_prefix_space=false, trim_offsets=true, use_regex=true)]

that is: first every character of the Unicode categories Nd, Nl and No stands alone (so also "½" and "①"); then
GPT-2's expression runs over each piece *by itself* (so a look-ahead sees the end of the piece, not the digit after
it). No normalizer, no unknown token, no byte fall-back: a byte that is not in the vocabulary is dropped. The control
tokens (token_type 3) are special added tokens.
"""

import argparse
import copy
import hashlib
import json
import math
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
FIXTURES = REPOSITORY / "Tests" / "LanguageModelTests" / "Fixtures"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
STUDENT_LAYERS = list(range(0, 30, 3))
MODULES = ["q", "k", "v", "o", "gate", "up", "down"]


def arguments(description, data=False):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--gguf", required=True, type=pathlib.Path, help="SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixtures are written to")
    if data:
        parser.add_argument(
            "--data", default=REPOSITORY.parent / "shared" / "data", type=pathlib.Path, help="folder of the data sets"
        )
    options = parser.parse_args()
    found = hashlib.sha256(options.gguf.read_bytes()).hexdigest()
    if found != GGUF_SHA256:
        raise SystemExit(f"{options.gguf}: SHA-256 {found}, expected {GGUF_SHA256}")
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def metadata(gguf):
    from gguf import GGUFReader

    return {key: field.contents() for key, field in GGUFReader(gguf).fields.items()}


def tokenizers_of(gguf):
    """Two tokenizers: one that parses special tokens, one that takes them for ordinary text."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    fields = metadata(gguf)
    assert fields["tokenizer.ggml.model"] == "gpt2" and fields["tokenizer.ggml.pre"] == "smollm"
    tokens = fields["tokenizer.ggml.tokens"]
    kinds = fields["tokenizer.ggml.token_type"]
    assert set(kinds) == {1, 3}, "normal and control tokens only"
    vocabulary = {token: index for index, token in enumerate(tokens)}
    assert len(vocabulary) == len(tokens)
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]

    def build():
        tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=False))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer

    plain = build()
    special = build()
    special.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token, kind in zip(tokens, kinds) if kind == 3]
    )
    assert special.get_vocab_size() == plain.get_vocab_size() == len(tokens)
    return special, plain


def encode(tokenizer, text):
    return tokenizer.encode(text, add_special_tokens=False).ids


def render(template, messages, add_generation_prompt):
    """The template as `transformers` renders it (same jinja2 settings)."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(messages=messages, add_generation_prompt=add_generation_prompt)


def base_model(gguf):
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(2)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(
        str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32, attn_implementation="eager"
    )
    model.eval()
    # transformers makes the embedding with padding_idx = pad_token_id, and PyTorch then leaves the gradient of that row
    # out. Here the pad token is <|im_end|> (2), which every row holds: without this line its gradient would be wrong.
    model.model.embed_tokens.padding_idx = None
    config = model.config
    assert config._attn_implementation == "eager"
    assert config.num_hidden_layers == 30 and config.hidden_size == 576 and config.intermediate_size == 1536
    assert config.num_attention_heads == 9 and config.num_key_value_heads == 3 and config.vocab_size == 49152
    assert abs(config.rms_norm_eps - 1e-5) < 1e-10 and config.rope_parameters["rope_theta"] == 100000.0
    assert config.rope_parameters["rope_type"] == "default" and not config.attention_bias and not config.mlp_bias
    assert model.lm_head.weight is model.model.embed_tokens.weight, "output tied to the embedding"
    return model


def student_of(base):
    """Layers 0, 3, …, 27 of the base in that order; its embedding and final norm. The base is not changed."""
    import torch

    student = copy.deepcopy(base)
    student.model.layers = torch.nn.ModuleList(student.model.layers[index] for index in STUDENT_LAYERS)
    for index, layer in enumerate(student.model.layers):
        layer.self_attn.layer_idx = index
    student.config.num_hidden_layers = len(STUDENT_LAYERS)
    if getattr(student.config, "layer_types", None):
        student.config.layer_types = student.config.layer_types[: len(STUDENT_LAYERS)]
    assert student.lm_head.weight is student.model.embed_tokens.weight
    return student


def linears(layer):
    """The seven projections of a layer, in the order of MODULES: (owner, attribute name)."""
    attention, mlp = layer.self_attn, layer.mlp
    return [
        (attention, "q_proj"), (attention, "k_proj"), (attention, "v_proj"), (attention, "o_proj"),
        (mlp, "gate_proj"), (mlp, "up_proj"), (mlp, "down_proj"),
    ]  # fmt: skip


def rounded(value, digits=6):
    value = float(value.detach() if hasattr(value, "detach") else value)
    assert math.isfinite(value)
    return float(f"{value:.{digits}g}")


def versions():
    import platform
    from importlib.metadata import version

    names = ["torch", "transformers", "tokenizers", "gguf", "numpy", "jinja2"]
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def write(path, head, **lists):
    """JSON, ASCII only, one list item a line."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, items in lists.items():
        body = ",\n".join("  " + json.dumps(item, separators=(",", ":")) for item in items)
        lines.append(f"{json.dumps(key)}: [\n{body}\n]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")
    json.loads(path.read_text(encoding="ascii"))
    print(f"{path.name}: {path.stat().st_size} bytes")
