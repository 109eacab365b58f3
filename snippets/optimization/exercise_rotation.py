"""Turn the bowl: gradient descent does not notice, and Adam gets worse."""

import math

import torch

from dlref.optimizers import adam_step, sgd_step

torch.set_default_dtype(torch.float64)
turn = torch.tensor([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)  # by 45 degrees
straight = torch.diag(torch.tensor([1.0, 400.0]))
bowls = [
    (straight, torch.tensor([-1.0, 1.0])),
    (turn @ straight @ turn.T, turn @ torch.tensor([-1.0, 1.0])),
]
losses = {"gradient descent": [], "Adam": []}
for hessian, start in bowls:
    theta = phi = start
    m = v = torch.zeros(2)
    for t in range(1, 151):
        theta = sgd_step(theta, hessian @ theta, lr=2 / 401)
        phi, m, v = adam_step(phi, hessian @ phi, m, v, t, lr=0.05)
    losses["gradient descent"].append((theta @ hessian @ theta / 2).item())
    losses["Adam"].append((phi @ hessian @ phi / 2).item())

for name, (before, after) in losses.items():
    print(f"{name}: {before:.2g} in the straight bowl, {after:.2g} in the turned one")
descent, adam = losses.values()
assert abs(descent[1] / descent[0] - 1) < 1e-6
assert adam[1] > 1000 * adam[0]
