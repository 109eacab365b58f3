"""Masks in training cost masked people some refusals and save them false matches."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from skimage.data import lfw_subset
from torch import nn
from torch.nn.functional import normalize

from dlref import detection, losses

faces = torch.tensor(lfw_subset()[:100]).float()[:, None]
level = nn.InstanceNorm2d(1, eps=0.01)
who = torch.arange(50).repeat(5)
first, second = torch.combinations(torch.arange(250)).T
same = who[first] == who[second]


def view(images, masks):  # masks: which share of the faces wears one
    images = images.clone()
    images[torch.rand(len(images)) < masks, :, 15:] = 0.8
    seed = int(torch.randint(10**6, (1,)))
    return level(detection.jitter(images, seed=seed) + 0.03 * torch.randn(images.shape))


def scores(masks_in_training):
    torch.manual_seed(0)
    front = nn.Conv2d(1, 16, 5, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2), nn.ReLU()
    network = nn.Sequential(*front, nn.Flatten(), nn.Linear(800, 64))
    adam = torch.optim.Adam(network.parameters(), lr=0.002)
    for _ in range(200):
        shown = torch.cat([view(faces[::2], masks_in_training) for _ in range(2)])
        anchor, positive = normalize(network(shown)).chunk(2)
        distance = torch.cdist(anchor, positive).detach() + 9 * torch.eye(50)
        adam.zero_grad()
        losses.triplet(anchor, positive, positive[distance.argmin(1)], 0.3).backward()
        adam.step()
    for masks in 0, 1:
        shown = torch.cat([view(faces[1::2], masks) for _ in range(5)])
        points = normalize(network(shown)).detach()
        yield (points[first] * points[second]).sum(1)


result = []
for masks_in_training in 0, 0.5:
    bare, masked = scores(masks_in_training)
    called = masked >= bare[~same].quantile(0.99)
    result += [100 * called[~same].float().mean(), 100 * (~called[same]).float().mean()]
before, refused_before, after, refused_after = result
print(f"false matches {before:.0f} % and {after:.1f} %")
assert after + 10 < before
