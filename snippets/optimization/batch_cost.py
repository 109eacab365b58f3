"""Small batches need the fewest examples to a loss, middling ones the least time."""

# /// script
# [tool.dlref]
# amplifies = true
# measured = "'milliseconds' log y|y 'cost'"
# ///

from time import process_time
from timeit import timeit

import torch

from dlref.activations import log_softmax, softmax
from dlref.data import digits
from dlref.plots import curves

images, labels = digits().train
images, truth, N = images.flatten(1), torch.eye(10)[labels], len(labels)
rates = torch.tensor([0.1, 0.2, 0.5, 1, 2, 5, 10]).view(7, 1, 1, 1)  # side by side
sizes, passes, times = [1, 4, 16, 64, 256, N], [], []


def step(W, batch, rate):
    gradient = images[batch].mT @ (softmax(images[batch] @ W) - truth[batch])
    return W - rate * gradient / batch.shape[-1]


for B in sizes:
    torch.manual_seed(0)
    W, seen, when = torch.zeros(7, 3, 64, 10), 0, torch.full((7, 3), torch.inf)
    while when.amax(dim=1).isinf().all():  # until a rate has brought three seeds there
        for batch in torch.rand(3, N).argsort().split(B, dim=1):
            W, seen = step(W, batch, rates), seen + batch.shape[1]
            if seen % 64 < B:
                loss = -(truth * log_softmax(images @ W)).sum(-1).mean(-1)
                when[(loss < 0.2) & when.isinf()] = seen / N
    passes.append(when[when.amax(dim=1).argmin()].median().item())
    one = "step(W[0, 0], torch.arange(B), 0.1)"
    _took = timeit(one, timer=process_time, number=200, globals=globals()) / 200
    times.append(1000 * _took * passes[-1] * N / B)
lines = {"passes over the data": passes, "milliseconds": times}
curves(sizes, lines, xlabel="batch size", ylabel="cost", log_x=True, log_y=True)
few, many = passes[0], passes[-1]
assert many > 10 * few
assert min(times[0], times[-1]) > 1.5 * times[3]
