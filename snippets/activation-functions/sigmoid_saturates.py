"""The slope of sigmoid is at most one quarter, and five units out it is nearly gone."""

import torch

from dlref.activations import sigmoid
from dlref.plots import function_and_slope

# %% slope
x = (torch.arange(-800, 801, dtype=torch.float64) / 100).requires_grad_()
y = sigmoid(x)
(slope,) = torch.autograd.grad(y.sum(), x)
max_slope = slope.max().item()
slope_at_five = slope[x == 5].item()
function_and_slope(x.detach(), y.detach(), slope, name="sigmoid")
assert torch.allclose(slope, y * (1 - y))
assert max_slope == 0.25
assert slope_at_five < 0.01

# %% range
single = torch.tensor([-10.0, -2.0, 0.0, 2.0, 10.0, 20.0])
print(sigmoid(single))
assert 0 < sigmoid(single).min()
assert sigmoid(single)[-1] == 1  # 1 - 0.000000002 is not a float32
