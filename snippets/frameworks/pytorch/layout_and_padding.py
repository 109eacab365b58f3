"""PyTorch's channels come first, and it refuses "same" padding with a stride."""

import torch
from torch import nn

# %% layout
layouts = {"channels first": (1, 2, 8, 8), "channels last": (1, 8, 8, 2)}
taken = []
for name, shape in layouts.items():
    try:
        nn.Conv2d(2, 4, 3)(torch.zeros(shape))
        taken.append(name)
    except RuntimeError:
        pass
(layout,) = taken

# %% kernel
conv = nn.Conv1d(1, 1, 3, bias=False)
nn.init.constant_(conv.weight, 0)
conv.weight.data[0, 0] = torch.tensor([1.0, 2.0, 3.0])
pulse = conv(torch.tensor([[[0.0, 0.0, 1.0, 0.0, 0.0]]])).flatten().tolist()
kernel = {(3, 2, 1): "not flipped", (1, 2, 3): "flipped"}[tuple(pulse)]

# %% same
try:
    nn.Conv1d(1, 1, 3, stride=2, padding="same")
    same_padding = "taken"
except ValueError as refusal:
    same_padding = "refused"
    print(refusal)
strided = nn.Conv1d(1, 1, 3, stride=2, padding=1, bias=False)  # as ported code says it
strided.weight.data[:] = 1
sums = strided(torch.arange(1.0, 7).reshape(1, 1, 6)).flatten().tolist()
assert sums == [
    0 + 1 + 2,
    2 + 3 + 4,
    4 + 5 + 6,
]  # a zero on the left, none on the right
assert same_padding == "refused"
