"""By hand, by our engine and by torch, the gradient is the same to the last digit."""

import math

import torch

from dlref.autograd import Value

x, y = (0.5, -1.0), 1.0  # an input and its target
weights = [0.8, -0.4, 0.1, 0.3, 0.9, -0.2, 1.5, -0.7, 0.05]


def loss(weights):
    w11, w12, b1, w21, w22, b2, v1, v2, c = weights
    h1 = (w11 * x[0] + w12 * x[1] + b1).tanh()
    h2 = (w21 * x[0] + w22 * x[1] + b2).tanh()
    return (v1 * h1 + v2 * h2 + c - y) ** 2


# %% by_hand
w11, w12, b1, w21, w22, b2, v1, v2, c = weights
h1 = math.tanh(w11 * x[0] + w12 * x[1] + b1)  # forward: input to hidden
h2 = math.tanh(w21 * x[0] + w22 * x[1] + b2)
error = v1 * h1 + v2 * h2 + c - y  # hidden to output, and how far that is off

d = 2 * error  # backward: how the loss changes with the output
d1 = d * v1 * (1 - h1 * h1)  # through each hidden neuron
d2 = d * v2 * (1 - h2 * h2)
hand = [d1 * x[0], d1 * x[1], d1, d2 * x[0], d2 * x[1], d2, d * h1, d * h2, d]

# %% by_engines
values = [Value(w) for w in weights]
loss(values).backward()
tensors = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in weights]
loss(tensors).backward()
rows = [
    (h, v.grad, t.grad.item()) for h, v, t in zip(hand, values, tensors, strict=True)
]
print(*(f"{a:+.16f} {b:+.16f} {c:+.16f}" for a, b, c in rows), sep="\n")
assert (gap := max(max(row) - min(row) for row in rows)) < 1e-15
