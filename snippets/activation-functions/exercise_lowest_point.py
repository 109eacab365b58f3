"""SiLU and GELU have a lowest point, and beyond it their slope is negative."""

import torch

from dlref.activations import gelu, silu


def lowest_point(function):
    low, high = torch.tensor([-4.0, 0.0], dtype=torch.float64)
    for _ in range(50):  # halve the interval in which the slope changes its sign
        middle = ((low + high) / 2).requires_grad_()
        (slope,) = torch.autograd.grad(function(middle), middle)
        low, high = (middle, high) if slope < 0 else (low, middle)
    return low.item(), function(low).item()


silu_at, silu_lowest = lowest_point(silu)
gelu_at, gelu_lowest = lowest_point(gelu)
print(
    f"SiLU {silu_lowest:.4f} at {silu_at:.4f}, GELU {gelu_lowest:.4f} at {gelu_at:.4f}"
)
grid = torch.linspace(-10, 10, 2_000_001, dtype=torch.float64)
assert abs(silu(grid).min() - silu_lowest) < 1e-10
assert abs(silu_lowest - (silu_at + 1)) < 1e-12
assert abs(gelu(grid).min() - gelu_lowest) < 1e-10
