"""Every loss of a margin lies above the count of mistakes; they part far from zero."""

import math

import torch

from dlref.losses import binary_cross_entropy, binary_hinge, mean_squared_error
from dlref.plots import curves

margin = torch.linspace(-2.5, 2.5, 201)  # the score times the truth, which is -1 or 1


def of_margin(loss):
    return torch.stack([loss(m, torch.tensor(1.0)) for m in margin])


losses = {
    "mistake": (margin <= 0).float(),
    "hinge": of_margin(binary_hinge),
    "cross-entropy, bits": of_margin(binary_cross_entropy) / math.log(2),
    "squared error": of_margin(mean_squared_error),
    "exponential": torch.exp(-margin),
}
figure = curves(margin, losses, xlabel="margin", ylabel="loss")
figure.axes[0].set_ylim(-0.2, 5)

mistake, *smooth = torch.stack(list(losses.values()))
zero, last = len(margin) // 2, len(margin) - 1
assert all((loss >= mistake - 1e-6).all() for loss in smooth)
assert all(loss[zero].isclose(torch.tensor(1.0)) for loss in smooth)
rising = [name for name, loss in losses.items() if loss[last] > loss[last - 1]]
assert rising == ["squared error"]
