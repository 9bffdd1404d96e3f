"""Holds that llama.cpp computes with the files of architecture_gguf_reference.py what `transformers` did.

Needs the package xllamacpp, and writes nothing. llama.cpp keeps keys and values in 16 bits: log probabilities agree to
some thousandths.
"""

import argparse
import json
import math
import pathlib

import xllamacpp

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "LanguageModelTests" / "Fixtures"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fixtures", default=FIXTURES, type=pathlib.Path)
    options = parser.parse_args()
    for model in json.loads((options.fixtures / "architectures-gguf.json").read_text())["models"]:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(options.fixtures / f"{model['file']}.gguf")
        parameters.n_ctx, parameters.n_parallel, parameters.warmup = 256, 1, False
        server = xllamacpp.Server(parameters)
        worst = 0
        for position, logits in zip(model["positions"], model["logits"]):
            answer = server.handle_completions(
                {"prompt": model["ids"][: position + 1], "n_predict": 1, "n_probs": len(logits), "temperature": -1}
            )
            answer = json.loads(answer) if isinstance(answer, (str, bytes)) else answer
            found = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            assert len(found) == len(logits)
            total = max(logits) + math.log(sum(math.exp(value - max(logits)) for value in logits))
            worst = max([worst] + [abs(logits[token["id"]] - total - token["logprob"]) for token in found])
        assert worst < 1e-2, (model["file"], worst)
        print(f"{model['file']}: log probabilities within {worst:.1g}", flush=True)
        del server


if __name__ == "__main__":
    main()
