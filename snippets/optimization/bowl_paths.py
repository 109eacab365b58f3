"""In a narrow bowl, momentum needs a fraction of the steps of the best descent."""

import torch

from dlref.optimizers import momentum_step
from dlref.plots import contour_paths

flat, steep = 1.0, 25.0
curvature = torch.tensor([flat, steep])


def path(rate, momentum, steps=300):
    theta, velocity = torch.tensor([-1.8, 0.3]), torch.zeros(2)
    way = [theta]
    for _ in range(steps):
        gradient = curvature * theta
        theta, velocity = momentum_step(
            theta, gradient, velocity, lr=rate, momentum=momentum
        )
        way.append(theta)
    return torch.stack(way)


root = (steep / flat) ** 0.5  # of the condition number
best_momentum = ((root - 1) / (root + 1)) ** 2
ways = {
    "descent, rate 1/λ": path(1 / steep, 0.0),
    "descent, best rate": path(2 / (flat + steep), 0.0),
    "momentum, best": path(4 / (flat**0.5 + steep**0.5) ** 2, best_momentum),
}
steps = {name: (way.norm(dim=1) > 1e-3).sum().item() for name, way in ways.items()}
careful, best, with_momentum = steps.values()
print(*(f"{name}: {needed} steps" for name, needed in steps.items()), sep="\n")

x, y = torch.linspace(-2, 0.6, 80), torch.linspace(-0.7, 0.7, 80)
height = (flat * x**2 + steep * y[:, None] ** 2) / 2
shown = {name: way[:16] for name, way in ways.items()}
labels = {"xlabel": f"flat way, λ = {flat:g}", "ylabel": f"steep way, λ = {steep:g}"}
contour_paths(x, y, height, shown, goal=(0, 0), **labels)
assert 3 * with_momentum < best < careful
