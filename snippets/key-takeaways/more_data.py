"""Each time the examples triple, a network's error falls by about the same factor."""

import matplotlib.pyplot as plt
import torch
from torch.nn.functional import cross_entropy

from dlref.data import Examples, digits
from dlref.networks import MLP
from dlref.training import fit

(x, y), _, (test_x, test_y) = digits()
x, test_x = x.flatten(1), test_x.flatten(1)
sizes, ticks = torch.tensor([15, 44, 133, 399, 1197]), [3, 5, 10, 20, 40]


def error(size, seed):
    torch.manual_seed(seed)
    some = torch.randperm(len(x))[:size]
    model = MLP([64, 64, 10], torch.relu)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    few, epochs = Examples(x[some], y[some]), 64 * 150 // max(64, int(size))
    fit(model, few, loss=cross_entropy, optimizer=adam, epochs=epochs, batch_size=64)
    return 100 * (model(test_x).argmax(1) != test_y).float().mean()


errors = torch.tensor([[error(size, seed) for seed in range(5)] for size in sizes])
mean, logs = errors.mean(1), sizes.log()
slope = ((logs - logs.mean()) * mean.log()).sum() / (logs - logs.mean()).square().sum()
line = (mean.log().mean() + slope * (logs - logs.mean())).exp()
axes = plt.subplots()[1]
axes.loglog(sizes, errors, "o", color="C0", markersize=4)
axes.loglog(sizes, line, "--", color="C1", label=f"error ∝ examples^{slope:.2f}")
axes.set(xlabel="training examples", ylabel="test error, %")
axes.set(xticks=sizes, xticklabels=sizes.tolist(), yticks=ticks, yticklabels=ticks)
axes.minorticks_off()
axes.legend()
factor = 3**-slope  # by which tripling the examples divides the error
assert 1.5 < factor < 2.5
assert (mean / line).log().abs().max() < 0.5
