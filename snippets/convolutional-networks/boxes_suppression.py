"""A detector finds each coin dozens of times; suppression leaves one box for each."""

# %% before
import torch
from torch.nn.functional import conv2d

from dlref.data import photograph
from dlref.detection import iou, non_max_suppression
from dlref.plots import detections

photo = photograph("coins")[::3, ::3]
side = torch.arange(-15.0, 16)
distance = (side**2 + side[:, None] ** 2).sqrt()
boxes, scores = [], []
for radius in range(6, 13):  # how much brighter is a disc than the ring around it?
    disc, ring = distance <= radius, (distance > radius) & (distance <= 1.25 * radius)
    kernel = disc / disc.sum() - ring / ring.sum()
    brighter = conv2d(photo[None, None], kernel[None, None], padding=15)[0, 0]
    y, x = (brighter > 0.22).nonzero().T
    boxes.append(
        torch.stack([x - radius, y - radius, x + radius + 1, y + radius + 1], 1)
    )
    scores.append(brighter[y, x])
boxes, scores = torch.cat(boxes).float(), torch.cat(scores)
before, shown = len(boxes), boxes[::20]
detections(photo, {"one in twenty of those found": shown})

# %% after
kept = non_max_suppression(boxes, scores, threshold=0.3)
after = len(kept)
loose = len(non_max_suppression(boxes, scores, threshold=0.5))
overlap = iou(boxes[kept], boxes[kept]).fill_diagonal_(0).max()
print(f"{before} boxes before, {after} after")
assert before > 1000
assert after == 24 < loose  # there are 24 coins, as you can count
assert overlap <= 0.3
detections(photo, {"kept": boxes[kept]})
