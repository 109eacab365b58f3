"""A staircase has no slope, and detach lends it that of a straight line."""

import torch

x = torch.tensor([0.2, 0.7, 1.6], requires_grad=True)

# %% dead
x.round().sum().backward()
dead = x.grad.tolist()
assert dead == [0, 0, 0]

# %% lent
y = x + (x.round() - x).detach()  # forward: x.round(); backward: x
x.grad = None
y.sum().backward()
lent = x.grad.tolist()
assert torch.equal(y, x.round())
assert lent == [1, 1, 1]
