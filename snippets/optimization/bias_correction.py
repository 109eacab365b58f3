"""Without its correction, Adam's first steps would be several times too long."""

import torch

from dlref.optimizers import adam_step
from dlref.plots import curves

rate, late, steps = 0.001, 10**9, 2000
sizes = {}
for name, corrected in [("with correction", True), ("without", False)]:
    theta = m = v = torch.zeros(1, dtype=torch.float64)
    way = [theta]
    for t in range(1, steps + 1):
        slope = torch.full_like(theta, 7.0)  # a constant one
        theta, m, v = adam_step(theta, slope, m, v, t if corrected else late, lr=rate)
        way.append(theta)
    sizes[name] = -torch.cat(way).diff() / rate

t = torch.arange(1, steps + 1)
labels = {"xlabel": "step", "ylabel": "length, in learning rates"}
shown = torch.unique(torch.logspace(0, 3.3, 80).long())
lines = {name: size[shown - 1] for name, size in sizes.items()}
curves(shown, lines, log_x=True, **labels)
first, longest = sizes["without"][0].item(), sizes["without"].max().item()
predicted = (1 - 0.9 ** t.double()) / (1 - 0.999 ** t.double()).sqrt()
torch.testing.assert_close(sizes["without"], predicted)
torch.testing.assert_close(sizes["with correction"], torch.ones_like(predicted))
assert abs(first - 0.1 / 0.001**0.5) < 1e-6
assert 6 < longest < 7
