"""An embedding tells apart what it was trained on, beyond that pixels do as well."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from torch.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from torch.nn.functional import normalize

from dlref import data, losses, metrics

train, _, test = data.digits()
images, labels = (part[train.targets < 7] for part in train)


def auc(points, chosen):  # of all pairs of chosen digits: same, or not?
    first, second = torch.combinations(chosen.nonzero()[:, 0]).T
    same = (test.targets[first] == test.targets[second]).long()
    return metrics.roc_auc((points[first] * points[second]).sum(1), same)


def embedding(seed):
    torch.manual_seed(seed)
    first, second = Conv2d(1, 16, 3, 1, 1), Conv2d(16, 32, 3, 1, 1)
    front = Sequential(first, ReLU(), MaxPool2d(2), second, ReLU())
    network = Sequential(front, Flatten(), Linear(512, 32))
    adam = torch.optim.Adam(network.parameters(), lr=0.003)
    for batch in torch.cat([torch.randperm(len(labels)) for _ in range(12)]).split(64):
        points = normalize(network(images[batch]))
        alike = labels[batch][:, None] == labels[batch]
        distance = torch.cdist(points, points).detach()
        own, other = (distance * alike).argmax(1), (distance + 9 * alike).argmin(1)
        adam.zero_grad()
        losses.triplet(points, points[own], points[other], margin=0.3).backward()
        adam.step()
    return normalize(network(test.inputs)).detach()


pixels, learned = normalize(test.inputs.flatten(1)), [embedding(s) for s in range(3)]
seen, seen_pixels = (auc(points, test.targets < 7) for points in (learned[0], pixels))
new, new_pixels = (auc(points, test.targets > 6) for points in (learned[0], pixels))
assert all(auc(points, test.targets < 7) > 0.95 > seen_pixels for points in learned)
assert all(auc(points, test.targets > 6) < new_pixels + 0.05 for points in learned)
