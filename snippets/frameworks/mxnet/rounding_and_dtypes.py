"""MXNet's three functions round a half up, down or to even, and it mixes no dtypes."""

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
from mxnet import nd

# %% rounding
halves = [0.5, 1.5, 2.5]


def text(rounded):
    return ", ".join(f"{number:.0f}" for number in rounded.asnumpy())


half = text(nd.round(nd.array(halves)))
half_rint = text(nd.rint(nd.array(halves)))
half_np = text(mx.np.around(mx.np.array(halves)))
assert (half, half_rint, half_np) == ("1, 2, 3", "0, 1, 2", "0, 2, 2")


# %% dtypes
def mixed(ones, one, other):
    try:
        total = ones((2,), dtype=one) + ones((2,), dtype=other)
    except mx.base.MXNetError:
        return "an error"
    return np.dtype(total.dtype).name


default_float = np.dtype(nd.array([0.5]).dtype).name
integer_with_float = mixed(nd.ones, "int64", "float32")
half_with_single = mixed(nd.ones, "float16", "float32")
assert (integer_with_float, half_with_single) == ("an error", "an error")
assert mixed(mx.np.ones, "int64", "float32") == "float32"  # the later interface does
