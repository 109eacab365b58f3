"""Take the bend out of a network and it can no longer follow a spiral."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# ///

import torch
from torch.nn import Identity, Linear, ReLU, Sequential
from torch.nn.functional import binary_cross_entropy_with_logits

from dlref.plots import decision_regions

torch.manual_seed(0)
turn = torch.rand(400).sqrt() * 4 * torch.pi
arm = torch.arange(400) % 2  # two arms, half a turn apart
angle = turn + torch.pi * arm
points = turn[:, None] / 4 * torch.stack([angle.cos(), angle.sin()], dim=1)


def train(bend):
    torch.manual_seed(1)
    net = Sequential(Linear(2, 64), bend, Linear(64, 64), bend, Linear(64, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(400):
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(net(points)[:, 0], arm.float()).backward()
        optimizer.step()
    return net, ((net(points)[:, 0] > 0) == arm).float().mean()


straight, straight_right = train(Identity())
bent, bent_right = train(ReLU())
print(f"right without the bend: {straight_right:.0%}, with it: {bent_right:.0%}")
assert straight_right < 0.7
assert bent_right > 0.98

grid = torch.linspace(-3.3, 3.3, 120)
plane = torch.stack(torch.meshgrid(grid, grid, indexing="xy"), dim=-1)
scores = bent(plane)[..., 0].detach()
figure = decision_regions(grid, grid, scores, points, arm)
