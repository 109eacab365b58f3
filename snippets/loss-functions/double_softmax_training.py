"""Trained through a second softmax, networks stop above the floor and lose classes."""

import math

import torch
from torch.nn import Flatten, Linear, ReLU, Sequential

from dlref.activations import softmax
from dlref.data import digits
from dlref.losses import cross_entropy
from dlref.plots import training_curves

(x, y), (images, labels), _ = digits()


def train(seed, transform):
    torch.manual_seed(seed)
    net = Sequential(Flatten(), Linear(64, 32), ReLU(), Linear(32, 10))
    optimizer, history = torch.optim.Adam(net.parameters(), lr=0.01), []
    for _ in range(120):
        loss = cross_entropy(transform(net(x)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    answers = net(images).argmax(1)
    return history, (answers == labels).float().mean().item(), len(answers.unique())


once, twice = ([train(seed, t) for seed in range(3)] for t in (lambda z: z, softmax))
histories = {"once": [run[0] for run in once], "twice": [run[0] for run in twice]}
figure = training_curves(histories, xlabel="step", ylabel="training loss, nats")
floor = math.log(1 + 9 / math.e)
figure.axes[0].axhline(floor, color="C7", linestyle=":")
right_once, right_twice = (sum(run[1] for run in runs) / 3 for runs in (once, twice))
fewest = min(classes for _, _, classes in twice)
assert min(run[-1] for run, _, _ in twice) > floor
assert fewest < 10 == min(classes for _, _, classes in once)
