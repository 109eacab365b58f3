"""Three raters come close to ten, as the Spearman–Brown formula foretells."""

import json
import re
from pathlib import Path

import numpy as np
import vaderSentiment

file = Path(*vaderSentiment.__path__, "vader_lexicon.txt")
rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
words = [row for row in rows if re.fullmatch("[a-z]+", row[0])]
ratings = np.array([json.loads(row[3]) for row in words])
generator = np.random.default_rng(0)


def agreement(raters):
    """Correlate the means of two groups of so many raters, drawn anew for each word."""
    mixed = generator.permuted(ratings, axis=1)
    one, other = mixed[:, :raters], mixed[:, raters : 2 * raters]
    return np.corrcoef(one.mean(1), other.mean(1))[0, 1]


single = np.mean([agreement(1) for _ in range(20)])
for raters in 1, 2, 3, 5, 10:
    foretold = raters * single / (1 + (raters - 1) * single)
    line = f"{raters:2d} raters: formula {foretold:.3f}, ceiling {foretold**0.5:.2f}"
    if raters <= 5:
        measured = np.mean([agreement(raters) for _ in range(20)])
        line += f", measured {measured:.3f}"
        assert abs(measured - foretold) < 0.01
    if raters == 3:
        foretold_three, measured_three = foretold, measured
        ceiling_three = foretold**0.5
    print(line)
assert ceiling_three > 0.92
