"""RMSprop divides each gradient by the root of a fading average of its squares."""

import math

import torch

from dlref.optimizers import rmsprop_step
from dlref.plots import curves

torch.set_default_dtype(torch.float64)

# %% definition
torch.manual_seed(0)
alpha, steps, scale = 0.9, 30, torch.tensor([1e-3, 1.0, 1e3])
grads = scale * (1 + torch.randn(steps, 1))  # the same noise at three scales
theta, s = torch.zeros(3), torch.zeros(3)
for grad in grads:
    theta, s = rmsprop_step(theta, grad, s, lr=0.01, alpha=alpha, eps=0.0)
weights = (1 - alpha) * alpha ** torch.arange(steps).flip(0)  # the oldest is least
assert torch.allclose(s, (weights[:, None] * grads**2).sum(dim=0))
assert torch.allclose(theta, theta[1])  # the scales do not matter

# %% memory
last = torch.arange(1, 101)
shares = {f"α = {a:g}": 1 - a**last for a in (0.5, 0.9, 0.99)}
figure = curves(last, shares, xlabel="last steps", ylabel="share of the average")
figure.axes[0].axhline(0.5, color="C3", linewidth=1, linestyle=":")
half_life, horizon = math.log(0.5) / math.log(alpha), 1 / (1 - alpha)
half_life_default, horizon_default = math.log(0.5) / math.log(0.99), 1 / (1 - 0.99)
age = torch.arange(1, 2000)  # today's gradient has age 1
mean_age = ((1 - alpha) * alpha ** (age - 1) * age).sum().item()
assert abs(mean_age - horizon) < 1e-9
assert 1 - alpha ** int(half_life) < 0.5 < 1 - alpha ** math.ceil(half_life)
