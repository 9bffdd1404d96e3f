"""GGUF files of tiny random models, and the logits that `transformers` computes with the same numbers.

The models are some of architecture_reference.py's with matrices rounded to 16-bit floats; the files are written here as
llama.cpp's converter writes them, and hold so few values that they are fixtures themselves: `tiny-NAME.gguf`, with the
logits in `architectures-gguf.json`. What is not obvious:

- `llama`: rows of q and k heads interleaved (row 2b + a is Hugging Face's row half a + b); Llama 3's scaling as divisors of
  the frequencies in `rope_freqs.weight`.
- `gemma3`: norms stored with the 1 added; every sixth layer sees everything unless `sliding_window_pattern` says so.
- `qwen2`, `qwen3`, `gemma3`: rows as Hugging Face has them.

`llama_cpp_check.py` beside this script holds that llama.cpp reads the files as meant.
"""

import argparse
import json
import pathlib

import numpy

from architecture_reference import MODELS, make, sequence
from reference_common import FIXTURES, rounded, versions

# GGUF knows Gemma's scale by the head's length only and its local base as 10000.
CHANGES = {
    "llama3": {}, "qwen2": {}, "qwen3": {},
    "gemma3": dict(
        query_pre_attn_scalar=8, num_hidden_layers=6, layer_types=["sliding_attention"] * 5 + ["full_attention"],
        intermediate_size=16,
        rope_parameters={"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 100000.0},
                         "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}),
}  # fmt: skip

NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
}  # fmt: skip


def gguf_name(name, is_gemma):
    if not name.startswith("model.layers."):
        return {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
                "lm_head.weight": "output.weight"}[name]  # fmt: skip
    _, _, layer, rest = name.split(".", 3)
    module, kind = rest.rsplit(".", 1)
    names = NAMES | (
        {"post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
         "post_feedforward_layernorm": "post_ffw_norm"} if is_gemma else {"post_attention_layernorm": "ffn_norm"}
    )  # fmt: skip
    return f"blk.{layer}.{names[module]}.{kind}"


def interleaved(tensor, heads):
    rows = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, -1)
    return rows.transpose(0, 2, 1, 3).reshape(tensor.shape)


def write(path, model, architecture):
    import gguf
    import torch

    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    if architecture != "qwen2":
        writer.add_key_length(head)
        writer.add_value_length(head)
    rope = config.rope_parameters
    if architecture == "gemma3":
        writer.add_sliding_window(config.sliding_window)
        rope = rope["full_attention"]
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if architecture == "llama":
        writer.add_rope_dimension_count(head)
        writer.add_vocab_size(config.vocab_size)
        frequencies = model.model.rotary_emb.inv_freq
        plain = 1.0 / (rope["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float) / head))
        writer.add_tensor("rope_freqs.weight", (plain / frequencies).numpy().astype(numpy.float32))
    writer.add_rope_freq_base(rope["rope_theta"])
    # A tokenizer that llama.cpp accepts; the tests use ids.
    alphabet = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(list(alphabet[: config.vocab_size]))
    writer.add_token_types([1] * config.vocab_size)
    writer.add_token_merges(["0 1"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_add_bos_token(False)
    for name, tensor in sorted(model.state_dict().items()):
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = tensor.numpy().astype(numpy.float32)
        if architecture == "llama" and "q_proj" in name:
            values = interleaved(values, config.num_attention_heads)
        if architecture == "llama" and "k_proj" in name:
            values = interleaved(values, config.num_key_value_heads)
        if architecture == "gemma3" and "norm" in name:
            values = values + numpy.float32(1)
        if values.ndim == 2:
            values = values.astype(numpy.float16)
        writer.add_tensor(gguf_name(name, architecture == "gemma3"), numpy.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixtures are written to")
    options = parser.parse_args()
    models = []
    for name, class_name, values, _ in MODELS:
        if name not in CHANGES:
            continue
        model, _ = make(class_name, {**values, **CHANGES[name]})
        with torch.no_grad():
            for tensor in model.parameters():
                if tensor.dim() == 2:
                    tensor.copy_(tensor.half().float())
        architecture = {"llama3": "llama"}.get(name, name)
        path = options.out / f"tiny-{name}.gguf"
        write(path, model, architecture)
        ids = sequence(1, 30)
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        models.append(
            {"file": path.stem, "architecture": architecture, "ids": ids, "positions": [0, 15, 29],
             "logits": [[rounded(value, 7) for value in logits[position]] for position in [0, 15, 29]]}
        )  # fmt: skip
        print(path.name, path.stat().st_size, "bytes", flush=True)
    body = ",\n".join("  " + json.dumps(entry, separators=(",", ":")) for entry in models)
    head = {"made_by": "Tests/References/architecture_gguf_reference.py", "versions": versions()}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    path = options.out / "architectures-gguf.json"
    path.write_text("{\n" + ",\n".join(lines + [f'"models": [\n{body}\n]']) + "\n}\n", encoding="ascii")


if __name__ == "__main__":
    main()
