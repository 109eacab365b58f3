"""A network trained on 80 small faces finds the astronaut's face, and no cat's."""

# /// script
# [tool.dlref]
# timeout = 60
# amplifies = true
# slow = "450 steps, then 40,000 windows of three photographs"
# ///
# %% training
import torch
from sklearn.datasets import load_sample_images
from torch.nn import Conv2d, Dropout, Dropout2d, Flatten, Linear, ReLU, Sequential

from dlref import data, detection, plots

torch.manual_seed(1)
x, y = (torch.cat(parts) for parts in zip(*data.faces()[:2], strict=True))
level = torch.nn.InstanceNorm2d(1, eps=0.01)  # each window to mean 0, deviation 1
names = ("brick", "coffee", "coins", "grass", "gravel", "moon", "rocket")
photos = [torch.tensor(a).float().mean(2) / 255 for a in load_sample_images().images]
scenery = [level(x[y == 0])]
for p in [*photos, *map(data.photograph, names)]:
    cuts = detection.sliding_windows(p, 25, smallest=40, growth=1.5, stride=10)
    scenery.append(level(cuts[0]))
faces = level(torch.cat([x[y == 1], x[y == 1].flip(-1)])).repeat(10, 1, 1, 1)
faces = torch.lerp(faces, faces[torch.randperm(1600)], torch.rand(1600, 1, 1, 1))
moves = {"zoom": 0.55, "shift": 0.4}, {"shift": 0.7}, {"turn": 1.6}, {"turn": 3.1}
others = torch.cat([level(detection.jitter(faces, **move)) for move in moves])
first = Conv2d(1, 24, 5, 2), ReLU(), Conv2d(24, 48, 3, 2), ReLU(), Dropout2d(0.2)
last = Conv2d(48, 48, 5), ReLU(), Flatten(), Dropout(0.3), Linear(48, 1)
network, faces = Sequential(*first, *last), level(detection.jitter(faces))
detection.bootstrap(network, faces, others, torch.cat(scenery), steps=450, batch=48)
# %% search
score, found = lambda windows: network(level(windows)), {}
for name in ("astronaut", "camera", "cat"):
    found[name] = detection.search(data.photograph(name), score, 25, smallest=96)
boxes, votes = found["astronaut"]
drawn = torch.tensor([[168.0, 66, 278, 184]])  # by a person
overlap, shown = detection.iou(boxes[:1], drawn).item(), int((y == 1).sum())
alarms, lead = len(found["cat"][0]), (votes[0] / votes[1]).item()
assert min(overlap - 0.6, lead - 1.5, 2 - alarms) > 0
plots.detections(data.photograph("astronaut")[:384:2, :384:2], {"found": boxes[:1] / 2})
