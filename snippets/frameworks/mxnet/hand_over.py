"""These weights, under MXNet's names, give the outputs that PyTorch must give."""

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
from mxnet import gluon, nd


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


given = {
    "conv.weight": wave(3, 1, 3, 3), "conv.bias": wave(3),
    "norm.gamma": 2 * wave(3), "norm.beta": wave(3),
    "norm.running_mean": -wave(3), "norm.running_var": wave(3) ** 2,
    "lstm._unfused.0.i2h_weight": wave(16, 12), "lstm._unfused.0.i2h_bias": wave(16),
    "lstm._unfused.0.h2h_weight": wave(16, 4), "lstm._unfused.0.h2h_bias": wave(16),
    "out.weight": wave(2, 16), "out.bias": wave(2),
}  # fmt: skip

# %% expected
outputs = [[-0.051544, 2.065604], [-0.875153, 2.426240]]


# %% network
class Net(gluon.Block):
    """Read an image row by row, from top to bottom."""

    def __init__(self):
        super().__init__()
        self.conv = gluon.nn.Conv2D(3, kernel_size=3)
        self.norm, self.lstm = gluon.nn.BatchNorm(), gluon.rnn.LSTM(4)
        self.out = gluon.nn.Dense(2)

    def forward(self, x):
        """Return two scores for each image."""
        y = nd.relu(self.norm(self.conv(x))).transpose((2, 0, 1, 3))  # H N C W
        y = self.lstm(y.reshape((0, 0, -1))).transpose((1, 0, 2))  # N H D
        return self.out(y)  # flattens all but the first axis, as Dense does


net = Net()
nd.save("net.params", {name: nd.array(value) for name, value in given.items()})
net.load_parameters("net.params")
scores = net(nd.array(wave(2, 1, 6, 6))).asnumpy()
gap = float(np.abs(scores - np.array(outputs)).max())
assert gap < 1e-5
