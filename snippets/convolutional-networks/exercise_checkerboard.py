"""Stamps of three pixels, two apart, overlap unevenly; stamps of four do not."""

import torch

from dlref.convolution import conv_transpose2d
from dlref.plots import heatmap

x = torch.ones(1, 1, 5, 5)
uneven = conv_transpose2d(x, torch.ones(1, 1, 3, 3), stride=2)[0, 0]
even = conv_transpose2d(x, torch.ones(1, 1, 4, 4), stride=2)[0, 0]
assert set(uneven[1:-1, 1:-1].unique().tolist()) == {1, 2, 4}
assert set(even[2:-2, 2:-2].unique().tolist()) == {4}
heatmap(uneven, form=".0f")
