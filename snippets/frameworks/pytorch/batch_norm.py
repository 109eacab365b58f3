"""PyTorch's batch norm takes a tenth of the new, and the variance over n − 1."""

import torch
from torch import nn

norm = nn.BatchNorm1d(1, dtype=torch.float64)  # starts from mean 0 and variance 1
batch = torch.tensor([[10.0], [14.0]], dtype=torch.float64)  # mean 12, squares 4 + 4
norm(batch)

# %% running
weight_of_new = norm.running_mean.item() / 12
seen = (norm.running_var.item() - (1 - weight_of_new)) / weight_of_new
running_variance = {8: "÷ (n − 1)", 4: "÷ n"}[round(seen, 9)]

# %% now
d = 1e-3
low, high = norm(torch.tensor([[-d], [d]], dtype=torch.float64)).detach()
epsilon = round(
    (d / high.item()) ** 2 - d**2, 12
)  # here the batch's own variance is d²
assert low == -high
assert 0 < epsilon < 1e-3
