"""What was learnt elsewhere helps where it still holds, and hurts where it does not."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# ///

from copy import deepcopy
from itertools import product

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from dlref.data import Examples, digits
from dlref.plots import curves
from dlref.training import fit

(x, y), _, (test_x, test_y) = digits()
looks = (lambda x: x + 0.5 * torch.randn(x.shape), lambda x: 1 - x)
shown, errors = {1: 60, 4: 30, 16: 12}, torch.zeros(4, 3, 3)  # examples: epochs


def train(model, x, y, epochs):
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, Examples(x, y), loss=cross_entropy, optimizer=adam, epochs=epochs)
    return model


for seed in range(3):
    torch.manual_seed(seed)
    filters = nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    fresh = nn.Sequential(*filters, nn.Flatten(), nn.Linear(256, 10))
    trained, order = train(deepcopy(fresh), x, y, 6), torch.randperm(len(x))
    for k, (n, epochs) in enumerate(shown.items()):
        some = torch.cat([order[y[order] == digit][:n] for digit in range(10)])
        for i, (look, start) in enumerate(product(looks, (fresh, trained))):
            model = train(deepcopy(start), look(x[some]), y[some], epochs)
            errors[i, k, seed] = model(look(test_x)).argmax(1).ne(test_y).float().mean()
labels = "noisy, fresh", "noisy, trained", "inverted, fresh", "inverted, trained"
lines = dict(zip(labels, mean := 100 * errors.mean(-1), strict=True))
plot = curves([*shown], lines, xlabel="examples of each", ylabel="error, %", log_x=True)
plot.axes[0].set_ylim(0, 100)
noisy, noisy_trained, inverted, inverted_trained = mean[:, 0]
assert ((mean[1] < mean[0]) & (mean[3] > mean[2])).all()
