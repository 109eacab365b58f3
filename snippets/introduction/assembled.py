"""Neurons, layers and an activation, written out, are all that a network is."""

import torch

from dlref.data import iris
from dlref.plots import network_diagram
from dlref.training import fit


def relu(x):
    return max(0.0, x)


def neuron(inputs, weights, bias, activation):
    return activation(sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias)


def layer(inputs, weights, biases, activation=lambda x: x):
    rows = zip(weights, biases, strict=True)
    return [neuron(inputs, row, bias, activation) for row, bias in rows]


train, _, test = iris()
torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3)
)
adam = torch.optim.Adam(model.parameters(), lr=0.02)
fit(model, train, loss=torch.nn.CrossEntropyLoss(), optimizer=adam, epochs=40)

w1, b1, w2, b2 = (p.tolist() for p in model.parameters())  # 43 plain numbers
ours = [layer(layer(flower, w1, b1, relu), w2, b2) for flower in test.inputs.tolist()]
gap = (torch.tensor(ours) - model(test.inputs)).abs().max().item()
right = 100 * (torch.tensor(ours).argmax(1) == test.targets).float().mean().item()
assert gap < 1e-4
assert right > 90
figure = network_diagram([w1, w2])
