"""A slope left of zero brings silent units back, if it is steep enough."""

import torch
from sklearn.datasets import load_digits

from dlref.activations import leaky_relu
from dlref.plots import curves

images, digits = (torch.tensor(array) for array in load_digits(return_X_y=True))
images = images.float() / 8 - 1


def train(slope):
    """Start with all units silent; return the silent ones and the accuracy, in %."""
    torch.manual_seed(0)
    first, second = torch.nn.Linear(64, 100), torch.nn.Linear(100, 10)
    torch.nn.init.constant_(first.bias, -3.0)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.5)
    silent = []
    for _ in range(150):
        silent.append((first(images) <= 0).all(dim=0).sum().item())  # of 100 units
        batch = torch.randint(len(digits), (64,))
        scores = second(leaky_relu(first(images[batch]), negative_slope=slope))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores, digits[batch]).backward()
        optimizer.step()
    scores = second(leaky_relu(first(images), negative_slope=slope))
    return silent, 100 * (scores.argmax(dim=1) == digits).float().mean().item()


silent, accuracy = zip(*(train(slope) for slope in (0.0, 0.01, 0.2)), strict=True)
names = ["slope 0 (ReLU)", "slope 0.01", "slope 0.2"]
series = dict(zip(names, silent, strict=True))
axes = curves(range(150), series, xlabel="step", ylabel="silent units, %").axes[0]
axes.set_ylim(0, 105)
right_relu, right_slight, right_steep = accuracy
silent_relu, silent_slight, silent_steep = (counts[-1] for counts in silent)
assert silent_relu == silent_slight == 100
assert right_steep > 95
assert max(right_relu, right_slight) < 20
