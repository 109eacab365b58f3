"""With a second softmax, every loss lies between a floor and one nat above it."""

import math

import torch

from dlref.activations import softmax
from dlref.losses import cross_entropy

torch.manual_seed(0)
first = torch.tensor([0])  # the true class
for classes in (2, 10, 1000):
    floor = math.log(1 + (classes - 1) / math.e)
    sure = torch.eye(classes, dtype=torch.float64)  # all the share on one class
    assert math.isclose(cross_entropy(sure[:1], first), floor)  # and right
    assert math.isclose(cross_entropy(sure[1:2], first), floor + 1)  # and wrong
    for shares in softmax(5 * torch.randn(100, classes, dtype=torch.float64)):
        assert floor < cross_entropy(shares[None], first) < floor + 1
    print(f"{classes:4} classes: from {floor:.3f} to {floor + 1:.3f} nats")

wrong = torch.tensor([[0.0, 20.0]], requires_grad=True)  # logits, sure of class 1
(pull,) = torch.autograd.grad(cross_entropy(wrong, first), wrong)
(pull_twice,) = torch.autograd.grad(cross_entropy(softmax(wrong), first), wrong)
strength, strength_twice = pull.abs().max().item(), pull_twice.abs().max().item()
assert strength > 0.999
assert 0 < strength_twice < 1e-8
