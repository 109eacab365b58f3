"""Soft suppression keeps twins that hard suppression deletes, and ranks doubles low."""

import torch

from dlref.detection import (
    average_precision,
    iou,
    match_detections,
    non_max_suppression,
)


def soften(boxes, scores, spread=0.3):
    """Divide scores down by the overlap with each surer box, instead of dropping."""
    left, new = scores.clone(), torch.zeros_like(scores)
    for _ in range(len(scores)):
        best = left.argmax()
        new[best] = left[best]
        left = left * (-(iou(boxes[best : best + 1], boxes)[0] ** 2) / spread).exp()
        left[new > 0] = -1
    return new


def precision(apart, soft):
    torch.manual_seed(0)
    ranked, right = [], []
    for _ in range(200):  # two objects, each reported by three places nearby
        truth = torch.tensor([[0.0, 0, 12, 18], [apart, 0, 12 + apart, 18]])
        boxes = truth.repeat(3, 1) + 0.5 * torch.randn(6, 2).repeat(1, 2)
        scores = 0.6 + 0.3 * torch.rand(6)
        if soft:
            scores = soften(boxes, scores)
        else:
            kept = non_max_suppression(boxes, scores, threshold=0.5)
            boxes, scores = boxes[kept], scores[kept]
        ranked.append(scores)
        right.append(match_detections(boxes, scores, truth, threshold=0.75))
    return average_precision(torch.cat(ranked), torch.cat(right), positives=400)


twins_hard, twins_soft = precision(3, soft=False), precision(3, soft=True)
far_hard, far_soft = precision(30, soft=False), precision(30, soft=True)
print(f"twins: hard {twins_hard:.2f}, soft {twins_soft:.2f}")
print(f"far apart: hard {far_hard:.2f}, soft {far_soft:.2f}")
assert twins_soft > twins_hard + 0.1
