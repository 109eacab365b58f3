"""Greedy matching can call a detection false that a fairer matching calls right."""

from itertools import permutations

import torch

from dlref.detection import iou, match_detections

truth = torch.tensor([[0.0, 0, 10, 10], [3, 0, 13, 10]])
found = torch.tensor([[1.0, 0, 11, 10], [-2, 0, 8, 10]])
scores = torch.tensor([0.9, 0.8])
overlap = iou(found, truth)
print(overlap)

greedy = match_detections(found, scores, truth, threshold=0.5)
at_most = max(
    sum(overlap[n, m].item() >= 0.5 for n, m in enumerate(order))
    for order in permutations(range(len(truth)))
)
by_greed = greedy.sum().item()
print(f"right by falling score: {by_greed}, at most possible: {at_most}")
assert overlap[0, 0] > overlap[0, 1] > 0.5  # the surest fits both, and takes the first
assert overlap[1, 0] > 0.5 > overlap[1, 1]  # which is the only one for the second
assert (by_greed, at_most) == (1, 2)
