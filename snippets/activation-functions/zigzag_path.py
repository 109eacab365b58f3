"""Inputs above zero turn the path to weights of opposite signs into a long zigzag."""

import matplotlib.pyplot as plt
import torch

from dlref.activations import tanh

torch.manual_seed(0)
centred = tanh(torch.randn(400, 50, 2))  # 400 steps, for 50 orders of the examples
goal = torch.tensor([1.0, -1.0])


def descend(inputs, rate):
    """Learn outputs that the goal explains, example by example; return all weights."""
    weights, path = torch.zeros(50, 2), []
    for x in inputs:
        error = ((weights - goal) * x).sum(dim=1, keepdim=True)
        weights = weights - rate * error * x
        path.append(weights)
    return torch.stack(path)


axes, steps = plt.subplots()[1], []
for name, inputs, line in [("centred", centred, "o-"), ("shifted", 1 + centred, "s--")]:
    best, shown = 400, None
    for rate in (0.2, 0.3, 0.4, 0.6, 0.8, 1.2):
        path = descend(inputs, rate)
        near = (path - goal).norm(dim=-1) < 0.1
        needed = 1 + near.int().argmax(dim=0).median().item()
        if near.any(dim=0).all() and needed < best:
            best, shown = needed, path[:needed, 0]
    steps.append(best)
    axes.plot(*shown.T, line, markersize=4, linewidth=1, label=name)
axes.plot(*goal, "*", color="C2", markersize=14, label="goal")
axes.set(xlabel="first weight", ylabel="second weight")
axes.legend()
steps_centred, steps_shifted = steps
assert steps_shifted > 1.5 * steps_centred
