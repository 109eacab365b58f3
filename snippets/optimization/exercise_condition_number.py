"""Descent's steps grow with the condition number, momentum's with its square root."""

import math

import torch

from dlref.optimizers import momentum_step

torch.set_default_dtype(torch.float64)


def steps_to(goal, kappa, rate, momentum):
    curvature = torch.tensor([1.0, kappa])
    theta, velocity, steps = torch.ones(2), torch.zeros(2), 0
    while theta.norm() > goal:
        gradient = curvature * theta
        theta, velocity = momentum_step(
            theta, gradient, velocity, lr=rate, momentum=momentum
        )
        steps += 1
    return steps


descent, with_momentum = [], []
for kappa in (25.0, 100.0, 400.0):
    root = math.sqrt(kappa)
    descent.append(steps_to(1e-6, kappa, 2 / (1 + kappa), 0.0))
    best = ((root - 1) / (root + 1)) ** 2
    with_momentum.append(steps_to(1e-6, kappa, 4 / (1 + root) ** 2, best))
    print(
        f"κ = {kappa:3.0f}: {descent[-1]:4} steps, with momentum {with_momentum[-1]:3}"
    )
assert 14 < descent[2] / descent[0] < 18  # 16 times the condition number
assert 3.5 < with_momentum[2] / with_momentum[0] < 5  # its root
