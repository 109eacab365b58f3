"""A loop that runs as long as the data ask has the right slope."""

from itertools import pairwise

import matplotlib.pyplot as plt
import torch


def doubled(x):  # how often depends on the number that comes
    steps = 0
    while x < 1:
        x, steps = 2 * x, steps + 1
    return x, steps


# %% slope
xs = torch.linspace(0.04, 1.3, 200, dtype=torch.float64)
values, counts, slopes, gaps = [], [], [], []
for start in xs:
    x = start.clone().requires_grad_()
    y, steps = doubled(x)
    y.backward()  # back through exactly the steps that were taken
    (above, up), (below, down) = doubled(start + 1e-6), doubled(start - 1e-6)
    if up == down:  # on both sides as many steps: the difference means something
        gaps.append(abs((above - below) / 2e-6 - x.grad).item())
    values.append(y.item())
    counts.append(steps)
    slopes.append(x.grad.item())
assert slopes == [2**steps for steps in counts]
gap, longest = max(gaps), max(counts)
assert gap < 1e-6
falls = sum(after < before for before, after in pairwise(values))
assert min(slopes) > 0
assert falls == longest  # it rises everywhere, and yet it falls: no slope tells of that

# %% figure
figure, axes = plt.subplots(2, sharex=True)
axes[0].plot(xs, values, ".", markersize=3)
axes[1].plot(xs, slopes, "C1.", markersize=3)
axes[0].set_ylabel("result")
axes[1].set(xlabel="input", ylabel="slope", yscale="log", yticks=[1, 4, 16])
axes[1].set_yticklabels(["1", "4", "16"])
