"""MXNet draws all weights from the same interval, whatever the size of the layer."""

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

mx.random.seed(0)
found = []
for inputs in (400, 25):
    layer = mx.gluon.nn.Dense(100, in_units=inputs)
    layer.initialize()
    weights = layer.weight.data().asnumpy()
    found.append((abs(weights).max(), weights.std()))

spread = float(found[0][1])
for largest, deviation in found:  # the bound, and the deviation of that uniform law
    assert 0.0695 < largest <= 0.07
    assert abs(deviation - 0.07 / 3**0.5) < 0.001
law = "uniform ±0.07, any size"
bias = int(abs(layer.bias.data()).max().asscalar())
assert not layer.bias.data().asnumpy().any()
