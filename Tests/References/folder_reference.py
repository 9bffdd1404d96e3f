"""Tiny random Llamas as transformers saves them, and their logits → folders/, folders.json.

Folders: 32-bit floats with tied embeddings; 16-bit floats; bfloat16 in several files with an output projection of its
own. The logits are those of the saved weights in fp32, eager attention, for one sequence of 12 tokens.
"""

import argparse
import pathlib
import shutil

from reference_common import FIXTURES, rounded, versions, write

IDS = [1, 5, 9, 33, 2, 60, 17, 17, 8, 41, 0, 25]
CASES = [
    ("single", "float32", {"tie_word_embeddings": True}, "1GB"),
    ("half", "float16", {"tie_word_embeddings": True, "rope_theta": 50000.0}, "1GB"),
    ("sharded", "bfloat16", {"tie_word_embeddings": False}, "16KB"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixtures are written to")
    options = parser.parse_args()
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    shutil.rmtree(options.out / "folders", ignore_errors=True)
    items = []
    for seed, (name, dtype, changes, shard) in enumerate(CASES):
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=64, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=6, max_position_embeddings=128, rms_norm_eps=1e-5, initializer_range=0.3,
            **changes,
        )  # fmt: skip
        model = LlamaForCausalLM(config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
        folder = options.out / "folders" / name
        model.to(getattr(torch, dtype)).save_pretrained(folder, max_shard_size=shard)
        (folder / "generation_config.json").unlink(missing_ok=True)
        for path in folder.iterdir():
            path.chmod(0o644)
        again = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        with torch.no_grad():
            logits = again(torch.tensor([IDS])).logits[0]
        items.append(
            {
                "name": name,
                "files": sorted(path.name for path in folder.iterdir()),
                "logits": [[rounded(value) for value in row] for row in logits[[0, 5, 11]]],
            }
        )
    write(
        options.out / "folders.json",
        {"made_by": "Tests/References/folder_reference.py", "versions": versions(), "ids": IDS, "positions": [0, 5, 11]},
        folders=items,
    )


if __name__ == "__main__":
    main()
