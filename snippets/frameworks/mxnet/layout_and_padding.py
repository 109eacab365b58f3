"""MXNet convolves with channels first, does not flip, and knows no same padding."""

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
from mxnet.gluon import nn

# %% layout
layer = nn.Conv2D(5, kernel_size=3)
layer.initialize()
shape = layer(mx.nd.zeros((1, 7, 9, 9))).shape
layout = "channels first" if shape == (1, 5, 7, 7) else "channels last"
assert layer.weight.shape == (5, 7, 3, 3)

# %% same
same_padding = "taken"
try:
    nn.Conv1D(1, kernel_size=3, strides=2, padding="same")
except mx.base.MXNetError as error:
    same_padding = "refused" if "Invalid Parameter" in str(error) else "?"
assert same_padding == "refused"
layer = nn.Conv1D(1, kernel_size=3, strides=2, padding=1, weight_initializer="ones")
layer.initialize()
line = mx.nd.array([[[1, 2, 4, 8, 16, 32]]])
assert layer(line).asnumpy().tolist() == [[[3, 14, 56]]]  # a zero left, none used right

# %% kernel
given = np.arange(3, dtype="float32")
one = mx.nd.array([[[0, 0, 1, 0, 0]]])
weight = mx.nd.array(given[None, None])
came = mx.nd.Convolution(one, weight, kernel=3, num_filter=1, no_bias=True).asnumpy()
kernel = "flipped" if (came[0, 0] == given).all() else "not flipped"
assert (came[0, 0] == given[::-1]).all()  # an impulse shows it backwards
