"""A framework's bookkeeping takes time in a small network and none in a large one."""

import time

import torch
from torch.nn import Linear, ReLU, Sequential
from torch.nn.functional import cross_entropy, one_hot

from dlref.plots import curves

x, y = torch.randn(512, 64), torch.randint(10, (512,))


def by_hand(model):
    w1, b1, w2, b2 = (parameter.detach() for parameter in model.parameters())
    hidden = (x @ w1.T + b1).clamp(min=0)
    wrong = ((hidden @ w2.T + b2).softmax(dim=1) - one_hot(y, 10)) / len(y)
    back = wrong @ w2 * (hidden > 0)
    return back.T @ x, back.sum(dim=0), wrong.T @ hidden, wrong.sum(dim=0)


def by_torch(model):
    return torch.autograd.grad(cross_entropy(model(x), y), list(model.parameters()))


widths, slower = [4, 16, 64, 256, 1024], []
for width in widths:
    model, ratios = Sequential(Linear(64, width), ReLU(), Linear(width, 10)), []
    for _ in range(25):
        begin, own = time.process_time(), by_hand(model)
        middle, other = time.process_time(), by_torch(model)
        ratios.append((time.process_time() - middle) / (middle - begin))
    for slope, same in zip(own, other, strict=True):
        assert slope.allclose(same, atol=1e-6)
    slower.append(torch.tensor(ratios).median())
curves(widths, {"": slower}, xlabel="width", ylabel="times as long", log_x=True)
small, large = slower[0], slower[-1]
assert small < 4
assert large < 1.5
