"""Evaluation mode and no_grad are two switches: one for layers, one for gradients."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.ones(1, 100)
layer = nn.Sequential(
    nn.Linear(100, 100), nn.Dropout(0.5)
)  # new models are in training


def answers_differ():
    return not torch.equal(layer(x), layer(x))


# %% switches
with torch.no_grad():
    assert answers_differ()  # no gradients, and dropout still drops
    assert not layer(x).requires_grad

layer.eval()
assert not answers_differ()  # nothing is dropped, and gradients are still prepared
assert layer(x).requires_grad
