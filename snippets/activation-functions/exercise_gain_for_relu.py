"""Weights larger by the root of two make up for the units that ReLU silences."""

# /// script
# [tool.dlref]
# tolerance = 0.02
# ///

import torch

from dlref.activations import relu

torch.manual_seed(0)
depth, width = 30, 256


def gradient_left(gain):
    x = torch.randn(64, width, requires_grad=True)
    h = x
    for _ in range(depth):
        h = relu(h @ torch.nn.init.orthogonal_(torch.empty(width, width), gain=gain))
    signal = torch.randn_like(h)
    return (torch.autograd.grad(h, x, signal)[0].norm() / signal.norm()).item()


plain, scaled = gradient_left(1.0), gradient_left(2**0.5)
print(f"after {depth} layers: gain 1 leaves {plain:.1e}, gain √2 leaves {scaled:.2f}")
assert plain < 1e-4
assert 0.5 < scaled < 2
