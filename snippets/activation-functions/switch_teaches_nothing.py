"""A unit that is only on or off has no slope to learn from, a graded one has."""

import torch

from dlref.activations import sigmoid
from dlref.plots import curves

torch.manual_seed(0)
x = torch.randn(40, dtype=torch.float64)
target = (x > 0.3 * torch.randn(40)).double()  # mostly "is x positive?"
bias = torch.linspace(-2, 2, 2001, dtype=torch.float64)

score = x + bias[:, None]
switched = ((score > 0).double() - target).square().mean(dim=1)
graded = (sigmoid(4 * score) - target).square().mean(dim=1)
curves(
    bias,
    {"switch": switched, "graded": graded},
    xlabel="bias",
    ylabel="mean squared error",
)

flat = (switched.diff() == 0).double().mean().item()
flat_graded = (graded.diff() == 0).double().mean().item()
print(f"flat steps along the way: switch {flat:.1%}, graded {flat_graded:.1%}")
assert flat > 0.95
assert flat_graded == 0
