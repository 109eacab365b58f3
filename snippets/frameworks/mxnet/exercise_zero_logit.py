"""At a logit of exactly 0 MXNet's binary cross-entropy has a wrong gradient."""

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
from mxnet import autograd, gluon, nd

scores, targets = nd.array([0, 0, 1e-6, 1e-6]), nd.array([0, 1, 0, 1])
scores.attach_grad()
with autograd.record():
    loss = gluon.loss.SigmoidBinaryCrossEntropyLoss()(scores, targets)
loss.backward()
came = scores.grad.asnumpy()
wanted = 1 / (1 + np.exp(-scores.asnumpy())) - targets.asnumpy()
print("MXNet  ", came)
print("correct", wanted)
assert np.allclose(came[2:], wanted[2:])  # right beside it ...
assert came[:2].tolist() == [0, -1]  # ... and wrong at it
assert np.allclose(wanted[:2], [0.5, -0.5])
