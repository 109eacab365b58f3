"""Of five programs for the same training none has twice the lines of another."""

import tokenize
from pathlib import Path

import matplotlib.pyplot as plt

frameworks = ("PyTorch", "TensorFlow", "Keras", "JAX", "MXNet")
beside = Path(__file__).parent  # this snippet reads other files: what the pages show


# %% count
kinds = (tokenize.NAME, tokenize.NUMBER, tokenize.OP)


def code(path):  # the lines, and the words and signs, without comments and docstrings
    with path.open("rb") as file:
        tokens = [t for t in tokenize.tokenize(file.readline) if t.type in kinds]
    return len({token.start[0] for token in tokens}), len(tokens)


counts = [code(beside / name.lower() / "digits.py") for name in frameworks]
lines, signs = zip(*counts, strict=True)
pytorch, tensorflow, keras, jax, mxnet = lines

# %% figure
axes = plt.subplots(figsize=(5.4, 2.4))[1]
axes.bar_label(axes.barh(frameworks, lines), padding=4)
axes.invert_yaxis()
axes.set(xlabel="lines of code in digits.py", xlim=(0, 1.12 * max(lines)))
assert max(lines) < 2 * min(lines)
most_signs, least_signs = max(signs), min(signs)
