"""MXNet's arrays are float32, and few of its operations have a second derivative."""

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

import numpy as np
from mxnet import autograd, nd
from mxnet.base import MXNetError

# %% arrays
whole = nd.array(np.array([2**24 + 1]))  # int64 in NumPy ...
assert whole.dtype == np.float32  # ... and float32 here, without a word ...
assert whole.asscalar() == 2**24  # ... so that the number is another one
x = nd.array([1, 2, 3])
x[1:][:] = 7  # arrays change in place, and a slice is a view
assert x.asnumpy().tolist() == [1, 7, 7]

# %% gradients
x = nd.array([1, 2, 3])
x.attach_grad()
with autograd.record():  # what happens outside is not recorded
    y = nd.square(x)
for _ in range(2):
    y.backward(retain_graph=True)  # y is not a number: its gradients are summed
    assert x.grad.asnumpy().tolist() == [2, 4, 6]  # and replace the last ones


# %% second
def second(function):
    with autograd.record():
        slope = autograd.grad(function(x), x, create_graph=True)[0]
    slope.backward()
    return x.grad.asnumpy()


assert second(nd.square).tolist() == [2, 2, 2]
refusal = ""
try:
    second(lambda x: x * x)
except MXNetError as error:
    refusal = str(error).splitlines()[-1].removeprefix("MXNetError: ")
assert "_backward_broadcast_mul is non-differentiable" in refusal
