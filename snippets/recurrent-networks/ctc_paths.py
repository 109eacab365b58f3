"""CTC adds up every path that says the target, without visiting them one by one."""

from itertools import groupby, product

import matplotlib.pyplot as plt
import torch

from dlref.activations import log_softmax
from dlref.losses import ctc


def said(path):
    """Merge repeats, then drop the blanks, which are class 0."""
    return tuple(label for label, _ in groupby(path) if label)


torch.manual_seed(0)
steps, target = 5, (1, 2)  # five time steps to say "ab"
log_p = log_softmax(torch.randn(steps, 3, dtype=torch.float64)).requires_grad_()
everything = list(product(range(3), repeat=steps))
paths = [path for path in everything if said(path) == target]
chances = torch.stack([log_p[range(steps), path].sum() for path in paths]).exp()

loss = ctc(log_p, torch.tensor(target))
assert torch.isclose(chances.sum(), torch.exp(-loss))
(slope,) = torch.autograd.grad(loss, log_p)
is_class = torch.nn.functional.one_hot(torch.tensor(paths), 3)  # (paths, T, 3)
shares = (chances[:, None, None] * is_class).sum(0) / chances.sum()
assert torch.allclose(-slope, shares)  # the slope says where the paths are

figure, axes = plt.subplots(layout="constrained")
for path, chance in zip(paths, chances.detach(), strict=True):
    heard = [len(said(path[: t + 1])) for t in range(steps)]
    state = [2 * n - (label > 0) for n, label in zip(heard, path, strict=True)]
    width = 12 * (chance / chances.sum()).item()
    axes.plot(range(1, steps + 1), state, "o-", color="C0", linewidth=width, alpha=0.5)
axes.set(xlabel="time step", xticks=range(1, 6), yticks=range(5))
axes.set_yticklabels(["blank", "a", "blank", "b", "blank"])
total, count, probability = len(everything), len(paths), torch.exp(-loss).item()
