"""When all inputs of a unit are positive, its slopes all have one sign."""

import torch

from dlref.activations import tanh

torch.manual_seed(0)
centred = tanh(torch.randn(2000, 10))
positive = 1 + centred  # the same numbers, one higher: 1 + tanh(x) is 2 sigmoid(2x)
error = torch.randn(2000, 1)  # what the unit did wrong on each example


def one_sign(inputs):
    gradient = error * inputs  # of half the squared error, for each example
    return ((gradient > 0).all(dim=1) | (gradient < 0).all(dim=1)).float().mean().item()


share_positive, share_centred = one_sign(positive), one_sign(centred)
print(f"slopes all of one sign: {share_positive:.0%} shifted, {share_centred:.1%} not")
assert share_positive == 1
assert share_centred < 0.01  # by chance: 2 / 2**10
