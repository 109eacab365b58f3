"""Softmax over the wrong dimension makes shares of examples, without an error."""

import torch

from dlref.activations import softmax

torch.manual_seed(0)
scores = torch.randn(32, 10)  # (examples, classes)
right, wrong = softmax(scores, dim=1), softmax(scores, dim=0)

assert right.shape == wrong.shape
assert torch.allclose(right.sum(1), torch.ones(32))
assert torch.allclose(wrong.sum(0), torch.ones(10))
changed = (right.argmax(1) != wrong.argmax(1)).float().mean()
print(f"{changed:.0%} of the predicted classes change")
assert changed > 0.1
