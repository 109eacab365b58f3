"""Softmax twice puts a floor under the loss; log-softmax twice changes nothing."""

import math

import torch

from dlref.activations import log_softmax, softmax

classes = 10
scores = torch.zeros(classes)
scores[0] = 100.0  # as sure of class 0 as a network can be, and right

once = softmax(scores)[0]
twice = softmax(softmax(scores))[0]
floor = -twice.log()
print(f"share {once:.3f} after one softmax, {twice:.3f} after two: loss {floor:.3f}")
assert twice.isclose(torch.tensor(math.e / (math.e + classes - 1)))

torch.manual_seed(0)
log_shares = log_softmax(10 * torch.randn(1000, classes))
assert torch.allclose(log_softmax(log_shares), log_shares, atol=1e-5)
