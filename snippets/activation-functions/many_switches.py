"""Many on-off units that share their input are, on average, one smooth graded unit."""

import torch

from dlref.activations import relu, sigmoid, softplus
from dlref.plots import curves

torch.manual_seed(0)
x = torch.linspace(-4, 8, 49)
offsets = torch.arange(60) + 0.5  # unit k is on half of the time at k + 1/2
chance = sigmoid(x[:, None] - offsets)
on = torch.rand(500, *chance.shape) < chance  # 500 trials: every unit is on or off
active = on.sum(dim=-1).float().mean(dim=0)

expected = chance.sum(dim=-1)
curves(
    x,
    {"switches on, average": active, "softplus": softplus(x), "ReLU": relu(x)},
    xlabel="shared input",
    ylabel="units that are on",
)
largest_gap = (expected - softplus(x)).abs().max().item()
sampling_error = (active - expected).abs().max().item()
assert largest_gap < 0.02
assert sampling_error < 0.25
