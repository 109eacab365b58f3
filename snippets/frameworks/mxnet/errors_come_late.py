"""MXNet returns before it has computed, so errors appear where a result is read."""

# /// script
# requires-python = "<3.12"
# dependencies = [
#   "mxnet==1.9.1",
#   "numpy==1.23.5",
#   "onnx==1.18.0",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.7.2",
# ]
# [tool.dlref]
# measured = "^(returned|share|start)"
# ///

import warnings

# MXNet 1.9.1 still uses what NumPy and Python have deprecated
warnings.filterwarnings("ignore", category=DeprecationWarning)

import time

from mxnet import nd
from mxnet.base import MXNetError

# %% error
noise = nd.random.normal(0, -1, shape=(2,))  # a negative deviation
double = noise * 2  # none here either
complaint = ""
try:
    double.asnumpy()
except MXNetError as error:
    complaint = str(error).splitlines()[-1]
assert "scale parameter in gaussian has to be positive" in complaint

# %% time
x = nd.ones((1000, 1000))
x.wait_to_read()
start = time.perf_counter()
y = nd.dot(x, x)
returned = time.perf_counter() - start
y.wait_to_read()
share = returned / (time.perf_counter() - start)
assert share < 0.5  # a stopwatch without wait_to_read measures the wrong thing
