"""Runs the same pipeline with distnb and its peers, each in a process of its own, and prints times, memory and ratios.

Every program starts anew for each run, reads the same file and prints the same table; what it printed is compared.
Times are wall-clock, from start to end of the process; memory is the largest resident set (getrusage of the child).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent

DISTNB = """load "rows.jsonl"
  | where .score > 0.5 and .intent != "complaint"
  | derive size: len(.question)
  | group .intent, n: count(), size: mean(.size), score: mean(.score)
  | sort desc(.n), .intent
  | derive size: round(.size, 6), score: round(.score, 6)
  | save "out/result.jsonl"
"""

JQ = """
reduce (inputs | select(.score > 0.5 and .intent != "complaint")) as $row
  ({}; .[$row.intent] |= {n: (.n + 1), size: (.size + ($row.question | length)), score: (.score + $row.score)})
| to_entries
| map({intent: .key, n: .value.n, size: (.value.size / .value.n), score: (.value.score / .value.n)})
| sort_by(-.n, .intent) | .[]
"""

PANDAS = """
import pandas as pd
rows = pd.read_json("rows.jsonl", lines=True)
rows = rows[(rows.score > 0.5) & (rows.intent != "complaint")]
rows = rows.assign(size=rows.question.str.len())
table = rows.groupby("intent", as_index=False).agg(n=("size", "size"), size=("size", "mean"), score=("score", "mean"))
table = table.sort_values(["n", "intent"], ascending=[False, True])
print(table.to_json(orient="records", lines=True))
"""

POLARS = """
import polars as pl
table = (
    pl.scan_ndjson("rows.jsonl")
    .filter((pl.col("score") > 0.5) & (pl.col("intent") != "complaint"))
    .with_columns(size=pl.col("question").str.len_chars())
    .group_by("intent").agg(n=pl.len(), size=pl.col("size").mean(), score=pl.col("score").mean())
    .sort(["n", "intent"], descending=[True, False])
    .collect()
)
print(table.write_ndjson())
"""

DUCKDB = """
import duckdb
table = duckdb.sql('''
    select intent, count(*) as n, avg(length(question)) as size, avg(score) as score
    from read_json('rows.jsonl', format = 'newline_delimited')
    where score > 0.5 and intent <> 'complaint' group by intent order by n desc, intent
''')
for intent, n, size, score in table.fetchall():
    import json
    print(json.dumps({"intent": intent, "n": n, "size": size, "score": score}))
"""


def child(command, folder):
    """Runs a command; its output, seconds and peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{command[0]} failed: {errors.decode()[-500:]}")
    return output.decode(), seconds, usage.ru_maxrss / 1024


def table(text):
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [(row["intent"], row["n"], round(row["size"], 4), round(row["score"], 4)) for row in rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--distnb", required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    distnb = str(pathlib.Path(options.distnb).resolve())
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        subprocess.run([sys.executable, HERE / "data.py", str(options.rows), path / "rows.jsonl"], check=True)
        (path / "cell.dist").write_text(DISTNB)
        megabytes = (path / "rows.jsonl").stat().st_size / 1e6
        print(f"{options.rows:,} rows, {megabytes:.0f} MB; medians of {options.repeat}; load {os.getloadavg()[0]:.1f}")
        programs = {
            "distnb": ["sh", "-c", f"'{distnb}' < cell.dist >/dev/null && cat out/result.jsonl"],
            "jq": ["jq", "-nc", JQ, "rows.jsonl"],
            "pandas": [sys.executable, "-c", PANDAS],
            "Polars": [sys.executable, "-c", POLARS],
            "DuckDB": [sys.executable, "-c", DUCKDB],
        }
        found = {}
        expected = None
        for name, command in programs.items():
            repeat = options.repeat if name not in ("jq", "pandas") else min(options.repeat, 2)
            runs = []
            for _ in range(repeat):
                text, seconds, memory = child(command, folder)
                runs.append((seconds, memory))
                expected = expected or table(text)
                if table(text) != expected:
                    sys.exit(f"{name} found another table:\n{table(text)}\ninstead of\n{expected}")
            found[name] = (statistics.median(run[0] for run in runs), max(run[1] for run in runs))
        ours = found["distnb"]
        print(f"{'':10} {'seconds':>8} {'peak MB':>8} {'peer : distnb':>14}")
        for name, (seconds, memory) in found.items():
            ratio = "" if name == "distnb" else f"{seconds / ours[0]:.2f}"
            print(f"{name:10} {seconds:8.2f} {memory:8.0f} {ratio:>14}")


if __name__ == "__main__":
    main()
