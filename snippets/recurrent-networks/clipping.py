"""One step from a cliff throws an LSTM out of its valley; clipping keeps it there."""

import matplotlib.pyplot as plt
import torch

from dlref.optimizers import clip_by_norm
from dlref.recurrent import lstm_cell

torch.set_default_dtype(torch.float64)
biases, only_g = torch.tensor([0.0, 1, 0, 2]), torch.eye(4)[:, 2:3]  # i, f, g, o


def loss_at(level):
    """One unit gets the same input 40 times: how far is its state from 0.55?"""
    h, c = torch.full_like(level, 0.7)[:, None], torch.ones_like(level)[:, None]
    for _ in range(40):
        h, c = lstm_cell(level[:, None], (h, c), only_g, only_g, biases, 0 * biases)
    return (h[:, 0] - 0.55) ** 2


def descend(max_norm):
    level, path = torch.nn.Parameter(torch.tensor([0.3])), []
    for _ in range(30):
        path.append(level.item())
        level.grad = None
        loss_at(level).backward()
        clip_by_norm(level, max_norm)
        level.data -= level.grad
    return torch.tensor(path)


plain, clipped, levels = descend(1e9), descend(0.03), torch.linspace(-0.35, 0.4, 301)
thrown, loss_thrown, loss_clipped = plain[-1], loss_at(plain)[-1], loss_at(clipped)[-1]
assert thrown > 5
assert loss_clipped < loss_thrown / 4
plt.plot(levels, loss_at(levels), "C0", label="loss")
plt.plot(plain, loss_at(plain), "C1s:", label="not clipped")
plt.plot(clipped, loss_at(clipped), "C2o--", label="clipped")
plt.gca().set(xlim=(-0.35, 0.4), xlabel="the input, learned", ylabel="loss")
plt.legend()
