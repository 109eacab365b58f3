"""Names that several languages share teach which languages a name is not from."""

import re

import numpy as np
from babel import Locale
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

languages, found = "da nb sv de nl en fr it ca es gl pt cs sk hr sl".split(), {}
tables = [{**Locale(code).currencies, **Locale(code).territories} for code in languages]
for code in sorted(set.intersection(*map(set, tables)) - {"XA", "XB", "ZZ", "XXX"}):
    place = code[:2] if code.isalpha() else code  # a land and its currency
    for language, table in enumerate(tables):
        text = re.sub(r"\s*[(\[].*?[)\]]", "", table[code]).replace("’", "'").lower()
        found.setdefault(text, {}).setdefault(language, place)
rows = sorted(
    (text, *use, len(uses) == 1) for text, uses in found.items() for use in uses.items()
)
texts, labels, places, alone = map(np.array, zip(*rows, strict=True))

galician, everywhere = [], []
for seed in range(2):
    order = np.random.default_rng(seed).permutation(np.unique(places))
    held_out = np.isin(places, order[:75])
    test = held_out & alone
    for use in (~held_out & alone, ~held_out):
        groups = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2)
        model = LogisticRegression(C=10, max_iter=500, tol=1e-3)
        model.fit(groups.fit_transform(texts[use]), labels[use])
        right = model.predict(groups.transform(texts[test])) == labels[test]
        everywhere.append(right.mean())
        galician.append(right[labels[test] == languages.index("gl")].mean())
(without, shared), (galician_without, galician_with) = (
    np.reshape(scores, (2, 2)).mean(0) for scores in (everywhere, galician)
)
print(f"all languages {without:.3f}, with the shared names {shared:.3f}")
print(f"Galician {galician_without:.3f}, with the shared names {galician_with:.3f}")
assert abs(shared - without) < 0.03
assert galician_with > galician_without + 0.03
