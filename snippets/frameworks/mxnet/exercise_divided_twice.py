"""A mean loss and a step by the size of the batch divide the gradient twice."""

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

from mxnet import autograd, gluon, nd


def moved(reduce, batch, optimizer):
    """How far the first step takes a weight that began at 0."""
    layer = gluon.nn.Dense(1, in_units=1, weight_initializer="zeros")
    layer.initialize()
    trainer = gluon.Trainer(layer.collect_params(), optimizer, {"learning_rate": 0.1})
    with autograd.record():
        loss = reduce(gluon.loss.L2Loss()(layer(nd.ones((32, 1))), nd.ones((32, 1))))
    loss.backward()
    trainer.step(batch)
    return float(layer.weight.data().asscalar())


right = moved(lambda each: each, 32, "sgd")
twice = moved(lambda each: each.mean(), 32, "sgd")
too_small = right / twice
assert abs(too_small - 32) < 1e-3
assert abs(moved(lambda each: each.mean(), 1, "sgd") - right) < 1e-6  # the other way

unnoticed = moved(lambda each: each.mean(), 32, "adam")
assert abs(unnoticed - moved(lambda each: each, 32, "adam")) < 1e-5
