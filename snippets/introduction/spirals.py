"""No straight line separates two spirals; two hidden layers do, also on new points."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from torch.nn.functional import cross_entropy

from dlref.data import spirals
from dlref.metrics import accuracy
from dlref.networks import MLP
from dlref.plots import decision_regions
from dlref.training import fit

train, new = spirals(400, noise=0.02), spirals(400, noise=0.02, seed=1)


def trained(sizes):
    torch.manual_seed(0)
    model = MLP(sizes)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, train, loss=cross_entropy, optimizer=adam, epochs=100, batch_size=50)
    return model.requires_grad_(False)


line, network = trained([2, 2]), trained([2, 32, 32, 2])
right_line = 100 * accuracy(line(new.inputs), new.targets)
right_network = 100 * accuracy(network(new.inputs), new.targets)
assert right_line < 75
assert right_network > 97

grid = torch.linspace(-1.2, 1.2, 121)
plane = torch.stack(torch.meshgrid(grid, grid, indexing="xy"), dim=-1)
figure = decision_regions(grid, grid, network(plane).permute(2, 0, 1), *train)
first, second = line(plane).unbind(-1)
figure.axes[0].contour(grid, grid, second - first, [0], colors="C2", linestyles="--")
