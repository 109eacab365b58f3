"""What MXNet has trained and saved can be read, and computed, by NumPy alone."""

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

from functools import partial
from pathlib import Path

import numpy as np
from mxnet import autograd, gluon, nd
from sklearn.datasets import load_digits

x, labels = load_digits(return_X_y=True)
x = (x / 16).astype("float32")

# %% train
net, dense = gluon.nn.HybridSequential(), gluon.nn.Dense
net.add(dense(32, activation="relu"), gluon.nn.BatchNorm(), dense(10))
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
for _ in range(50):  # briefly, all at once
    with autograd.record():
        scores = net(nd.array(x))
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, nd.array(labels))
    loss.backward()
    trainer.step(len(x))
net.save_parameters("net.params")
wanted = net(nd.array(x)).asnumpy()


# %% read
def read(path):  # a file of dense float32 arrays; needs NumPy only
    arrays = []
    with Path(path).open("rb") as file:
        take = partial(np.fromfile, file)  # a type and how many
        assert take("u8", 2)[0] == 0x112
        for _ in range(*take("u8", 1)):
            version, kind, axes = take("u4", 3)
            shape, (*_, dtype) = take("i8", axes), take("i4", 3)
            assert (version, kind, dtype) == (0xF993FAC9, 0, 0)
            arrays.append(take("f4", shape.prod()).reshape(shape))
        names = [take("u1", *take("u8", 1)) for _ in range(*take("u8", 1))]
    return {n.tobytes().decode(): a for n, a in zip(names, arrays, strict=True)}


# %% compute
p = read("net.params")
y = np.maximum(x @ p["0.weight"].T + p["0.bias"], 0)
y = (y - p["1.running_mean"]) / np.sqrt(p["1.running_var"] + 1e-5)
y = (p["1.gamma"] * y + p["1.beta"]) @ p["2.weight"].T + p["2.bias"]
gap = float(np.abs(y - wanted).max())
assert gap < 1e-4
