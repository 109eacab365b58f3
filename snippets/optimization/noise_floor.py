"""A constant rate leaves the error on a floor of noise, and a falling one lowers it."""

import torch

from dlref.optimizers import (
    constant_schedule,
    sgd_step,
    step_schedule,
    warmup_cosine_schedule,
)
from dlref.plots import curves

steps, rate = 300, 0.5  # on a bowl of curvature one, with gradient noise of size one
schedules = {
    "constant": lambda t: constant_schedule(t, lr=rate),
    "step": lambda t: step_schedule(t, lr=rate, every=100, gamma=0.1),
    "warm-up, cosine": lambda t: warmup_cosine_schedule(
        t, lr=rate, warmup=20, steps=steps
    ),
}
errors = {}
for name, schedule in schedules.items():
    torch.manual_seed(0)
    theta, way = torch.full((2000,), 10.0), []  # two thousand runs side by side
    for t in range(steps):
        noisy = theta + torch.randn(2000)
        theta = sgd_step(theta, noisy, lr=schedule(t))
        way.append(theta.square().mean().sqrt())
    errors[name] = torch.stack(way)

labels = {"xlabel": "step", "ylabel": "error"}
curves(
    range(1, steps + 1, 4), {k: e[::4] for k, e in errors.items()}, log_y=True, **labels
)
floor = (rate / (2 - rate)) ** 0.5  # where what a step removes and adds are equal
constant, step, cosine = (error[-1].item() for error in errors.values())
assert abs(errors["constant"][100:].mean() / floor - 1) < 0.02
ceiling = floor / 4
assert max(step, cosine) < ceiling
