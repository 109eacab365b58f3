"""Each time the examples triple, a network's error falls by about the same factor."""

import matplotlib.pyplot as plt
import torch
from torch.nn.functional import cross_entropy

from dlref.data import digits
from dlref.networks import MLP

(x, y), _, (test_x, test_y) = digits()
x, test_x = x.flatten(1), test_x.flatten(1)
sizes = torch.tensor([15, 44, 133, 399, 1197])


def error(size, seed):
    torch.manual_seed(seed)
    some = torch.randperm(len(x))[:size]
    model = MLP([64, 64, 10], torch.relu)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        batch = some[torch.randint(len(some), (min(len(some), 64),))]
        adam.zero_grad()
        cross_entropy(model(x[batch]), y[batch]).backward()
        adam.step()
    return 100 * (model(test_x).argmax(1) != test_y).float().mean()


errors = torch.tensor([[error(size, seed) for seed in range(5)] for size in sizes])
mean, logs = errors.mean(1), sizes.log()
slope = ((logs - logs.mean()) * mean.log()).sum() / (logs - logs.mean()).square().sum()
line = (mean.log().mean() + slope * (logs - logs.mean())).exp()
axes = plt.subplots()[1]
axes.loglog(sizes, errors, "o", color="C0", markersize=4)
axes.loglog(sizes, line, "--", color="C1", label=f"error ∝ examples^{slope:.2f}")
axes.set(xlabel="training examples", ylabel="test error, %")
axes.legend()
exponent, few, many = slope.item(), mean[0], mean[-1]
factor = 3**-exponent  # by which tripling the examples divides the error
assert -0.8 < exponent < -0.4
assert (mean / line).log().abs().max() < 0.5
