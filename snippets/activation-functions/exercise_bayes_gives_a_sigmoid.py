"""Two bell curves of equal width turn Bayes' rule into a sigmoid of a straight line."""

import torch

from dlref.activations import sigmoid

a, b = -1.0, 2.0  # the centres of the two classes
width, prior = 1.5, torch.tensor(0.3, dtype=torch.float64)  # and how common b is
x = torch.linspace(-8, 8, 161, dtype=torch.float64)
density_a = torch.exp(-((x - a) ** 2) / (2 * width**2))
density_b = torch.exp(-((x - b) ** 2) / (2 * width**2))
by_bayes = prior * density_b / (prior * density_b + (1 - prior) * density_a)

weight = (b - a) / width**2
bias = (a**2 - b**2) / (2 * width**2) + torch.logit(prior)
gap = (by_bayes - sigmoid(weight * x + bias)).abs().max().item()
print(f"weight {weight:.3f}, bias {bias:.3f}")
assert gap < 1e-14
