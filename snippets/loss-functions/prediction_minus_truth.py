"""The slope of cross-entropy is prediction minus truth, for every class at once."""

import matplotlib.pyplot as plt
import torch

from dlref.activations import softmax
from dlref.data import digits
from dlref.losses import cross_entropy

train, _, test = digits()
weight = torch.zeros(64, 10, requires_grad=True)
for _ in range(30):
    loss = cross_entropy(train.inputs.flatten(1) @ weight, train.targets)
    (slope,) = torch.autograd.grad(loss, weight)
    weight.data -= 0.5 * slope

logits = (test.inputs.flatten(1) @ weight).detach().requires_grad_()
p = softmax(logits)
truth = torch.nn.functional.one_hot(test.targets, 10)
(slopes,) = torch.autograd.grad(cross_entropy(logits, test.targets), logits)
assert torch.allclose(slopes, (p - truth) / len(p), atol=1e-8)
assert slopes.sum(1).abs().max() < 1e-6  # what one class gains, the others lose

hardest = (p * truth).sum(1).argmin()
answer, label = p[hardest].argmax().item(), test.targets[hardest].item()
slope = (len(p) * slopes[hardest]).tolist()
figure, axes = plt.subplots(layout="constrained")
axes.bar([k - 0.2 for k in range(10)], p[hardest].tolist(), 0.4, label="prediction p")
axes.bar([k + 0.2 for k in range(10)], slope, 0.4, hatch="//", label="slope p − y")
axes.axhline(0, color="C7", linewidth=1)
axes.set(xlabel="class", xticks=range(10), ylim=(-1.1, 1.1))
axes.legend()
