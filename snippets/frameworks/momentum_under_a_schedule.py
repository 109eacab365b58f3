"""The two forms of momentum take the same steps until the learning rate changes."""

import torch
from torch.nn.functional import cross_entropy

from dlref.data import digits
from dlref.plots import curves

x, y = digits().train.inputs.flatten(1), digits().train.targets
steps, change = 120, 60


def rate(step):
    return 0.5 if step < change else 0.05


# %% forms
def rate_outside(v, g, lr):  # the velocity is a sum of gradients; the rate comes last
    v = 0.9 * v + g
    return v, -lr * v


def rate_inside(v, g, lr):  # the velocity is a sum of steps, each with its own rate
    v = 0.9 * v - lr * g
    return v, v


def train(form):
    weights, v, lengths = torch.zeros(64, 10), torch.zeros(64, 10), []
    for step in range(steps):
        weights.requires_grad_()
        (g,) = torch.autograd.grad(cross_entropy(x @ weights, y), weights)
        v, move = form(v, g, rate(step))
        weights = weights.detach() + move
        lengths.append(move.norm())
    return torch.stack(lengths)


# %% parting
forms = {"θ ← θ − ηv": train(rate_outside), "θ ← θ + v": train(rate_inside)}
curves(range(steps), forms, xlabel="step", ylabel="length of the step", log_y=True)
outside, inside = forms.values()
assert outside[:change].allclose(inside[:change], rtol=1e-3)
drop_outside = outside[change - 1] / outside[change]
drop_inside = inside[change - 1] / inside[change]
assert drop_outside > 8
assert drop_inside < 1.3
extra = (inside[change:].sum() / outside[change:].sum()).item()
assert extra > 1.5
