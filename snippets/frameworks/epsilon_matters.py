"""Keras' epsilon halves steps at gradients hundreds of times larger than PyTorch's."""

import numpy as np
import torch

from dlref.plots import curves

gradients = torch.logspace(-12, -1, 111, dtype=torch.float64)


# %% torch
def first_step(optimizer, eps):
    theta = torch.zeros(len(gradients), dtype=torch.float64, requires_grad=True)
    theta.grad = gradients.clone()
    optimizer([theta], lr=1.0, eps=eps).step()
    return -theta.detach()


def left(optimizer):  # what epsilon's default leaves of the step
    return first_step(optimizer, eps=1e-8) / first_step(optimizer, eps=0.0)


kept = {name: left(getattr(torch.optim, name)) for name in ("Adam", "RMSprop")}
kept = {f"{name} in PyTorch": share for name, share in kept.items()}

# %% keras
root = 0.001**0.5 * gradients  # √v after one step of Adam, which Keras does not correct
kept["Adam in Keras"] = root / (root + 1e-7)
square = 0.1 * gradients**2  # v after one step of RMSprop, to which Keras adds epsilon
kept["RMSprop in Keras"] = (square / (square + 1e-7)).sqrt()
curves(gradients, kept, xlabel="gradient", ylabel="left of the first step", log_x=True)

# %% half
half = [np.exp(np.interp(0.5, share, gradients.log())) for share in kept.values()]
adam, rmsprop, adam_keras, rmsprop_keras = half
exact = [1e-8, 1e-8 / 0.01**0.5, 1e-7 / 0.001**0.5, (1e-7 / 0.3) ** 0.5]  # by hand
assert np.allclose(half, exact, rtol=0.01)
assert adam_keras > 300 * adam
assert rmsprop_keras > 5000 * rmsprop
