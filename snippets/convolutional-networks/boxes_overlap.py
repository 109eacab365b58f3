"""Intersection over union is the share of common pixels, and it falls fast."""

# %% pixels
import torch

from dlref.data import photograph
from dlref.detection import iou
from dlref.plots import detections

truth = torch.tensor([[48, 46, 158, 166]])  # left, top, right, bottom, set by eye
shift = torch.tensor([[11, 12, 11, 12]])  # a tenth of its width and height
boxes = torch.cat([truth + shift, truth + 3 * shift])


def pixels(box):
    left, top, right, bottom = box.tolist()
    return {(x, y) for x in range(left, right) for y in range(top, bottom)}


for box, computed in zip(boxes, iou(boxes.float(), truth.float())[:, 0], strict=True):
    inside, true = pixels(box), pixels(truth[0])
    common, together = len(inside & true), len(inside | true)
    print(f"{common} of {together} pixels: {common / together:.3f}")
    assert abs(computed - common / together) < 1e-6

# %% picture
near, far = iou(boxes.float(), truth.float())[:, 0].tolist()
assert abs(near - 0.9**2 / (2 - 0.9**2)) < 1e-6  # off by a tenth each way
photo = photograph("astronaut")[20:220:2, 120:320:2]
groups = {
    "true": truth / 2,
    "a tenth off": boxes[:1] / 2,
    "three tenths": boxes[1:] / 2,
}
values = {"a tenth off": [f"{near:.2f}"], "three tenths": [f"{far:.2f}"]}
detections(photo, groups, labels=values)
