"""MXNet's batch norm updates its running statistics in the backward pass."""

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

x = np.array([[1], [2], [6]], dtype="float32")
layer = mx.gluon.nn.BatchNorm(in_channels=1)
layer.initialize()


def running():
    parts = layer.running_mean, layer.running_var
    return [float(part.data().asscalar()) for part in parts]


with mx.autograd.record():  # training mode
    y = layer(mx.nd.array(x))
assert running() == [0, 1]  # nothing yet ...
y.backward()
mean, variance = running()  # ... but now
updated = "in the backward pass"

weight_of_new = round(mean / float(x.mean()), 6)
grown = (variance - (1 - weight_of_new)) / weight_of_new
[running_variance] = [
    name
    for name, wanted in {"÷ n": x.var(), "÷ (n − 1)": x.var(ddof=1)}.items()
    if abs(grown - wanted) < 1e-4
]
tiny = np.array([[-0.001], [0.001]], dtype="float32")  # variance 1e-6: epsilon shows
with mx.autograd.record():
    high = float(layer(mx.nd.array(tiny))[1].asscalar())
epsilon = float(f"{(0.001 / high) ** 2 - 1e-6:.1e}")
assert (weight_of_new, running_variance, epsilon) == (0.1, "÷ n", 1e-5)
