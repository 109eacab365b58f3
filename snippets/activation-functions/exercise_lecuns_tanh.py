"""LeCun's scaled tanh maps ±1 to ±1, where its slope changes fastest."""

import torch

from dlref.activations import tanh


def scaled(x):
    return 1.7159 * tanh(2 * x / 3)


x = (torch.arange(0, 30001, dtype=torch.float64) / 10_000).requires_grad_()
(slope,) = torch.autograd.grad(scaled(x).sum(), x, create_graph=True)
(curvature,) = torch.autograd.grad(slope.sum(), x)
at_one = scaled(torch.ones(1, dtype=torch.float64)).item()
sharpest = x[curvature.abs().argmax()].item()
print(f"scaled(1) = {at_one:.4f}, the slope changes fastest at {sharpest:.3f}")
assert abs(at_one - 1) < 1e-4
assert abs(sharpest - 1) < 0.02
