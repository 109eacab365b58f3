"""The two forms of GELU are different functions, and the difference is small."""

import torch

from dlref.activations import gelu
from dlref.plots import curves

x = torch.linspace(-5, 5, 1001, dtype=torch.float64)
difference = gelu(x, approximate="tanh") - gelu(x)
largest = difference.abs().max()
where = x[difference.abs().argmax()].abs()
assert 4e-4 < largest < 5e-4
assert not torch.allclose(gelu(x, approximate="tanh"), gelu(x))  # a test would notice

lines = {"tanh form minus exact": difference}
figure = curves(x, lines, xlabel="input", ylabel="difference")
