"""Three losses judge the same five predictions and disagree about which is worst."""

import matplotlib.pyplot as plt
import torch

from dlref.losses import binary_cross_entropy, binary_hinge, mean_squared_error

names = [
    "sure, wrong",
    "unsure, wrong",
    "unsure, right",
    "sure, right",
    "very sure, right",
]
scores = torch.tensor([-1.5, -0.2, 0.3, 1.0, 4.0])
yes = torch.tensor(1.0)  # the truth of all five, as a class and as a number
losses = {
    "squared error": mean_squared_error,
    "cross-entropy": binary_cross_entropy,
    "hinge": binary_hinge,
}
table = {name: [loss(s, yes).item() for s in scores] for name, loss in losses.items()}

figure, columns = plt.subplots(1, 3, sharey=True, layout="constrained")
for axes, (name, values) in zip(columns, table.items(), strict=True):
    axes.bar_label(axes.barh(names, values), fmt="%.2f", padding=3)
    axes.set(xlabel=name, xlim=(0, 1.4 * max(values)), ylim=(4.6, -0.6))

worst = {name: names[values.index(max(values))] for name, values in table.items()}
assert worst["squared error"] == "very sure, right"
assert worst["cross-entropy"] == worst["hinge"] == "sure, wrong"
assert table["hinge"][3] == table["hinge"][4] == 0 < table["cross-entropy"][4]
small = table["cross-entropy"][4]
