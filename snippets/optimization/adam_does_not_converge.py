"""Adam can walk to the worst point, if large gradients are rare and soon forgotten."""

import torch

from dlref.optimizers import adam_step, sgd_step
from dlref.plots import curves

large, steps = 4.0, 900
gradients = torch.tensor([large, -1.0, -1.0]).repeat(steps // 3)
assert gradients.mean() > 0  # so the best x in [-1, 1] is -1


def descend(beta2=None):
    x, m, v, way = torch.zeros(1), torch.zeros(1), torch.zeros(1), []
    for t, gradient in enumerate(gradients.split(1), 1):
        rate = 0.5 / t**0.5
        if beta2 is None:
            x = sgd_step(x, gradient, lr=rate)
        else:
            x, m, v = adam_step(x, gradient, m, v, t, lr=rate, beta1=0.0, beta2=beta2)
        x = x.clamp(-1, 1)
        way.append(x)
    return torch.cat(way)


forgetful = 1 / (1 + large**2)  # the β₂ of the theorem
ways = {"gradient descent": descend(), "Adam, β₂ = 0.999": descend(0.999)}
ways["Adam, β₂ = 1/17"] = descend(forgetful)
lines = {name: way[2::9] for name, way in ways.items()}
curves(range(3, steps + 1, 9), lines, xlabel="step", ylabel="x", log_x=True)
descent, patient, adam = (way[-30:].mean().item() for way in ways.values())
assert adam > 0.9 > -0.9 > max(descent, patient)
