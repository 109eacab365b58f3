"""From logits the loss has no end; through probabilities it stops at a lead of 103."""

import matplotlib.pyplot as plt
import torch

from dlref.activations import softmax
from dlref.losses import cross_entropy

lead = torch.arange(0.0, 161.0)  # of a wrong class over the true one, in float32
logits = torch.stack([torch.zeros_like(lead), lead], dim=1).requires_grad_()
truth = torch.zeros(1, dtype=torch.int64)

direct = torch.stack([cross_entropy(row[None], truth) for row in logits])
detour = -torch.log(softmax(logits)[:, 0])
(slope,) = torch.autograd.grad(direct.sum(), logits)
(lost,) = torch.autograd.grad(detour.sum(), logits)

last = int(detour.isfinite().sum()) - 1
assert last == 103
assert detour[last + 1 :].isinf().all()
assert lost[last + 1 :].isnan().all()
assert direct.isfinite().all()
assert torch.allclose(slope[last:, 0], torch.tensor(-1.0))

figure, axes = plt.subplots(layout="constrained")
axes.plot(lead, direct.detach(), label="from logits")
axes.plot(lead, detour.detach(), linewidth=7, alpha=0.4, label="through probabilities")
axes.annotate("infinite from here on", (last, last), (last + 4, last - 8))
axes.set(xlabel="lead of the wrong class", ylabel="cross-entropy, nats")
axes.legend()
