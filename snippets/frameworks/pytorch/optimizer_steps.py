"""The rate multiplies PyTorch's velocity, and its epsilons stand outside the root."""

import math

import torch
from torch import optim


def walk(kind, gradient, *rates, start=0.0, **options):
    theta = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    optimizer = kind([theta], lr=rates[0], **options)
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate
        theta.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
    return theta.item()


# %% momentum
end = walk(optim.SGD, 1.0, 1.0, 0.1, momentum=0.9)  # the rate falls between two steps
ends = {
    "v ← βv + g, θ ← θ − ηv": -1 - 0.1 * 1.9,
    "v ← βv − ηg, θ ← θ + v": -1 - (0.9 + 0.1),
}
momentum = min(ends, key=lambda form: abs(ends[form] - end))
assert abs(ends[momentum] - end) < 1e-12


# %% epsilon
def epsilon(kind, share):  # of the squared gradient that is in the average at step one
    ratios = {g: -g / walk(kind, g, 1.0) for g in (1e-7, 1e-6)}
    outside = [r - share**0.5 * g for g, r in ratios.items()]
    inside = [r**2 - share * g**2 for g, r in ratios.items()]
    where = "outside" if math.isclose(*outside, rel_tol=1e-4) else "inside"
    size = (outside if where == "outside" else inside)[0]
    return f"1e{round(math.log10(size))}, {where} the root"


rmsprop_decay = round(1 - walk(optim.RMSprop, 1e6, 1.0) ** -2, 6)
rmsprop_epsilon = epsilon(optim.RMSprop, 1 - rmsprop_decay)
adam_epsilon = epsilon(optim.Adam, 1)

# %% weight_decay
forms = {"added to the gradient": 1 - 0.01, "decoupled": 1 - 0.01 * 0.1}
decays = []
for kind in optim.Adam, optim.AdamW:
    end = walk(kind, 0.0, 0.01, start=1.0, weight_decay=0.1)  # only the decay moves
    form = min(forms, key=lambda name: abs(forms[name] - end))
    default = 100 * (1 - walk(kind, 0.0, 0.01, start=1.0))
    decays.append(f"{form}, {round(default, 6):g}")
weight_decay, adamw_decay = decays
