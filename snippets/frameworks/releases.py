"""Four of the five frameworks had releases in 2026, and MXNet's last is from 2022."""

import matplotlib.pyplot as plt

years = range(2015, 2027)
# Final releases in the public package index, by the year of their first file.
# Looked up on 2026-11-22: the last year is not over.
counts = {
    "PyTorch": [0, 0, 0, 1, 5, 6, 6, 6, 5, 9, 6, 8],
    "TensorFlow": [0, 2, 8, 11, 7, 14, 20, 20, 9, 6, 4, 1],
    "Keras": [2, 16, 15, 9, 3, 4, 2, 4, 7, 16, 11, 10],
    "JAX": [0, 0, 0, 17, 39, 30, 19, 30, 22, 15, 13, 13],
    "MXNet": [0, 0, 12, 11, 6, 2, 4, 1, 0, 0, 0, 0],
}

# %% figure
axes = plt.subplots(figsize=(5.4, 3.4))[1]
for row, releases in enumerate(counts.values()):
    for place, (year, number) in enumerate(zip(years, releases, strict=True)):
        if any(releases[: place + 1]):  # not before the first
            axes.scatter(year, row, 7 * number, color="C0", alpha=0.5)
            axes.text(year, row + 0.42, number, ha="center", va="center")
axes.set_yticks(range(len(counts)), list(counts))
axes.set(xlabel="year", ylim=(4.7, -0.5))
axes.grid(visible=False)

# %% last
last = {
    name: max(y for y, n in zip(years, releases, strict=True) if n)
    for name, releases in counts.items()
}
assert [name for name, year in last.items() if year < 2026] == ["MXNet"]
mxnet_last = last["MXNet"]
