"""A velocity that is scaled with the rate takes torch's steps again."""

import torch

torch.manual_seed(0)
gradients = torch.randn(30)
rates = [0.5] * 10 + [0.05] * 10 + [0.2] * 10

# %% torch
theta = torch.zeros(1, requires_grad=True)
sgd, path = torch.optim.SGD([theta], lr=0.5, momentum=0.9), []
for g, rate in zip(gradients, rates, strict=True):
    theta.grad, sgd.param_groups[0]["lr"] = g[None], rate
    sgd.step()
    path.append(theta.item())


# %% port
def apart(scale):  # how far the other form gets from torch's path
    place, v, last, gaps = 0.0, 0.0, rates[0], []
    for g, rate, wanted in zip(gradients.tolist(), rates, path, strict=True):
        v = 0.9 * v * (rate / last if scale else 1) - rate * g
        place, last = place + v, rate
        gaps.append(abs(place - wanted))
    return max(gaps)


gap, gap_unscaled = apart(scale=True), apart(scale=False)
assert gap < 1e-5
assert gap_unscaled > 0.1
