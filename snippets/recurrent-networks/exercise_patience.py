"""With six times the training, a plain network too recalls what is 16 steps old."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from torch.nn.functional import cross_entropy, one_hot

from dlref.plots import curves

distances = torch.tensor([1, 2, 4, 8, 16, 32])


def batch(distance):
    count, at = len(distance), 32 - distance
    symbols = torch.randint(4, (33, count))
    x = torch.cat([one_hot(symbols, 4), one_hot(at, 33).T[..., None]], dim=2)
    return x.float(), symbols[at, range(count)]


torch.manual_seed(0)
network, head = torch.nn.RNN(5, 32), torch.nn.Linear(32, 4)
parameters = [*network.parameters(), *head.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.003)
history = []
for step in range(1201):
    if step % 100 == 0:
        x, target = batch(distances.repeat(200))
        right = head(network(x)[0][-1]).argmax(1) == target
        history.append(right.view(200, 6).float().mean(0))
    x, target = batch(distances.repeat(6))
    optimizer.zero_grad()
    cross_entropy(head(network(x)[0][-1]), target).backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()

right = torch.stack(history)
early, late = right[[2, 12], 4].tolist()  # at distance 16, after 200 and 1,200 steps
assert early < 0.4 < late - 0.4
series = {f"distance {d}": right[:, k] for k, d in ((0, 1), (2, 4), (4, 16), (5, 32))}
curves(range(0, 1201, 100), series, xlabel="training step", ylabel="share right")
