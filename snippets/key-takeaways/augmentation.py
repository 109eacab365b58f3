"""Shifted copies of the training images teach shifts, and nothing else."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from torch import nn
from torch.nn.functional import cross_entropy, pad

from dlref.data import Examples, digits
from dlref.plots import bars
from dlref.training import fit

(x, y), _, (test_x, test_y) = digits()
few, errors = Examples(x[:200], y[:200]), {}


def shift(image):  # each by up to a pixel, up or down and left or right
    each, (down, right) = torch.arange(len(image)), torch.randint(3, (2, len(image), 1))
    rows, columns = torch.arange(8) + down, torch.arange(8) + right  # (B, 8)
    wide = pad(image, (1, 1, 1, 1))[:, 0]
    return wide[each[:, None, None], rows[:, :, None], columns[:, None]][:, None]


def learn(change):
    filters = nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
    model = nn.Sequential(*filters, nn.Flatten(), nn.Linear(256, 10))
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(lambda z: model(change(z)), few, loss=cross_entropy, optimizer=adam, epochs=30)
    return model


for name, change in {"as is": lambda image: image, "shifted": shift}.items():
    for seed in range(3):
        torch.manual_seed(seed)
        model = learn(change)
        for test, images in {"as is": test_x, "shifted": shift(test_x)}.items():
            wrong = (model(images).argmax(1) != test_y).float().mean().item()
            errors.setdefault(f"learns {name},\ntested {test}", []).append(100 * wrong)
bars(errors, ylabel="test error, %")
plain, plain_shifted, taught, taught_shifted = (sum(e) / 3 for e in errors.values())
assert taught_shifted < plain_shifted / 2
assert abs(taught - plain) < 5
