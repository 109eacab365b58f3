"""Wrap the borders, never skip a pixel, and take the mean: exactly invariant."""

import torch
from torch.nn.functional import pad

from dlref.convolution import conv2d
from dlref.data import photograph

image = photograph("camera")[None, None, ::8, ::8].double()
torch.manual_seed(0)
first, second = torch.randn(8, 1, 3, 3).double(), torch.randn(8, 8, 3, 3).double()


def summary(x, stride):
    for weight in first, second:
        x = conv2d(pad(x, (1, 1, 1, 1), mode="circular"), weight, stride=stride).relu()
    return x.mean(dim=(2, 3))


def change(stride):
    still = summary(image, stride)
    return (
        summary(image.roll((5, 9), dims=(2, 3)), stride) - still
    ).norm() / still.norm()


whole, skipping = change(1).item(), change(2).item()
print(f"stride 1: {whole:.0e}, stride 2: {skipping:.0e}")
assert whole < 1e-12
assert skipping > 1e-4
