"""The textbook form of sigmoid has good values and a slope that is not a number."""

import torch

from dlref.activations import sigmoid


def naive(x):
    return 1 / (1 + torch.exp(-x))


x = torch.tensor([-1.0, -100.0], requires_grad=True)
print("at -100:")
for form in (naive, sigmoid):
    value = form(x)
    (slope,) = torch.autograd.grad(value.sum(), x)
    print(f"{form.__name__:8}value {value[1].item():.0e}, slope {slope[1].item():.0e}")
    assert value.isfinite().all()
    assert slope.isfinite().all() == (form is sigmoid)
