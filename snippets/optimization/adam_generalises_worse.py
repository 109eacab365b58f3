"""On data made for it, Adam learns every example and then guesses, at every rate."""

import torch

from dlref.optimizers import adam_step, sgd_step
from dlref.plots import curves

torch.manual_seed(0)


def examples(first, count=200):
    """Return a feature that is the label, two that are one, and some of its own."""
    labels = torch.where(torch.rand(count) < 0.65, 1.0, -1.0)
    features = torch.zeros(count, 3 + 5 * 400)
    features[:, 0], features[:, 1:3] = labels, 1.0
    for row, label in enumerate(labels):
        own = 3 + 5 * (first + row)
        features[row, own : own + (1 if label > 0 else 5)] = 1.0
    return features, labels


(x, y), (new_x, new_y) = examples(0), examples(200)
multiples = torch.logspace(0, 2, 9)  # of the smallest rate, side by side
right, loss = {}, {}
for name, smallest in [("gradient descent", 2e-3), ("Adam", 3e-4)]:
    weights, m, v = torch.zeros(3, 9, x.shape[1])
    lr = smallest * multiples[:, None]
    for t in range(1, 501):
        gradient = (weights @ x.T - y) @ x / len(y)  # of half the mean squared error
        if name == "Adam":
            weights, m, v = adam_step(weights, gradient, m, v, t, lr=lr)
        else:
            weights = sgd_step(weights, gradient, lr=lr)
    loss[name] = (weights @ x.T - y).square().mean(dim=1)
    right[name] = 100 * (weights @ new_x.T * new_y > 0).float().mean(dim=1)
curves(multiples, right, xlabel="rate / smallest", ylabel="right, new, %", log_x=True)
majority = 100 * (new_y > 0).float().mean().item()
assert max(losses[-1] for losses in loss.values()) < 1e-6  # both learned it all
assert right["gradient descent"].min() == 100
assert (right["Adam"] == majority).all()
