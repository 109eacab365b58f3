"""The gradient is zero outside the receptive field that arithmetic predicts."""

import torch
from matplotlib.patches import Rectangle

from dlref.convolution import AvgPool2d, Conv2d, receptive_field
from dlref.plots import heatmap

layers = [(5, 1), (2, 2), (5, 1), (2, 2), (3, 1)]  # kernel and stride
size, jump = receptive_field(layers)
row, column = 1, 2  # the output that we look from

torch.manual_seed(0)
seen = torch.zeros(36, 36)
for _ in range(50):  # random weights
    steps = [AvgPool2d(k) if s == 2 else Conv2d(1, 1, k) for k, s in layers]
    image = torch.zeros(1, 1, 36, 36, requires_grad=True)
    output = torch.nn.Sequential(*steps)(image)[0, 0, row, column]
    seen += torch.autograd.grad(output, image)[0][0, 0].abs()

top, left = row * jump, column * jump
rows, columns = seen.nonzero().T
assert (rows.min(), rows.max()) == (top, top + size - 1)
assert (columns.min(), columns.max()) == (left, left + size - 1)

middle = slice(size // 4, size - size // 4)  # half of the rows or columns
field = seen[top : top + size, left : left + size]
central = field[middle, middle].sum() / seen.sum()
assert central > 0.35  # on a quarter of the area
axes = heatmap(seen / seen.max(), bar="size of the gradient").axes[0]
corner = (left - 0.5, top - 0.5)
axes.add_patch(Rectangle(corner, size, size, fill=False, color="C1", linewidth=2))
