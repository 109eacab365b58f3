"""A small convolutional network finds digits of any size among scraps of digits."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

# %% training
import torch
from torch.nn import BCEWithLogitsLoss, Conv2d, MaxPool2d, ReLU, Sequential

from dlref import data, detection
from dlref.plots import detections

torch.manual_seed(0)
images, boxes = detection.scenes(data.digits().train.inputs, count=400)
middle, side = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
at = torch.arange(1.0, 40, 2)  # the network answers at every second pixel
places = torch.stack([at.repeat(20), at.repeat_interleave(20)], 1).repeat(1, 2)
near = ((places[:, None, :2] - middle[:, None]).abs() < side[:, None] / 6).all(-1)
here, edges = near.sum(-1) == 1, (near.float() @ boxes - places) / 8
c1, c2 = Conv2d(1, 12, 5, padding=2), Conv2d(12, 24, 3, padding=1)
c3, c4 = (Conv2d(24, 24, 3, padding=2, dilation=2) for _ in range(2))
layers = c1, ReLU(), MaxPool2d(2), c2, ReLU(), c3, ReLU(), c4, ReLU(), Conv2d(24, 5, 1)
network, logistic = Sequential(*layers), BCEWithLogitsLoss()
adam = torch.optim.Adam(network.parameters(), lr=0.004)
for batch in torch.cat([torch.randperm(400) for _ in range(12)]).split(16):
    answer, true = network(images[batch]).flatten(2).mT, here[batch]  # (16, 400, 5)
    off = (answer[true][:, 1:] - edges[batch][true]).abs().mean()
    adam.zero_grad()
    (4 * logistic(answer[..., 0], true.float()) + off).backward()
    adam.step()

# %% test
found, (images, boxes) = [], detection.scenes(data.digits().test.inputs, 60, seed=1)
for answer, truth in zip(network(images).detach().flatten(2).mT, boxes, strict=True):
    ends = (places + 8 * answer[:, 1:]).unflatten(1, (2, 2)).sort(1).values.flatten(1)
    kept = detection.non_max_suppression(ends, scores := answer[:, 0], 0.3)
    right = detection.match_detections(ends[kept], scores[kept], truth, 0.5)
    found.append((ends[kept], scores[kept], right))
_, scores, right = (torch.cat(column) for column in zip(*found, strict=True))
precision = detection.average_precision(scores, right, positives=boxes[..., 0].numel())
assert precision > 0.75
sure = found[5][0][found[5][1] > 0]
detections(images[5, 0], {"true": boxes[5], "found": sure})
