"""Sigmoid before a loss that expects logits puts a floor under that loss."""

import math

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from dlref.activations import sigmoid

labels = torch.tensor([1.0, 0.0])
perfect = torch.tensor([50.0, -50.0])  # logits: sure, and right both times
correct = binary_cross_entropy_with_logits(perfect, labels, reduction="none")
twice = binary_cross_entropy_with_logits(sigmoid(perfect), labels, reduction="none")
print(f"from logits {correct.tolist()}, after a second sigmoid {twice.tolist()}")

floor_for_ones, floor_for_zeros = (value.item() for value in twice)
assert math.isclose(floor_for_ones, math.log(1 + math.exp(-1)), rel_tol=1e-6)
assert math.isclose(floor_for_zeros, math.log(2), rel_tol=1e-6)
assert correct.max() < 1e-20
