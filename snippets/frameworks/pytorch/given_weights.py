"""Given the same weights, PyTorch takes the steps that every framework takes."""

import numpy as np
import torch
from torch import nn


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


x, target = wave(3, 3), [0, 1, 1]
w1, b1, w2, b2 = wave(3, 4), wave(4), wave(4, 2), wave(2)

# %% expected
outputs = [[0.564118, 0.137319], [1.363313, 0.516429], [0.687153, 0.252092]]
gradient_w1 = [
    [0.003214, -0.081881, 0.082694, 0.017470],
    [0.001714, -0.087459, 0.078638, 0.008765],
    [-0.001361, -0.012628, 0.002283, -0.007999],
]
gradient_w2 = [[0.206966, -0.206966], [0.171742, -0.171742]]
gradient_w2 += [[-0.063356, 0.063356], [-0.201096, 0.201096]]
# Before and after each of five steps:
losses = [0.880061, 0.672431, 0.591818, 0.573278, 0.554220, 0.520581]

# %% network
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
with torch.no_grad():
    for own, given in zip(model.parameters(), (w1.T, b1, w2.T, b2), strict=True):
        own.copy_(torch.from_numpy(given))  # nn.Linear keeps its weights transposed
adam, came = torch.optim.Adam(model.parameters(), lr=0.1), []
for _ in losses:
    scores = model(torch.from_numpy(x))
    loss = nn.functional.cross_entropy(scores, torch.tensor(target))
    adam.zero_grad()
    loss.backward()
    slopes = [model[i].weight.grad.mT.tolist() for i in (0, 2)]
    came.append((loss.item(), scores.tolist(), *slopes))
    adam.step()

# %% same
_, *first = came[0]
pairs = zip(first, (outputs, gradient_w1, gradient_w2), strict=True)
gap = max(np.abs(np.array(got) - np.array(wanted)).max() for got, wanted in pairs)
pairs = zip(came, losses, strict=True)
adam_gap = max(abs(loss - wanted) for (loss, *_), wanted in pairs)
assert max(gap, adam_gap) < 1e-5
