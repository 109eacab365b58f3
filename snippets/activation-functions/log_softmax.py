"""Log-softmax keeps what the logarithm of a softmax has already lost."""

import torch

from dlref.activations import log_softmax, softmax

scores = torch.tensor([0.0, -50.0, -200.0], requires_grad=True)
afterwards = softmax(scores).log()
at_once = log_softmax(scores)
print("logarithm afterwards:", afterwards.detach())
print("log-softmax:         ", at_once.detach())

assert afterwards[2] == -torch.inf
assert torch.allclose(at_once, torch.tensor([0.0, -50.0, -200.0]))

# %% slope
(lost,) = torch.autograd.grad(-afterwards[2], scores)
(kept,) = torch.autograd.grad(-at_once[2], scores)
print("slopes, logarithm afterwards:", lost)
print("slopes, log-softmax:         ", kept)

assert lost.isnan().all()
shares_minus_truth = torch.tensor([1.0, 0.0, 0.0 - 1.0])  # class 2 is the right one
assert torch.allclose(kept, shares_minus_truth)
