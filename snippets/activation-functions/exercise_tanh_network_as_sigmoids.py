"""Every tanh network is a sigmoid network with other weights."""

import torch

from dlref.activations import sigmoid, tanh

torch.manual_seed(0)
x = torch.randn(500, 4, dtype=torch.float64)
w1, b1 = torch.randn(4, 16, dtype=torch.float64), torch.randn(16, dtype=torch.float64)
w2, b2 = torch.randn(16, 3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)

with_tanh = tanh(x @ w1 + b1) @ w2 + b2
# tanh(z) = 2 sigmoid(2z) - 1: double what goes in, double what comes out, take one away
with_sigmoid = sigmoid(x @ (2 * w1) + 2 * b1) @ (2 * w2) + (b2 - w2.sum(dim=0))
assert torch.allclose(with_sigmoid, with_tanh, atol=1e-12)
