"""Under stride 2, "same" padding means another grid in TensorFlow than in PyTorch."""

import torch
from torch.nn.functional import conv1d, pad

from dlref.plots import curves

kernel = torch.tensor([[[1.0, 2.0, 1.0]]]) / 4


# %% paddings
def both_sides(x):  # PyTorch's padding=1
    return conv1d(x, kernel, stride=2, padding=1)


def end_only(x):  # TensorFlow's padding="SAME" where the length is even
    return conv1d(pad(x, (0, 1)), kernel, stride=2)


# %% looking
def looks_at(layer, layers, size=128):  # which inputs the middle output depends on
    x = torch.zeros(1, 1, size, requires_grad=True)
    y = x
    for _ in range(layers):
        y = layer(y)
    assert y.shape[-1] == size >> layers
    y[0, 0, y.shape[-1] // 2].backward()
    return x.grad[0, 0]


middle, end = looks_at(both_sides, 3)[48:104], looks_at(end_only, 3)[48:104]
seen = {"zeros on both sides": middle, "zeros at the end": end}
curves(range(48, 104), seen, xlabel="input pixel", ylabel="weight in one output")


# %% shift
def shift(layers):  # between the two peaks
    peaks = [looks_at(layer, layers).argmax() for layer in (end_only, both_sides)]
    return int(peaks[0] - peaks[1])


one, two, three = map(shift, (1, 2, 3))
assert (one, two, three) == (1, 3, 7)
