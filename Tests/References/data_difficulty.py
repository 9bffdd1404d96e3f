"""How hard is a data set of the lab for a linear classifier?

Trains logistic regression on TF-IDF character n-grams (1 to 5, within word
boundaries, lower case) of `question` on 70 % of the rows, stratified by
`intent`, and reports the accuracy on the other 30 %, over 5 seeds. The lab's
rows should stay at or under 90 %, so that one keyword does not give an intent
away; a linear SVM on the same features is reported for comparison.

Needs Python 3 with scikit-learn, in an environment of its own:

    python3 -m venv VENV && VENV/bin/pip install scikit-learn
    VENV/bin/python Tests/References/data_difficulty.py

The file to read may be given; by default notebooks/data/zava-questions.jsonl.
"""

import json
import statistics
import sys
from collections import Counter
from pathlib import Path

import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(5)


def features():
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), lowercase=True, sublinear_tf=True)


CLASSIFIERS = {
    "logistic regression": lambda: make_pipeline(features(), LogisticRegression(C=100, max_iter=2000)),
    "linear SVM": lambda: make_pipeline(features(), LinearSVC(C=1.0)),
}


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "notebooks/data/zava-questions.jsonl"
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    questions = [row["question"] for row in rows]
    intents = [row["intent"] for row in rows]
    counts = Counter(intents).values()
    print(f"{path.name}: {len(rows)} rows, {len(counts)} intents, {min(counts)} to {max(counts)} rows each")
    print(f"scikit-learn {sklearn.__version__}, 70 % to train, 30 % held out, {len(SEEDS)} seeds")
    for name, make in CLASSIFIERS.items():
        scores = []
        for seed in SEEDS:
            train_x, test_x, train_y, test_y = train_test_split(
                questions, intents, test_size=0.3, stratify=intents, random_state=seed
            )
            scores.append(make().fit(train_x, train_y).score(test_x, test_y))
        each = " ".join(f"{score:.3f}" for score in scores)
        print(f"{name}: mean {statistics.mean(scores):.3f}, spread {statistics.stdev(scores):.3f} ({each})")


if __name__ == "__main__":
    main()
