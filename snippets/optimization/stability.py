"""In a bowl, descent shrinks the error by a known factor, up to a rate of 2/λ."""

import torch

from dlref.optimizers import sgd_step
from dlref.plots import curves

curvature = torch.tensor(
    [1.0, 25.0], dtype=torch.float64
)  # flat one way, steep the other
rate = torch.linspace(0.0005, 0.0885, 89, dtype=torch.float64)
factors = (1 - rate[:, None] * curvature).abs()  # one for each direction
predicted = factors.amax(dim=1)  # the slower direction decides

theta, errors = torch.ones(len(rate), 2, dtype=torch.float64), []
for _ in range(900):
    theta = sgd_step(theta, curvature * theta, lr=rate[:, None])
    errors.append(theta.norm(dim=1))
measured = (errors[899] / errors[799]) ** 0.01  # per step, over the last hundred

lines = {"flat way": factors[:, 0], "steep way": factors[:, 1]}
axes = curves(rate, lines, xlabel="learning rate", ylabel="error kept per step").axes[0]
axes.plot(rate[::4], measured[::4], "o", color="C2", label="measured")
axes.axhline(1, color="C3", linewidth=1, linestyle=":", label="the limit 2/λ")
axes.axvline(2 / 25, color="C3", linewidth=1, linestyle=":")
axes.set_ylim(0, 1.7)
axes.legend(ncols=2, loc="upper left")

best_rate, best_factor = 2 / (1 + 25), (25 - 1) / (25 + 1)
torch.testing.assert_close(measured, predicted, rtol=2e-3, atol=0)
assert ((measured < 1) == (rate < 2 / 25)).all()
at_best = predicted[(rate - best_rate).abs().argmin()].item()
assert abs(at_best - best_factor) < 0.02
