"""Enough ReLU neurons come as close to a curve as you like, enough squares do not."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# ///

import torch

from dlref.data import Examples
from dlref.losses import mean_squared_error as mse
from dlref.networks import MLP
from dlref.plots import curves
from dlref.training import fit

x = torch.linspace(-1, 1, 2001, dtype=torch.float64)[:, None]
wave = lambda x: torch.sin(3 * torch.pi * x)


def built(width):  # kinks evenly spaced, slopes chosen to meet the curve at each
    knots = torch.linspace(-1, 1, width + 1, dtype=torch.float64)
    slopes = wave(knots).diff() / knots.diff()
    return (x - knots[:-1]).relu() @ slopes.diff(prepend=torch.zeros(1))[:, None]


def squares(_):  # squares of lines add up to one parabola, however many: take the best
    powers = torch.cat([x**0, x, x**2], dim=1)
    return powers @ torch.linalg.lstsq(powers, wave(x)).solution


def trained(width):
    torch.manual_seed(0)
    model, data = MLP([1, width, 1]).double(), Examples(x[::10], wave(x[::10]))
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, data, loss=mse, optimizer=adam, epochs=1000, batch_size=201)
    return model(x).detach()


sizes = [8, 16, 32, 64]
off = lambda network: [(network(n) - wave(x)).abs().max().item() for n in sizes]
ours, found, parabola = off(built), off(trained), off(squares)
built_64, trained_64, squares_64 = (line[-1] for line in (ours, found, parabola))
assert built_64 < 0.02 < trained_64 < squares_64
names = {"built": ours, "trained": found, "squares": parabola}
curves(sizes, names, xlabel="neurons", ylabel="largest error", log_x=True, log_y=True)
