"""PyTorch draws weights and biases from one interval, set by the inputs alone."""

import torch
from torch import nn

torch.manual_seed(0)
layer = nn.Linear(400, 100)
weights, biases = layer.weight.detach(), layer.bias.detach()

# %% law
bounds = {"uniform ±1/√inputs": 400**-0.5, "uniform, Glorot": (6 / 500) ** 0.5}
largest, spread = weights.abs().max().item(), weights.std().item()
law = min(bounds, key=lambda name: abs(bounds[name] - largest))
assert 0.999 * bounds[law] < largest <= bounds[law]
assert abs(spread / (bounds[law] / 3**0.5) - 1) < 0.02  # as spread as a uniform law is
bias = (
    "the same law" if 0.9 * bounds[law] < biases.abs().max() <= bounds[law] else "other"
)
assert bias == "the same law"
