"""A unit that starts sure and wrong learns fast from one loss, late from the other."""

import torch

from dlref.activations import sigmoid
from dlref.losses import binary_cross_entropy, mean_squared_error

zero = torch.tensor([0.0])  # the truth


def steps_until_right(loss):
    logit = torch.tensor([5.0], requires_grad=True)  # says yes, with 99.3 %
    for step in range(100_000):
        if logit < 0:
            return step
        (slope,) = torch.autograd.grad(loss(logit), logit)
        logit.data -= 0.5 * slope
    return None


quick = steps_until_right(lambda z: binary_cross_entropy(z, zero))
slow = steps_until_right(lambda z: mean_squared_error(sigmoid(z), zero))
print(f"cross-entropy: {quick} steps, squared error: {slow} steps")
assert slow > 10 * quick
