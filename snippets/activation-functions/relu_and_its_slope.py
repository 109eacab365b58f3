"""ReLU passes half of a centred signal untouched and silences the other half."""

import torch

from dlref.activations import relu
from dlref.plots import function_and_slope

# %% slope
x = (torch.arange(-400, 401, dtype=torch.float64) / 100).requires_grad_()
y = relu(x)
(slope,) = torch.autograd.grad(y.sum(), x)
function_and_slope(x.detach(), y.detach(), slope, name="ReLU")
assert set(slope.tolist()) == {0, 1}

# %% silence
torch.manual_seed(0)
signal = torch.randn(100_000)
silent = (relu(signal) == 0).float().mean().item()
energy = (relu(signal).square().mean() / signal.square().mean()).item()
print(f"silent {silent:.1%}, mean square kept {energy:.1%}")
assert abs(silent - 0.5) < 0.01
assert abs(energy - 0.5) < 0.01
