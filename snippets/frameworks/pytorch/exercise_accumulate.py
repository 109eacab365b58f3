"""Gradients add up until they are cleared: two small batches make one large."""

import torch
from torch import nn

torch.manual_seed(0)
model, loss = nn.Linear(5, 3), nn.CrossEntropyLoss()
x, target = torch.randn(32, 5), torch.randint(3, (32,))

# %% whole
loss(model(x), target).backward()
whole = model.weight.grad.clone()

# %% halves
model.zero_grad()
for part in range(2):
    rows = slice(16 * part, 16 * part + 16)
    (loss(model(x[rows]), target[rows]) / 2).backward()  # half of each mean
gap = (model.weight.grad - whole).abs().max().item()
assert gap < 1e-6
