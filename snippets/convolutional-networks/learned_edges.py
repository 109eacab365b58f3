"""From a picture and its edges, gradient descent recovers the kernel."""

# /// script
# [tool.dlref]
# tolerance = 0.001
# ///

import torch

from dlref.convolution import conv2d
from dlref.data import photograph
from dlref.plots import heatmap

picture, other = photograph("camera")[::8, ::8], photograph("moon")[::8, ::8]
secret = torch.tensor([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
torch.manual_seed(0)
picture, other = picture[None, None], other[None, None]
answer = conv2d(picture, secret)
answer = answer + 0.1 * torch.randn_like(answer)  # measured, so not exact

kernel = torch.zeros(1, 1, 3, 3, requires_grad=True)
optimizer = torch.optim.Adam([kernel], lr=0.05)
for _ in range(300):
    optimizer.zero_grad()
    (conv2d(picture, kernel) - answer).square().mean().backward()
    optimizer.step()

learned = kernel.detach()
furthest = (learned - secret).abs().max()
on_another = conv2d(other, learned - secret).abs().max()
assert furthest < 0.1
assert on_another < 0.1
heatmap(learned[0, 0], form="+.2f")
