"""Given the same weights, MXNet computes what PyTorch computes."""

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


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


x, target = nd.array(wave(3, 3)), nd.array([0, 1, 1])
w1, b1, w2, b2 = wave(3, 4), wave(4), wave(4, 2), wave(2)

# %% expected
outputs = [[0.564118, 0.137319], [1.363313, 0.516429], [0.687153, 0.252092]]
gradient_w1 = [
    [0.003214, -0.081881, 0.082694, 0.017470],
    [0.001714, -0.087459, 0.078638, 0.008765],
    [-0.001361, -0.012628, 0.002283, -0.007999],
]
gradient_w2 = [[0.206966, -0.206966], [0.171742, -0.171742],
               [-0.063356, 0.063356], [-0.201096, 0.201096]]  # fmt: skip
losses = [0.880061, 0.672431, 0.591818, 0.573278, 0.554220, 0.520581]  # five steps

# %% network
net, dense = gluon.nn.HybridSequential(), gluon.nn.Dense
net.add(dense(4, activation="tanh", in_units=3), dense(2, in_units=4))
net.initialize()
for own, given in zip(net.collect_params().values(), (w1.T, b1, w2.T, b2), strict=True):
    own.set_data(nd.array(given))  # Dense keeps its weights transposed
adam, came = {"learning_rate": 0.1, "epsilon": 1e-8}, []
trainer = gluon.Trainer(net.collect_params(), "adam", adam)
for _ in losses:
    with autograd.record():
        scores = net(x)
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, target).mean()
    loss.backward()
    slopes = [layer.weight.grad().T.asnumpy() for layer in net]
    came.append((loss.asscalar(), scores.asnumpy(), *slopes))
    trainer.step(1)  # divides the gradient by its argument

# %% same
pairs = zip(came[0][1:], (outputs, gradient_w1, gradient_w2), strict=True)
gap = max(float(np.abs(got - np.array(wanted)).max()) for got, wanted in pairs)
adam_gap = max(
    abs(float(c[0]) - wanted) for c, wanted in zip(came, losses, strict=True)
)
assert max(gap, adam_gap) < 1e-5
