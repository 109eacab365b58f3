"""Keras' Adam is PyTorch's with an epsilon that shrinks during the first steps."""

import torch

from dlref.optimizers import adam_step

beta1, beta2, rate, epsilon = 0.9, 0.999, 0.001, 1e-7
slope = torch.tensor(1e-6, dtype=torch.float64)  # small enough for epsilon to count


def keras_step(theta, grad, m, v, t):
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    rate_t = rate * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    return theta - rate_t * m / (v.sqrt() + epsilon), m, v


theirs = ours = plain = (torch.zeros_like(slope),) * 3
for t in range(1, 11):
    shrinking = epsilon / (1 - beta2**t) ** 0.5
    theirs = keras_step(theirs[0], slope, *theirs[1:], t)
    ours = adam_step(ours[0], slope, *ours[1:], t, lr=rate, eps=shrinking)
    plain = adam_step(plain[0], slope, *plain[1:], t, lr=rate, eps=epsilon)
    if t == 1:
        factor, behind = shrinking / epsilon, (plain[0] / theirs[0]).item()
assert torch.isclose(theirs[0], ours[0], rtol=1e-12)
assert behind > 3  # the same epsilon, and the first step is another
