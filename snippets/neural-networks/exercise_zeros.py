"""Hidden neurons that start equal stay equal: the whole layer counts as one."""

import torch

from dlref.data import digits
from dlref.losses import cross_entropy
from dlref.networks import MLP
from dlref.optimizers import SGD
from dlref.training import fit

train, _, test = digits()
right, apart = {}, {}
for start in ("equal", "random"):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), MLP([64, 32, 10]))
    if start == "equal":
        for parameter in model.parameters():
            parameter.data.fill_(0.01)
    optimizer = SGD(model.parameters(), lr=0.2)
    fit(model, train, loss=cross_entropy, optimizer=optimizer, epochs=10)
    right[start] = (model(test.inputs).argmax(1) == test.targets).float().mean().item()
    weights = model[1].layers[0].weight.detach()
    apart[start] = (weights - weights[0]).abs().max().item()

right_equal, right_random = right.values()
print({start: f"{share:.0%}" for start, share in right.items()})
print({start: f"neurons differ by {gap:.2f}" for start, gap in apart.items()})
assert apart["equal"] < 0.01
assert apart["random"] > 0.5
assert right_equal < 0.5
assert right_random > 0.9
