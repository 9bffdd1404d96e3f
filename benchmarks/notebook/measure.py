"""Opens and saves a notebook of 2,000 cells and 50 MB; prints medians and ratios to the peers in the same run."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import nbformat

CELLS, BYTES, ROUNDS = 2000, 50_000_000, 7
DISTNB = os.path.abspath(".build/release/distnb")


def notebook():
    """Half of the bytes in short lines of text, half in long ones, as tables and JSON make them."""
    per_cell = BYTES // CELLS
    cells = []
    for number in range(CELLS):
        line = 'row 000123  Where is my order 10441? "quoted" é\n'
        wide = json.dumps({"text": "Where is my order 10441?" * 40, "label": "track_order"}) + "\n"
        text = line * (per_cell // 2 // 52) + wide * (per_cell // 2 // len(wide))
        cells.append(
            {
                "cell_type": "code",
                "execution_count": number + 1,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [{"name": "stdout", "output_type": "stream", "text": text.splitlines(True)}],
                "source": [f"let x{number} = {number} + 1"],
            }
        )
    return {
        "cells": cells,
        "metadata": {
            "distnb": {"format": 2, "kernel": "embedded"},
            "kernelspec": {"display_name": "distnb (embedded)", "language": "distnb", "name": "embedded"},
            "language_info": {"name": "distnb"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def seconds(work):
    """The median of several rounds, after one to warm up."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def run(*arguments):
    subprocess.run([DISTNB, *arguments], check=True, stdout=subprocess.DEVNULL)


def write_bytes(path, data):
    """What any program must do at least: a new file beside the old one, synced, renamed, the folder synced."""
    with open(path + ".tmp", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".tmp", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.distnb")
        text = json.dumps(notebook(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        data = text.encode()
        with open(path, "wb") as file:
            file.write(data)
        print(f"{CELLS} cells, {len(data) / 1e6:.1f} MB, median of {ROUNDS}")
        start = seconds(lambda: run("--version"))
        opened = seconds(lambda: run("cell", "list", path))
        counter = iter(range(10**6))
        saved = seconds(lambda: run("cell", "edit", path, "1000", "--source", f"let y = {next(counter)}"))
        writing = seconds(lambda: write_bytes(path + ".copy", data))
        peer_open = seconds(lambda: nbformat.read(path, as_version=4))
        document = nbformat.read(path, as_version=4)
        peer_save = seconds(lambda: nbformat.write(document, path + ".peer"))
        print(f"start of the program alone       {start * 1000:7.0f} ms")
        print(f"open, and tell every cell's status {opened * 1000:5.0f} ms")
        print(f"  nbformat.read                  {peer_open * 1000:7.0f} ms   ratio {peer_open / opened:.2f}")
        print(f"open, change one cell, save      {saved * 1000:7.0f} ms")
        print(f"  the save alone                 {(saved - opened) * 1000:7.0f} ms")
        print(f"  nbformat.write                 {peer_save * 1000:7.0f} ms   ratio {peer_save / max(1e-9, saved - opened):.2f}")
        print(f"  writing the bytes, synced      {writing * 1000:7.0f} ms")
        print(f"  saving over writing the bytes  {(saved - opened - writing) * 1000:7.0f} ms")


main()
