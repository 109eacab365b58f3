"""A momentum of 0.99 in Keras is 0.01 in PyTorch, and takes ten times as long."""

import torch

from dlref.plots import curves

torch.manual_seed(0)
batches = torch.randn(100, 32, 1) + 5  # every feature has the mean 5


def running_means(momentum):
    layer, means = torch.nn.BatchNorm1d(1, momentum=momentum), []
    for batch in batches:
        layer(batch)
        means.append(layer.running_mean.item())
    return means


# %% means
means = {f"weight of the new batch {m}": running_means(m) for m in (0.1, 0.01)}
curves(range(1, 101), means, xlabel="batch", ylabel="running mean (true: 5)")
quick, slow = means.values()
quick_half, slow_half = (sum(mean < 2.5 for mean in run) + 1 for run in (quick, slow))
assert slow_half > 8 * quick_half
after = slow[-1]
assert after < 4
