"""Blocks of every quantised GGUF format and the floats they stand for → quants.json.

The floats are those of `gguf.quants.dequantize`. For each format: blocks of random bytes whose scales are ordinary
numbers, blocks as `gguf.quants.quantize` makes them (where it can), and blocks at the edges: all bits 0, all bits but
the scales' set, scales that are the largest half, the smallest subnormal, negative, infinite.
Bytes and floats (little-endian, 32 bit) are in Base64. `quantized` holds floats and what `gguf.quants.quantize` makes
of them.
"""

import argparse
import base64
import pathlib

import numpy

from reference_common import FIXTURES, write

# Name → where the block has its halves (scales and offsets), in bytes.
HALVES = {
    "F16": [0], "BF16": [], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82],
    "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}  # fmt: skip
EDGES = [0x0000, 0x7BFF, 0x0001, 0xBC00, 0xFBFF, 0x7C00]


def blocks(name, size, random):
    halves = HALVES[name]
    found = []
    for _ in range(3):
        block = random.randint(0, 256, size).astype(numpy.uint8)
        for place in halves:
            block[place : place + 2] = numpy.array([random.randn() * 0.1], numpy.float16).view(numpy.uint8)
        found.append(block)
    for fill in (0x00, 0xFF):
        block = numpy.full(size, fill, numpy.uint8)
        for place in halves:
            block[place : place + 2] = numpy.array([0.37], numpy.float16).view(numpy.uint8)
        found.append(block)
    for edge in EDGES:
        block = random.randint(0, 256, size).astype(numpy.uint8)
        for place in halves:
            block[place : place + 2] = numpy.array([edge], numpy.uint16).view(numpy.uint8)
        found.append(block)
    return numpy.stack(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=FIXTURES, type=pathlib.Path, help="folder the fixture is written to")
    options = parser.parse_args()
    from importlib.metadata import version

    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

    random = numpy.random.RandomState(20261121)
    items = []
    for name in HALVES:
        kind = GGMLQuantizationType[name]
        length, size = GGML_QUANT_SIZES[kind]
        data = blocks(name, size, random)
        try:
            made = quants.quantize(random.randn(2, length).astype(numpy.float32), kind)
            data = numpy.concatenate([data, made.view(numpy.uint8).reshape(2, size)])
        except NotImplementedError:
            pass
        with numpy.errstate(all="ignore"):
            raw = data.view(numpy.float16) if name == "F16" else data
            values = raw.astype(numpy.float32) if name == "F16" else quants.dequantize(data, kind)
        assert values.size == len(data) * length
        items.append(
            {
                "type": int(kind),
                "name": name,
                "blocks": len(data),
                "bytes": base64.b64encode(data.tobytes()).decode(),
                "values": base64.b64encode(values.astype("<f4").tobytes()).decode(),
            }
        )
    # Values to be quantised: ordinary ones, halves that must round away from zero, zeros, large and small ones.
    halves = numpy.concatenate([[127.0], numpy.arange(-15.5, 15.5)]).astype(numpy.float32)
    values = numpy.stack(
        [random.randn(32), halves, numpy.zeros(32), 3e4 * random.randn(32), 1e-6 * random.randn(32)]
    ).astype(numpy.float32)
    made = quants.quantize(values, GGMLQuantizationType.Q8_0)
    quantized = {
        "values": base64.b64encode(values.astype("<f4").tobytes()).decode(),
        "q8_0": base64.b64encode(made.tobytes()).decode(),
    }
    head = {"made_by": "Tests/References/quants_reference.py", "versions": {n: version(n) for n in ["gguf", "numpy"]}}
    head["quantized"] = quantized
    write(options.out / "quants.json", head, formats=items)


if __name__ == "__main__":
    main()
