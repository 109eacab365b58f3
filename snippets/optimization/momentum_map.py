"""Eigenvalues predict how fast momentum converges, and where it stops to."""

import torch

from dlref.optimizers import momentum_spectral_radius, momentum_step
from dlref.plots import surface_map

torch.set_default_dtype(torch.float64)
curvature = torch.tensor([1.0, 25.0])  # the same bowl


def predict(rate, momentum):
    """Return the error kept per step in the slower of the two directions."""
    return momentum_spectral_radius(rate, momentum, curvature).amax(dim=-1)


# %% measure
rate, momentum = torch.linspace(0.01, 0.15, 8)[:, None], torch.linspace(0.05, 0.9, 7)
theta, velocity, sizes = torch.ones(8, 7, 2), torch.zeros(8, 7, 2), []
rates = {"lr": rate[..., None], "momentum": momentum[:, None]}  # 56 runs side by side
for _ in range(600):
    theta, velocity = momentum_step(theta, curvature * theta, velocity, **rates)
    sizes.append(theta.abs().amax(dim=-1))
late, later = torch.stack(sizes[100:200]).amax(0), torch.stack(sizes[500:]).amax(0)
measured = (later / late) ** (1 / 400)  # per step
predicted = predict(rate[..., None], momentum[:, None])
runs, largest_gap = measured.numel(), (measured / predicted - 1).abs().max().item()
assert largest_gap < 0.01

# %% map
eta, mu = torch.linspace(0.001, 0.16, 120), torch.linspace(0, 0.95, 100)
radius = predict(eta[:, None], mu[:, None, None])
best_rate, best_momentum, best = 4 / (1 + 5) ** 2, (4 / 6) ** 2, 4 / 6  # 5 is √κ
assert best < radius.min() < best + 0.02
shown = measured.where(measured < 1, torch.nan)
points = torch.stack(torch.broadcast_tensors(rate, momentum, shown), dim=-1)
inside = radius.where(radius < 1, torch.nan)
labels = {"xlabel": "learning rate", "ylabel": "momentum", "label": "error kept"}
figure = surface_map(eta, mu, inside, points=points.flatten(0, 1), **labels)
figure.axes[0].plot(best_rate, best_momentum, "*", color="C1", markersize=12)
