"""A zero too many in ten targets bends the squared fit, and hardly the other two."""

import matplotlib.pyplot as plt
import torch

from dlref.data import diabetes
from dlref.losses import huber, mean_absolute_error, mean_squared_error

(patients, targets), _, _ = diabetes()
mass, y = patients[:, 2], targets / 100
typed = y.clone()
typed[mass.argsort()[:40:4]] *= 10  # ten of the forty slimmest patients


def fit(loss, target):
    line = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.Adam([line], lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        loss(line[0] + line[1] * mass, target).backward()
        optimizer.step()
    return (100 * line.detach()).tolist()


lines = {
    "squared, no error": fit(mean_squared_error, y),
    "squared": fit(mean_squared_error, typed),
    "absolute": fit(mean_absolute_error, typed),
    "Huber": fit(huber, typed),
}
figure, axes = plt.subplots(layout="constrained")
axes.plot(mass, 100 * typed, ".", color="C7")
styles = [("C7", "-"), ("C0", "--"), ("C1", "-."), ("C2", ":")]
for (name, (a, b)), (color, style) in zip(lines.items(), styles, strict=True):
    axes.axline((0, a), slope=b, color=color, linestyle=style, label=name)
axes.set(xlabel="body mass index, standard deviations", ylabel="progression")
axes.legend()
clean, squared, absolute, robust = (slope for _, slope in lines.values())
assert squared < 0.3 * clean
assert min(absolute, robust) > 0.8 * clean
