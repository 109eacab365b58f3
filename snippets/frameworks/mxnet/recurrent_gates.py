"""MXNet's LSTM and GRU keep their weights as PyTorch's do."""

# /// script
# requires-python = "<3.12"
# dependencies = [
#   "mxnet==1.9.1",
#   "numpy==1.23.5",
#   "onnx==1.18.0",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.7.2",
# ]
# ///

import warnings

# MXNet 1.9.1 still uses what NumPy and Python have deprecated
warnings.filterwarnings("ignore", category=DeprecationWarning)

from itertools import permutations

import mxnet as mx
import numpy as np


def run(layer, *states):
    layer.initialize(mx.init.Uniform(1))  # all numbers different, so no swap can hide
    out = layer(mx.nd.array(x[None]), [mx.nd.array(s[None]) for s in states])[0]
    return out.asnumpy()[0], [p.data().asnumpy() for p in layer.params.values()]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


mx.random.seed(0)
x, h, c = np.random.default_rng(0).normal(size=(3, 1, 2)).astype("float32")

# %% lstm
came, (w, u, b, d) = run(mx.gluon.rnn.LSTM(2, input_size=2), h, c)
biases, blocks, orders = len([b, d]), np.split(x @ w.T + b + h @ u.T + d, 4, axis=1), []
for order in permutations("ifgo"):
    gate = dict(zip(order, blocks, strict=True))
    state = sigmoid(gate["f"]) * c + sigmoid(gate["i"]) * np.tanh(gate["g"])
    if np.allclose(came, sigmoid(gate["o"]) * np.tanh(state), atol=1e-6):
        orders.append(" ".join(order))
[gate_order] = orders
assert gate_order == "i f g o"

# %% gru
came, (w, u, b, d) = run(mx.gluon.rnn.GRU(2, input_size=2), h)
ours, theirs = np.split(x @ w.T + b, 3, axis=1), np.split(h @ u.T + d, 3, axis=1)
r, z = (sigmoid(a + b) for a, b in zip(ours[:2], theirs, strict=False))
before = (r * h) @ u[4:].T + d[4:]  # the other form: reset, then multiply
[gru_reset] = [
    name
    for name, past in {"after": r * theirs[2], "before": before}.items()
    if np.allclose(came, (1 - z) * np.tanh(ours[2] + past) + z * h, atol=1e-6)
]
gru_reset += " the product"
gru_order, gru_biases = "r z n", len([b, d])  # any other order fits neither form
assert gru_reset == "after the product"
