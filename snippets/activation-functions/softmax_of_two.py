"""The softmax of two scores is the sigmoid of their difference."""

import torch

from dlref.activations import sigmoid, softmax

torch.manual_seed(0)
a, b = 5 * torch.randn(2, 1000, dtype=torch.float64)
shares = softmax(torch.stack([a, b], dim=-1))

assert torch.allclose(shares[:, 0], sigmoid(a - b), rtol=1e-12)
assert torch.allclose(shares[:, 1], sigmoid(b - a), rtol=1e-12)
