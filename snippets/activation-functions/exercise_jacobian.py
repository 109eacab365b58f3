"""The slopes of softmax are p_i (d_ij - p_j), and each row of them sums to zero."""

import torch

from dlref.activations import softmax

torch.manual_seed(0)
scores = torch.randn(5, dtype=torch.float64)
p = softmax(scores)
slopes = torch.autograd.functional.jacobian(softmax, scores)

assert torch.allclose(slopes, torch.diag(p) - torch.outer(p, p))
assert torch.allclose(slopes.sum(1), torch.zeros(5, dtype=torch.float64))
largest = slopes.abs().max()
assert largest <= 0.25  # p (1 - p), as for the sigmoid
