"""Cross-entropy pulls hardest when the answer is wrong, squared error hardly at all."""

import torch

from dlref.activations import sigmoid, softplus
from dlref.plots import curves

# %% pull
z = torch.linspace(-12, 12, 241, dtype=torch.float64, requires_grad=True)
p = sigmoid(z)
cross_entropy = softplus(z) - z  # the right answer is 1: this is -log(sigmoid(z))
squared_error = (p - 1).square() / 2
(pull,) = torch.autograd.grad(cross_entropy.sum(), z, retain_graph=True)
(weak_pull,) = torch.autograd.grad(squared_error.sum(), z)
curves(
    z.detach(),
    {"cross-entropy": -pull, "squared error": -weak_pull},
    xlabel="logit (the right answer is 1)",
    ylabel="pull towards 1",
)
assert torch.allclose(pull, (p - 1).detach())
pull_when_wrong, weak_pull_when_wrong = -pull[0].item(), -weak_pull[0].item()
assert pull_when_wrong > 0.99999
assert weak_pull_when_wrong < 1e-5

# %% detour
logit = torch.tensor(20.0)  # a confident 1, and the right answer is 0
detour = -torch.log(1 - sigmoid(logit))
direct = softplus(logit)
print(f"through the probability: {detour.item()}   from the logit: {direct.item()}")
assert detour.isinf()
assert direct == 20
