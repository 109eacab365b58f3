"""One hidden layer of ReLU units is a line with a kink for each unit."""

import torch

from dlref.activations import relu

torch.manual_seed(0)
units = 12
weight, bias, out = (torch.randn(units, dtype=torch.float64) for _ in range(3))
x = torch.linspace(-100, 100, 2_000_001, dtype=torch.float64)
y = sum(o * relu(w * x + b) for w, b, o in zip(weight, bias, out, strict=True))

bend = y.diff().diff().abs() > 1e-9  # true where the slope changes
kinks = (bend & ~torch.cat([torch.zeros(1, dtype=torch.bool), bend[:-1]])).sum().item()
print(f"{units} units, {kinks} kinks")
assert kinks == units
