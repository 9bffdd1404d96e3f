"""Writes Tests/DistillationTests/Fixtures/statistics.json: what scipy and statsmodels say of small inputs.

wilson     statsmodels.stats.proportion.proportion_confint(method="wilson")
mcnemar    statsmodels.stats.contingency_tables.mcnemar(exact=True), and scipy.stats.binomtest(p=0.5), which agree
holm       statsmodels.stats.multitest.multipletests(method="holm")
tango      Tango's (1998) score interval: for a supposed difference the shares that are most likely under it are found by
           a bounded numeric search of the likelihood, not by the closed formula, and the ends by Brent's method
normal     scipy.stats.norm.cdf and .ppf
bootstrap  scipy.stats.bootstrap(method="BCa") with 200,000 resamples at the level that widens it as Hesterberg (2015)
           does: 2·Phi(t · sqrt(n / (n - 1))) - 1 with t Student's 97.5 % point
permutation  scipy.stats.permutation_test(permutation_type="samples"), exact
power      the chance that McNemar's exact test is under 5 %, by enumeration of the trinomial distribution, with the rows
           that the formula asks for

    venv/bin/pip install scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python Tests/References/statistics_reference.py
"""

import json
import math
import pathlib

import numpy as np
import scipy
import statsmodels
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

OUT = pathlib.Path(__file__).parents[1] / "DistillationTests" / "Fixtures" / "statistics.json"


def wilson():
    cases = [(0, 1), (1, 1), (0, 10), (7, 10), (10, 10), (33, 50), (299, 300), (150, 300), (1, 1000), (123456, 1000000)]
    return [[k, n, *map(float, proportion_confint(k, n, method="wilson"))] for k, n in cases]


def exact_mcnemar():
    rows = []
    for wins, losses in [(0, 0), (1, 0), (0, 5), (5, 5), (6, 1), (12, 3), (25, 40), (100, 60), (3, 30), (700, 800), (5000, 5300)]:
        p = float(mcnemar([[0, wins], [losses, 0]], exact=True).pvalue) if wins + losses else 1.0
        if wins + losses:
            assert math.isclose(p, stats.binomtest(wins, wins + losses, 0.5).pvalue, rel_tol=1e-9)
        rows.append([wins, losses, p])
    return rows


def holm():
    cases = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5], [0.02], [0.001, 0.001, 0.9, 0.04, 0.2], [1.0, 0.6, 0.7]]
    return [{"p": case, "adjusted": [float(p) for p in multipletests(case, method="holm")[1]]} for case in cases]


def tango():
    def statistic(b, c, n, d):
        """The score test of p12 - p21 = d, the nuisance p21 from the likelihood itself."""

        def loss(q):
            p = q + d
            rest = 1 - p - q
            total = 0.0
            for count, share in [(b, p), (c, q), (n - b - c, rest)]:
                if count:
                    total -= count * math.log(max(share, 1e-300))
            return total

        low, high = max(0.0, -d), (1 - d) / 2
        found = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-14})
        q = min([(loss(x), x) for x in (low, high, float(found.x))])[1]
        variance = n * (2 * q + d - d * d)
        distance = b - c - n * d
        return distance / math.sqrt(variance) if variance > 1e-300 else math.copysign(math.inf, distance)

    z = stats.norm.ppf(0.975)
    rows = []
    for b, c, n in [(0, 0, 20), (1, 0, 10), (5, 2, 30), (12, 9, 100), (3, 25, 300), (0, 12, 60), (30, 30, 60), (40, 10, 400)]:
        found = (b - c) / n
        edge = 1 - 1e-9
        low = optimize.brentq(lambda d: statistic(b, c, n, d) - z, -edge, found - 1e-9, xtol=1e-12)
        high = optimize.brentq(lambda d: statistic(b, c, n, d) + z, found + 1e-9, edge, xtol=1e-12)
        rows.append([b, c, n, low, high, float(stats.norm.cdf(-statistic(b, c, n, -0.05)))])
    return rows


def normal():
    return {
        "cumulative": [[z, float(stats.norm.cdf(z))] for z in (-8.0, -3.0, -1.0, 0.0, 0.5, 1.96, 4.0)],
        "quantile": [[p, float(stats.norm.ppf(p))] for p in (1e-12, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.99999)],
        "student": [[n, float(stats.t.ppf(0.975, n))] for n in (1, 2, 3, 5, 6, 10, 30, 199, 10000)],
    }


def samples():
    random = np.random.default_rng(7)
    judge = random.choice(np.arange(1, 11), size=60, p=np.array([1, 1, 2, 3, 5, 8, 15, 25, 25, 15]) / 100)
    ceiling = random.choice([0, 0.25, 0.5, 0.75, 1], size=200, p=[0.02, 0.02, 0.03, 0.03, 0.9])
    skewed = np.round(random.exponential(size=40), 3)
    return [[float(x) for x in sample] for sample in (judge, ceiling, skewed)]


def bootstrap():
    rows = []
    for sample in samples():
        n = len(sample)
        level = 2 * stats.norm.cdf(stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1))) - 1
        found = stats.bootstrap(
            (np.array(sample),), np.mean, n_resamples=200_000, batch=1_000, confidence_level=level, method="BCa",
            rng=np.random.default_rng(1))
        interval = found.confidence_interval
        rows.append({"sample": sample, "low": float(interval.low), "high": float(interval.high),
                     "error": float(found.standard_error)})
    return rows


def permutation():
    rows = []
    for differences in [[1, 2, -1, 3, 0.5, 2, -0.5, 1], [0.1, -0.2, 0.1, -0.1, 0.3, 0.2, 0.4, 0.1, -0.3, 0.25, 0.15, 0.2]]:
        found = stats.permutation_test(
            (np.array(differences),), np.sum, permutation_type="samples", alternative="two-sided", n_resamples=np.inf)
        rows.append({"differences": differences, "p": float(found.pvalue)})
    return rows


def power():
    """The rows by the formula, and the exact power with them."""
    rows = []
    for p, q in [(0.12, 0.04), (0.2, 0.1), (0.08, 0.02), (0.3, 0.2), (0.05, 0.01)]:
        d, s = p - q, p + q
        k = stats.norm.ppf(0.975) * math.sqrt(s) + stats.norm.ppf(0.8) * math.sqrt(s - d * d)
        n = math.ceil(((k + math.sqrt(k * k + 4 * d)) / (2 * d)) ** 2)
        chance = 0.0
        for m in range(n + 1):
            # m discordant rows, of which wins follow a binomial distribution; rejected from a bound on.
            weight = stats.binom.pmf(m, n, s)
            if weight < 1e-12 or m == 0:
                continue
            least = int(stats.binom.ppf(0.025, m, 0.5))
            while least >= 0 and 2 * stats.binom.cdf(least, m, 0.5) > 0.05:
                least -= 1
            if least < 0:
                continue
            share = p / s
            chance += weight * (stats.binom.cdf(least, m, share) + stats.binom.sf(m - least - 1, m, share))
        # Out of 10,000 rows, so that the shares are whole counts.
        rows.append([round(p * 10_000), round(q * 10_000), 10_000, n, float(chance)])
    return rows


if __name__ == "__main__":
    fixture = {
        "made_with": f"scipy {scipy.__version__}, statsmodels {statsmodels.__version__}, numpy {np.__version__}",
        "wilson": wilson(), "mcnemar": exact_mcnemar(), "holm": holm(), "tango": tango(), "normal": normal(),
        "bootstrap": bootstrap(), "permutation": permutation(), "power": power(),
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(fixture, indent=1) + "\n")
    print(OUT, len(OUT.read_text()))
