"""For normal inputs, ELU's mean output is the nearest to zero of the five."""

import math

import torch

from dlref.activations import elu, gelu, leaky_relu, relu, silu

# The mean is an integral over the normal density, here a sum over a fine grid.
x = torch.linspace(-10, 10, 200_001, dtype=torch.float64)
density = torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
functions = (relu, leaky_relu, elu, gelu, silu)
mean = {f.__name__: (f(x) * density).sum().item() * 1e-4 for f in functions}
for name, value in mean.items():
    print(f"{name:>10}: {value:.4f}")

assert math.isclose(mean["relu"], 1 / math.sqrt(2 * math.pi), rel_tol=1e-6)
assert math.isclose(mean["gelu"], 1 / (2 * math.sqrt(math.pi)), rel_tol=1e-6)
assert min(mean, key=mean.get) == "elu"
