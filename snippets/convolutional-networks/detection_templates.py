"""Sliding average digits over the same scenes finds fewer, at more false alarms."""

import torch
from torch.nn.functional import avg_pool2d, conv2d, interpolate

from dlref import data, detection

train, _, test = data.digits()
images, boxes = detection.scenes(test.inputs, 60, seed=1)  # those of the network
means = torch.stack([train.inputs[train.targets == k].mean(0) for k in range(10)])
scores, windows = [], []
for side in range(8, 17):  # the correlation of each window with its best template
    templates = interpolate(means, (side, side), mode="bilinear")
    templates = templates - templates.mean((2, 3), keepdim=True)
    templates = templates / templates.flatten(1).norm(dim=1)[:, None, None, None]
    best = conv2d(images, templates).amax(1, keepdim=True)
    variance = avg_pool2d(images**2, side, 1) - avg_pool2d(images, side, 1) ** 2
    scores.append((best / side / variance.clamp(min=1e-4).sqrt()).flatten(1))
    y, x = torch.meshgrid(*[torch.arange(41 - side)] * 2, indexing="ij")
    windows.append(torch.stack([x, y, x + side, y + side], -1).flatten(0, 1))
scores, windows = torch.cat(scores, 1), torch.cat(windows).float()

found = []
for score, truth in zip(scores, boxes, strict=True):
    top = score.topk(100).indices
    kept = top[detection.non_max_suppression(windows[top], score[top], 0.3)]
    right = detection.match_detections(windows[kept], score[kept], truth, 0.5)
    found.append((score[kept], right))
score, right = (torch.cat(column) for column in zip(*found, strict=True))
precision = detection.average_precision(score, right, positives=boxes[..., 0].numel())
print(f"{len(windows)} windows in each scene, average precision {precision:.2f}")
assert precision < 0.75  # the network: above it
