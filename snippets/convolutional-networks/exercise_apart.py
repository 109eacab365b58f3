"""Boxes apart have no slope of their overlap; the generalised overlap has one."""

import torch

from dlref.detection import iou

truth = torch.tensor([[0.0, 0.0, 4.0, 4.0]])


def generalised(a, b):
    ends = torch.minimum(a, b)[:, :2], torch.maximum(a, b)[:, 2:]
    around = (ends[1] - ends[0]).prod()
    sizes = [(box[:, 2:] - box[:, :2]).prod() for box in (a, b)]
    together = sum(sizes) / (1 + iou(a, b))  # the union, since I = IoU times U
    return iou(a, b) - (around - together) / around


slopes = {}
for score in (iou, generalised):
    box = torch.tensor([[7.0, 0.0, 11.0, 4.0]], requires_grad=True)  # to the right
    score(box, truth).sum().backward()
    slopes[score.__name__] = box.grad[0].tolist()
    print(f"{score.__name__:>11}: {[round(s, 3) for s in slopes[score.__name__]]}")
assert slopes["iou"] == [0, 0, 0, 0]
left, _, right, _ = slopes["generalised"]
assert left + right < 0  # moving right makes it worse: go left
