"""The nearest neighbour in spelling fails where a test word has no relative."""

import re
from pathlib import Path

import numpy as np
import vaderSentiment
from sklearn.feature_extraction.text import TfidfVectorizer

file = Path(*vaderSentiment.__path__, "vader_lexicon.txt")
rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
known = {row[0]: float(row[1]) for row in rows if re.fullmatch("[a-z]{4,}", row[0])}
words, valence = np.array([*known]), np.array([*known.values()])
test = np.random.default_rng(0).permutation(len(words)) % 5 == 0


def core(word):
    return re.sub("^(un|[dm]is|i[nmr]|non|over|out)+(?=.{4})", "", word)[:4]


groups = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True)
memory = groups.fit_transform(words[~test])
likeness = (groups.transform(words[test]) @ memory.T).toarray()
guess, truth = valence[~test][likeness.argmax(1)], valence[test]
cores = {core(word) for word in words[~test]}
relative = np.array([core(word) in cores for word in words[test]])
share = 100 * relative.mean()
related = np.corrcoef(guess[relative], truth[relative])[0, 1]
alone = np.corrcoef(guess[~relative], truth[~relative])[0, 1]
print(f"{share:.0f} % have a relative: correlation {related:.2f}, others {alone:.2f}")
assert related > 0.7
assert alone < 0.4
