"""One training by hand, by dlref and by torch: the same weights from fewer lines."""

import torch
from torch.nn import Linear, ReLU, Sequential
from torch.nn.functional import cross_entropy, one_hot

from dlref import losses, optimizers
from dlref.data import digits
from dlref.networks import MLP

torch.manual_seed(0)
x, y = digits().train.inputs.flatten(1), digits().train.targets


def by_hand(w1, b1, w2, b2):
    for _ in range(50):
        hidden = (x @ w1.T + b1).clamp(min=0)
        wrong = ((hidden @ w2.T + b2).softmax(dim=1) - one_hot(y)) / len(y)
        back = wrong @ w2 * (hidden > 0)
        w1, b1 = w1 - 0.5 * back.T @ x, b1 - 0.5 * back.sum(dim=0)
        w2, b2 = w2 - 0.5 * wrong.T @ hidden, b2 - 0.5 * wrong.sum(dim=0)
    return w1


def by_tools(model, loss, sgd):
    optimizer = sgd(model.parameters(), lr=0.5)
    for _ in range(50):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return next(model.parameters())


ours, net = MLP([64, 32, 10]), Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
start = [p.detach().clone() for p in net.parameters()]
ours.load_state_dict(dict(zip(ours.state_dict(), start, strict=True)))
hand = by_hand(*start)
assert hand.allclose(by_tools(ours, losses.cross_entropy, optimizers.SGD), atol=1e-4)
assert hand.allclose(by_tools(net, cross_entropy, torch.optim.SGD), atol=1e-4)
own, other = (len({n for *_, n in f.__code__.co_lines()}) for f in (by_hand, by_tools))
