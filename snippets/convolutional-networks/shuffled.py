"""To a dense network shuffled pixels are the same, to a convolution noise."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

from itertools import product

import torch
from torch.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from torch.nn.functional import cross_entropy

from dlref.data import digits
from dlref.metrics import accuracy
from dlref.plots import bars
from dlref.training import fit


def anywhere(part, order):  # 8 × 8 pixels somewhere in 12 × 12, then reordered
    canvas = torch.zeros(len(part.inputs), 1, 12, 12)
    for n, (i, j) in enumerate(torch.randint(5, (len(canvas), 2)).tolist()):
        canvas[n, :, i : i + 8, j : j + 8] = part.inputs[n]
    return part._replace(inputs=canvas.flatten(2)[..., order].unflatten(2, (12, 12)))


scores = torch.zeros(3, 2, 2)  # seed, order of the pixels, network
for seed, shuffled in product(range(3), range(2)):
    torch.manual_seed(seed)
    order = torch.randperm(144) if shuffled else torch.arange(144)
    train, _, test = (anywhere(part, order) for part in digits())
    dense = Sequential(Flatten(), Linear(144, 128), ReLU(), Linear(128, 10))
    looks = [Conv2d(1, 16, 3), ReLU(), MaxPool2d(2), Conv2d(16, 32, 3), ReLU()]
    cnn = Sequential(*looks, MaxPool2d(3), Flatten(), Linear(32, 10))
    for n, model in enumerate([dense, cnn]):
        adam = torch.optim.Adam(model.parameters(), lr=0.01)
        fit(model, train, loss=cross_entropy, optimizer=adam, epochs=9, batch_size=64)
        scores[seed, shuffled, n] = 100 * accuracy(model(test.inputs), test.targets)

names = ["dense", "CNN", "dense, shuffled", "CNN, shuffled"]
bars(dict(zip(names, scores.flatten(1).T, strict=True)), ylabel="test digits right, %")
dense, cnn, dense_shuffled, cnn_shuffled = scores.mean(0).flatten()
assert abs(dense - dense_shuffled) < 6
assert cnn > dense > cnn_shuffled + 20
