"""Four ways to ask for the slope of ReLU at zero give three answers."""

import torch

from dlref.activations import relu

zero = torch.zeros(1, dtype=torch.float64)
ways = {
    "relu": relu,
    "torch.relu": torch.relu,
    "torch.clamp": lambda x: torch.clamp(x, min=0),
    "torch.maximum": lambda x: torch.maximum(x, zero),
}
slopes = {}
for name, way in ways.items():
    x = zero.clone().requires_grad_()
    way(x).backward()
    slopes[name] = x.grad.item()
    print(f"{name:20}{slopes[name]}")

h = 1e-6
centred = ((relu(zero + h) - relu(zero - h)) / (2 * h)).item()
print(f"{'centred difference':20}{centred}")
assert list(slopes.values()) == [0, 0, 1, 0.5]
assert centred == 0.5
