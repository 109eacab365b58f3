"""Subgradient descent on the hinge loss finds the same line as scikit-learn's SVM."""

# /// script
# [tool.dlref]
# tolerance = 0.001
# ///

import matplotlib.pyplot as plt
import torch
from sklearn.svm import SVC

from dlref.data import breast_cancer
from dlref.losses import binary_hinge

columns, penalty, steps = [21, 27], 0.02, 2000  # worst texture, worst concave points
train, _, test = breast_cancer()
x, y = train.inputs[:, columns], 2.0 * train.targets - 1
weights, mean = torch.zeros(3, requires_grad=True), torch.zeros(3)
for step in range(steps):
    w, b = weights[:2], weights[2]
    loss = binary_hinge(x @ w + b, y) + penalty / 2 * w @ w
    (slope,) = torch.autograd.grad(loss, weights)
    weights.data -= slope / (penalty * (step + 50))
    mean += weights.data * (step >= steps / 2) * 2 / steps  # of the second half

svm = SVC(kernel="linear", C=1 / (penalty * len(x)), tol=1e-6).fit(x, y)
gap = (mean - torch.tensor([*svm.coef_[0], svm.intercept_[0]])).abs().max().item()
assert gap < 0.01
answers = test.inputs[:, columns] @ mean[:2] + mean[2] > 0
assert answers.tolist() == (svm.predict(test.inputs[:, columns]) > 0).tolist()
right = (answers == test.targets).float().mean().item()

figure, axes = plt.subplots(layout="constrained")
support = x[y * (x @ mean[:2] + mean[2]) < 1.001]
for name, group, marker in [("benign", x[y < 0], "o"), ("malignant", x[y > 0], "s")]:
    axes.plot(*group.T.numpy(), marker, markersize=4, alpha=0.7, label=name)
axes.plot(*support.T.numpy(), "o", color="C7", fillstyle="none", label="support vector")
(w0, w1, b), vectors, points = mean.tolist(), len(support), len(x)
for level, style in [(-1, ":"), (0, "-"), (1, ":")]:
    at = (0, (level - b) / w1)
    axes.axline(at, slope=-w0 / w1, color="C7", linestyle=style)
axes.set(xlabel="texture, standard deviations", ylabel="concave points")
axes.legend()
