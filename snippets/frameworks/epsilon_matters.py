"""Keras' epsilon halves a step where the gradient is a hundred times PyTorch's."""

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
half = [gradients[(share > 0.5).nonzero()[0]].item() for share in kept.values()]
adam, rmsprop, adam_keras, rmsprop_keras = half
assert adam_keras > 100 * adam
assert rmsprop_keras > 1000 * rmsprop
