"""Memory costs nothing to train and most to ask; a network is the other way round."""

# /// script
# [tool.dlref]
# measured = "times as long|^(answers|memory|network|ratio)"
# ///

import time

import torch
from torch import nn

from dlref.data import digits
from dlref.networks import MLP
from dlref.training import fit

train, _, test = digits()
model = nn.Sequential(nn.Flatten(), MLP([64, 64, 10]))
x = test.inputs.flatten(1).repeat(20, 1)  # 6,000 images to answer for


def milliseconds(work, repeats):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return sorted(times)[repeats // 2]


def learn():
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    fit(model, train, loss=nn.CrossEntropyLoss(), optimizer=adam, epochs=8)


network = milliseconds(lambda: model(x).argmax(1), 9)
memory = milliseconds(lambda: torch.cdist(x, train.inputs.flatten(1)).argmin(1), 9)
ratio = memory / network
answers = milliseconds(learn, 1) / network * len(x)  # that the training would have paid
print(f"an answer from memory takes {ratio:.0f} times as long as one from the network")
assert ratio > 2
assert answers > 10_000
