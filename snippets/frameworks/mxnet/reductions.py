"""MXNet's losses keep one number for each example, and its squared error has a ½."""

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

import mxnet as mx
import numpy as np

a, b = np.random.default_rng(0).uniform(size=(2, 4, 3)).astype("float32")  # 4 of 3
p, q = a / a.sum(1, keepdims=True), b / b.sum(1, keepdims=True)


def came(name, *arrays):
    loss = getattr(mx.gluon.loss, name)()(*map(mx.nd.array, arrays))
    assert loss.shape == (4,)  # the batch is left to the Trainer
    return loss.asnumpy()


def same(one, other):
    return np.allclose(one, other, atol=1e-6)


# %% squared_error
assert same(came("L2Loss", a, b), ((a - b) ** 2).mean(1) / 2)
squared_error = "½ the mean, per example"

# %% cross_entropy
target, rows = np.array([0, 1, 2, 0]), np.arange(4)
loss = came("SoftmaxCrossEntropyLoss", a, target)
from_logits = -(a - np.log(np.exp(a).sum(1, keepdims=True)))[rows, target]
cross_entropy = "logits" if same(loss, from_logits) else "probabilities"
assert not same(loss, -np.log(a)[rows, target])

# %% divergence
loss = came("KLDivLoss", np.log(q), p)  # named from_logits=True: logarithms, not logits
terms = p * np.log(p / q)
[divergence] = [
    name
    for name, wanted in {"nothing": terms.sum(1), "the classes": terms.mean(1)}.items()
    if same(loss, wanted)
]
divergence += ", per example"
