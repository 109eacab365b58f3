"""Tanh is sigmoid, stretched and centred: its slope at zero is four times as steep."""

import torch

from dlref.activations import sigmoid, tanh
from dlref.plots import function_and_slope

x = (torch.arange(-500, 501, dtype=torch.float64) / 100).requires_grad_()
y = tanh(x)
(slope,) = torch.autograd.grad(y.sum(), x)
function_and_slope(x.detach(), y.detach(), slope, name="tanh")

max_slope = slope.max().item()
slope_at_three = slope[x == 3].item()
assert torch.allclose(y, 2 * sigmoid(2 * x) - 1)
assert torch.allclose(slope, 1 - y**2)
assert max_slope == 1
assert slope_at_three < 0.01
