"""ReLU reaches a loss long before sigmoid, but after tanh at its own best rate."""

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy, pad

from dlref.activations import relu, sigmoid, tanh
from dlref.plots import bars

torch.set_flush_denormal(True)  # slopes that have all but vanished slow a CPU down
images, digits = (torch.tensor(array) for array in load_digits(return_X_y=True))
images, seeds, goal, steps = images.float() / 8 - 1, 5, 0.3, {}
rates = torch.tensor([0.1, 0.2, 0.4, 0.8, 1.6, 4.0])
rate = rates.repeat_interleave(seeds)[:, None, None]  # one network for each and seed
for activation, gain in [(sigmoid, 1), (tanh, 1), (relu, 2**0.5)]:
    torch.manual_seed(0)
    sizes, losses = [(64, 32), (32, 32), (32, 32), (32, 10)], []
    weights = [gain * (2 / sum(mn)) ** 0.5 * torch.randn(seeds, *mn) for mn in sizes]
    weights = [pad(w, (0, 0, 0, 1)).repeat(len(rates), 1, 1) for w in weights]  # biases
    for _ in range(400):
        batch = torch.randint(len(digits), (seeds, 32)).repeat(len(rates), 1)
        h = images[batch]
        for k, w in enumerate(weights):
            h = pad(activation(h) if k else h, (0, 1), value=1.0) @ w.requires_grad_()
        loss = cross_entropy(h.mT, digits[batch], reduction="none").mean(dim=1)
        slopes = torch.autograd.grad(loss.sum(), weights)
        weights = [w.detach() - rate * s for w, s in zip(weights, slopes, strict=True)]
        losses.append(loss.detach())
    reached = torch.stack(losses).unfold(0, 10, 1).mean(-1) < goal  # mean of ten steps
    when = torch.where(reached.any(0), reached.int().argmax(0) + 10.0, torch.inf)
    steps[activation.__name__] = when.view(len(rates), seeds)

best = {name: runs[runs.mean(dim=1).argmin()] for name, runs in steps.items()}
bars(best, ylabel="steps to the loss, best rate")
sigmoid_best, tanh_best, relu_best = (runs.median().item() for runs in best.values())
_, tanh_slow, relu_slow = (runs[0].median().item() for runs in steps.values())
over_sigmoid, grid = sigmoid_best / relu_best, len(rates)
assert tanh_best < relu_best < sigmoid_best / 2
assert relu_slow < tanh_slow  # at the smallest rate it is the other way round
assert steps["tanh"][3].max() < torch.inf == steps["relu"][3].min()  # at the rate 0.8
