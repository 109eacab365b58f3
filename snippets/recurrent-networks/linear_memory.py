"""In a linear recurrence the spectral radius says how fast the past fades or grows."""

import torch

from dlref.plots import curves

torch.manual_seed(0)
weights = torch.randn(64, 64, dtype=torch.float64)
weights /= torch.linalg.eigvals(weights).abs().max()  # spectral radius 1


def gradient_by_distance(radius, activation):
    inputs = 0.1 * torch.randn(201, 64, dtype=torch.float64)
    h = torch.zeros(64, dtype=torch.float64)
    for x in inputs.requires_grad_():
        h = activation(radius * weights @ h + x)
    (gradient,) = torch.autograd.grad(h.sum(), inputs)
    return gradient.norm(dim=1).flip(0)  # by distance from the end


series = {}
for radius in (1.1, 1.0, 0.9):
    sizes = gradient_by_distance(radius, lambda z: z)
    rate = (sizes[200] / sizes[100]) ** (1 / 100)  # factor for each step
    print(f"radius {radius}: measured {rate:.3f} a step")
    assert abs(rate - radius) < 0.01
    series[f"linear, radius {radius}"] = sizes
series["tanh, radius 1.0"] = gradient_by_distance(1.0, torch.tanh)
assert series["tanh, radius 1.0"][200] < series["linear, radius 1.0"][200] / 10
figure = curves(range(201), series, xlabel="distance", ylabel="gradient", log_y=True)
