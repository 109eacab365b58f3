"""Adam divides a penalty's pull too, so it shrinks least what has large gradients."""

import torch

from dlref.optimizers import adam_step, adamw_step
from dlref.plots import curves

torch.manual_seed(0)
rate, decay, steps = 1e-3, 0.1, 3000
scale = torch.tensor([10.0, 0.1])  # of gradients that are nothing but noise
penalised = decoupled = torch.ones(100, 2)  # a hundred runs side by side
zero, ways = torch.zeros(100, 2), []
first, second = (zero, zero), (zero, zero)
for t in range(1, steps + 1):
    noise = scale * torch.randn(100, 2)
    pulled = noise + decay * penalised  # what torch.optim.Adam(weight_decay=0.1) does
    penalised, *first = adam_step(penalised, pulled, *first, t, lr=rate)
    decoupled, *second = adamw_step(
        decoupled, noise, *second, t, lr=rate, weight_decay=decay
    )
    ways.append(torch.cat([penalised.mean(dim=0), decoupled.mean(dim=0)]))

names = ["penalty, large gradients", "penalty, small gradients"]
names += ["AdamW, large gradients", "AdamW, small gradients"]
shown = torch.stack(ways)[::60]
lines = dict(zip(names, shown.T, strict=True))
curves(range(1, steps + 1, 60), lines, xlabel="step", ylabel="mean weight")
large, small, large_w, small_w = ways[-1].tolist()
promised = (1 - rate * decay) ** steps
assert max(abs(large_w - promised), abs(small_w - promised)) < 0.03
assert small + 0.4 < promised < large - 0.1
