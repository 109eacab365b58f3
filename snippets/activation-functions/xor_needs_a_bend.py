"""Four corners defeat a network without an activation; with one it solves them."""

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from dlref.activations import tanh
from dlref.plots import decision_regions

torch.manual_seed(0)
corner = torch.randint(0, 2, (200, 2))
x = 2 * corner - 1 + 0.3 * torch.randn(200, 2)
label = corner[:, 0] ^ corner[:, 1]  # exclusive or: 1 where just one of the two is set


def train(activation):
    first, second = nn.Linear(2, 8), nn.Linear(8, 1)
    optimizer = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=0.05)
    for _ in range(200):
        logit = second(activation(first(x)))[:, 0]
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(logit, label.float()).backward()
        optimizer.step()
    return lambda x: second(activation(first(x)))[..., 0].detach()


straight, bent = train(lambda z: z), train(tanh)
accuracy_straight = ((straight(x) > 0) == label).float().mean().item()
accuracy_bent = ((bent(x) > 0) == label).float().mean().item()
assert accuracy_straight <= 0.75
assert accuracy_bent > 0.98

grid = torch.linspace(-2.2, 2.2, 111)
plane = torch.stack(torch.meshgrid(grid, grid, indexing="xy"), dim=-1)
figure = decision_regions(grid, grid, bent(plane), x, label)
axes = figure.axes[0]
axes.contour(grid, grid, straight(plane), [0], colors="C2", linestyles="--")
