"""Tanh neither centres nor scales a measurement; standardising does both."""

import torch
from sklearn.datasets import load_breast_cancer

from dlref.activations import tanh

data = load_breast_cancer()
names = ["mean area", "mean perimeter", "mean smoothness"]
columns = [data.feature_names.tolist().index(name) for name in names]
measured = torch.tensor(data.data[:, columns])
squashed = tanh(measured)
standard = (measured - measured.mean(dim=0)) / measured.std(dim=0)

print(f"{'':18}{'measured':>18}{'after tanh':>18}{'standardised':>18}")
for k, name in enumerate(names):
    three = [table[:, k] for table in (measured, squashed, standard)]
    cells = (f"{abs(c.mean()):.3f} ± {c.std():.3f}" for c in three)
    print(f"{name:18}" + "".join(f"{cell:>18}" for cell in cells))

different_areas = len(measured[:, 0].unique())
different_after_tanh = len(squashed[:, 0].unique())
smoothness = squashed[:, 2].mean() / measured[:, 2].mean()
assert different_after_tanh == 1  # every tumour now has the same area
assert abs(smoothness - 1) < 0.01  # and the smoothness that it had before
assert standard.mean(dim=0).abs().max() < 1e-12
