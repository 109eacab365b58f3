"""Torch's defaults: a slope of 0.01 for leaky ReLU, and the exact GELU."""

import torch
from torch import nn

from dlref.activations import elu, gelu, leaky_relu, silu

x = torch.linspace(-6, 6, 1001, dtype=torch.float64)
pairs = {nn.LeakyReLU(): leaky_relu, nn.ELU(): elu, nn.GELU(): gelu, nn.SiLU(): silu}
for theirs, ours in pairs.items():
    assert torch.allclose(theirs(x), ours(x), rtol=0, atol=1e-12)
negative_slope = nn.LeakyReLU().negative_slope
print(*pairs, sep="\n")
