"""A network learns random labels by heart, and then knows nothing about new images."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from torch.nn.functional import cross_entropy

from dlref.data import Examples, digits
from dlref.metrics import accuracy
from dlref.networks import MLP
from dlref.training import fit

torch.manual_seed(0)
(x, y), _, (x_new, y_new) = digits()
x, shuffled = x.flatten(1)[:400], y[torch.randperm(len(y))[:400]]
model = MLP([64, 256, 10])
adam = torch.optim.Adam(model.parameters(), lr=0.01)
fit(model, Examples(x, shuffled), loss=cross_entropy, optimizer=adam, epochs=100)

by_heart = 100 * accuracy(model(x), shuffled)
on_new = 100 * accuracy(model(x_new.flatten(1)), y_new)
print(f"{by_heart:.0f} % of the random labels, {on_new:.0f} % of the real ones")
assert by_heart > 95
assert on_new < 20
