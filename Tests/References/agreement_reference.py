"""Agreement between gold and a grader → DistillationTests/Fixtures/agreement.json.

Each case has two lists of equal length and what the references say of them: scikit-learn's `cohen_kappa_score` (plain,
and with quadratic weights over all categories of the scale), `accuracy_score` and `mean_absolute_error`, and scipy's
`spearmanr`. null stands where a reference gives nan: one side never varies.

Cases: small ones by hand (ties, one row, constant sides, perfect and reversed agreement), and drawn ones with a fixed
seed: a scale of 2, 3, 5 and 10 categories, a grader that errs by 0, 1 or 2 or at random, 2 to 400 rows; fractional
scores for the mean error and Spearman alone.
"""

import json
import math
import pathlib
import random
import warnings

from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, cohen_kappa_score, mean_absolute_error

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "DistillationTests" / "Fixtures" / "agreement.json"


def number(value):
    return None if math.isnan(value) else float(value)


def whole(truth, found, categories):
    """A case of categories 0 … categories - 1."""
    labels = list(range(categories))
    case = fractional(truth, found)
    case["categories"] = categories
    case["accuracy"] = float(accuracy_score(truth, found))
    case["kappa"] = number(cohen_kappa_score(truth, found, labels=labels))
    case["weighted"] = number(cohen_kappa_score(truth, found, labels=labels, weights="quadratic"))
    return case


def fractional(truth, found):
    spearman = spearmanr(truth, found).statistic if len(truth) > 1 else math.nan
    return {
        "truth": truth,
        "found": found,
        "mae": float(mean_absolute_error(truth, found)),
        "spearman": number(spearman),
    }


def main():
    warnings.simplefilter("ignore")
    rng = random.Random(7)
    cases = [
        whole([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 5),
        whole([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], 5),
        whole([1, 1, 1, 1], [0, 1, 1, 1], 2),
        whole([1, 1, 1], [1, 1, 1], 2),
        whole([0, 1, 0, 1], [1, 1, 1, 1], 2),
        whole([0], [1], 3),
        whole([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 2, 2], 3),
    ]
    for categories in (2, 3, 5, 10):
        for rows in (2, 7, 40, 400):
            for slip in (0, 1, 2, None):
                truth = [rng.randrange(categories) for _ in range(rows)]
                found = [
                    rng.randrange(categories)
                    if slip is None
                    else min(categories - 1, max(0, label + rng.randint(-slip, slip)))
                    for label in truth
                ]
                cases.append(whole(truth, found, categories))
    for rows in (2, 3, 25, 200):
        truth = [round(rng.uniform(1, 5), 1) for _ in range(rows)]
        cases.append(fractional(truth, [round(score + rng.gauss(0, 1), 3) for score in truth]))
        cases.append(fractional(truth, [round(rng.uniform(1, 5)) / 2 for _ in truth]))
    FIXTURE.write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")
    print(len(cases), "cases,", FIXTURE.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
