"""A framework's bookkeeping takes time in a small network and none in a large one."""

# /// script
# [tool.dlref]
# measured = "y 'time|'by torch' y|^(begin|large|middle|small)"
# ///

import time

import torch
from torch.nn import Linear, ReLU, Sequential
from torch.nn.functional import cross_entropy, one_hot

from dlref.plots import curves

torch.manual_seed(0)
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
    assert all(a.allclose(b, atol=1e-6) for a, b in zip(own, other, strict=True))
    slower.append(torch.tensor(ratios).median())
lines = {"by torch": slower, "by hand": [1] * 5}
curves(widths, lines, xlabel="hidden units", ylabel="time, by hand = 1", log_x=True)
small, large = slower[0], slower[-1]
assert small < 4
assert large < 1.5
