"""A Gluon loop reads nine in ten of the digits that it has not seen."""

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
from mxnet import autograd, gluon, nd
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
images, labels = (images / 16).astype("float32"), labels.astype("float32")
mx.random.seed(0)
rng = np.random.default_rng(0)  # for the order, which mx.random.seed leaves alone
train = gluon.data.ArrayDataset(images[:1437], labels[:1437])

# %% train
net = gluon.nn.HybridSequential()
net.add(gluon.nn.Dense(32, activation="relu"), gluon.nn.Dense(10))
net.initialize()
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
for _ in range(15):
    order = rng.permutation(len(train))
    for x, y in gluon.data.DataLoader(train, batch_size=32, sampler=order):
        with autograd.record():
            loss = cross_entropy(net(x), y)  # a number for each image
        loss.backward()  # of the sum over the batch ...
        trainer.step(len(x))  # ... which the step divides by

# %% test
scores = net(nd.array(images[1437:])).asnumpy()
right = float((scores.argmax(1) == labels[1437:]).mean())
assert 0.86 < right < 0.96
