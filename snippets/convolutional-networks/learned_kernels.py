"""Eight learned kernels turn a digit into eight numbers that tell its class."""

import torch
from sklearn.neighbors import NearestCentroid
from torch import nn

from dlref.data import digits
from dlref.plots import image_grid
from dlref.training import fit

train, _, test = digits()
torch.manual_seed(0)
convolution = nn.Conv2d(1, 8, kernel_size=5, padding=2)
strongest = nn.Sequential(convolution, nn.ReLU(), nn.MaxPool2d(8), nn.Flatten())
model = nn.Sequential(strongest, nn.Linear(8, 10))


def separation():  # test digits nearest to the mean of their own class
    inputs, held_out = (strongest(part.inputs).detach() for part in (train, test))
    return NearestCentroid().fit(inputs, train.targets).score(held_out, test.targets)


before = separation()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
loss = nn.functional.cross_entropy
fit(model, train, loss=loss, optimizer=optimizer, epochs=15, batch_size=64)
after = separation()
assert before < 0.6
assert after > 0.75

kernels = convolution.weight.detach()[:, 0]
answers = convolution(test.inputs).transpose(0, 1)  # kernel, digit, row, column
best = answers.flatten(1).argmax(1)  # where each kernel answers most
digit, row, column = torch.unravel_index(best, answers.shape[1:])
padded = nn.functional.pad(test.inputs[:, 0], (2, 2, 2, 2))
places = zip(digit, row, column, strict=True)
found = [2 * padded[n, i : i + 5, j : j + 5] - 1 for n, i, j in places]
scaled = [kernel / kernel.abs().max() for kernel in kernels]
image_grid([*scaled, *found], columns=8, limits=(-1, 1))
