"""Counts of histograms (numpy.histogram) and confusion matrices (scikit-learn).

Writes Tests/TablesTests/CountingReference.swift. The data follow from formulas that the Swift tests repeat:
value i of 1000 is ((7919 i) mod 10007) / 997 - 3; pair i of 500 has the truth 7919 i mod 7 and, where 3 divides i,
the same answer, else 31 i² mod 7.
"""

import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix

values = np.array([(i * 7919 % 10007) / 997 - 3 for i in range(1000)])
counts, edges = np.histogram(values, bins=np.arange(-3, 9, 1.0))
truths = [i * 7919 % 7 for i in range(500)]
answers = [truth if i % 3 == 0 else i * i * 31 % 7 for i, truth in enumerate(truths)]
matrix = confusion_matrix(truths, answers, labels=range(7))
agreeing = int(accuracy_score(truths, answers, normalize=False))

rows = ",\n".join("        " + str(row.tolist()) for row in matrix)
text = f"""/// What numpy and scikit-learn count: written by Tests/References/counting_reference.py.
enum CountingReference {{
    static let edges: [Double] = {edges[:-1].tolist()}
    static let counts = {counts.tolist()}
    /// By truth and answer, both from 0 to 6.
    static let confusion = [
{rows},
    ]
    static let agreeing = {agreeing}
}}
"""
target = pathlib.Path(__file__).resolve().parents[1] / "TablesTests" / "CountingReference.swift"
target.write_text(text)
