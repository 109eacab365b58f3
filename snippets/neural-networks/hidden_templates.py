"""Training turns hidden neurons into detectors, after which each digit lies apart."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# ///

import torch

from dlref.data import digits
from dlref.losses import cross_entropy
from dlref.metrics import accuracy
from dlref.networks import MLP
from dlref.plots import image_grid
from dlref.training import fit

train, _, test = digits()


def apart(x):
    """Return the distance between unequal digits over that of equal ones."""
    distance = torch.cdist(x, x)
    same = test.targets[:, None] == test.targets
    return (distance[~same].mean() / distance[same & (distance > 0)].mean()).item()


torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Flatten(), MLP([64, 16, 10]))
first = model[1].layers[0]
hidden = lambda: first(test.inputs.flatten(1)).relu().detach()
pixels, before = apart(test.inputs.flatten(1)), apart(hidden())
adam = torch.optim.Adam(model.parameters(), lr=0.01)
fit(model, train, loss=cross_entropy, optimizer=adam, epochs=15)

after = apart(hidden())
right = accuracy(model(test.inputs).detach(), test.targets)
print(f"pixels {pixels:.2f}, neurons before {before:.2f}, after training {after:.2f}")
assert before < pixels + 0.1
assert after > pixels + 0.2
assert right > 0.9

order = first.weight.detach().norm(dim=1).argsort(descending=True)
figure = image_grid(first.weight.detach()[order].view(16, 8, 8), columns=8)
