"""The training loss keeps falling while the loss on unseen patients turns and rises."""

from copy import deepcopy

import torch
from torch.nn import Linear, Sequential, Tanh

from dlref.data import diabetes
from dlref.losses import mean_squared_error
from dlref.plots import training_curves

std, mean = torch.std_mean(diabetes().train.targets)
train, validation, test = ((x, (y[:, None] - mean) / std) for x, y in diabetes())

histories, results = [], []
for seed in range(5):
    torch.manual_seed(seed)
    net = Sequential(Linear(10, 64), Tanh(), Linear(64, 64), Tanh(), Linear(64, 1))
    optimizer, history = torch.optim.Adam(net.parameters(), lr=0.005), []
    for _ in range(150):
        losses = [mean_squared_error(net(x), y) for x, y in (train, validation)]
        history.append([loss.item() for loss in losses])
        if history[-1][1] == min(held_out for _, held_out in history):
            best = deepcopy(net)
        optimizer.zero_grad()
        losses[0].backward()
        optimizer.step()
    histories.append(history)
    x, y = test  # once
    results.append([mean_squared_error(each(x), y).item() for each in (best, net)])

fit, held_out = torch.tensor(histories).unbind(-1)
training_curves({"training": fit, "validation": held_out}, xlabel="step", ylabel="loss")
stopped, at_the_end = torch.tensor(results).mean(0)
patients, guess = len(train[1]), test[1].square().mean()  # guess the training mean
assert fit[:, -1].max() < fit[:, 50].min()
assert held_out[:, -1].min() > held_out[:, 50].max()
assert stopped < 0.8 * guess < at_the_end
