"""Given the same weights, Keras on TensorFlow computes what PyTorch computes."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


x, target = wave(3, 3), np.array([0, 1, 1])
given = [wave(3, 4), wave(4), wave(4, 2), wave(2)]

# %% expected
outputs = [[0.564118, 0.137319], [1.363313, 0.516429], [0.687153, 0.252092]]
gradient_w1 = [
    [0.003214, -0.081881, 0.082694, 0.017470],
    [0.001714, -0.087459, 0.078638, 0.008765],
    [-0.001361, -0.012628, 0.002283, -0.007999],
]
gradient_w2 = [[0.206966, -0.206966], [0.171742, -0.171742]]
gradient_w2 += [[-0.063356, 0.063356], [-0.201096, 0.201096]]
# Before and after each of five steps:
losses = [0.880061, 0.672431, 0.591818, 0.573278, 0.554220, 0.520581]

# %% network
dense, cross_entropy = keras.layers.Dense, keras.losses.SparseCategoricalCrossentropy
model = keras.Sequential([keras.Input((3,)), dense(4, "tanh"), dense(2)])


def start(optimizer):
    model.set_weights(given)
    model.compile(optimizer, cross_entropy(from_logits=True))


start(keras.optimizers.SGD(1.0))  # Keras has no gradients of its own: a step of 1 ...
scores = np.asarray(model(x))
model.train_on_batch(x, target)
after = [np.asarray(weight) for weight in model.weights]
start(keras.optimizers.Adam(0.1, epsilon=1e-8))  # Keras' own default is 1e-7
came = [model.train_on_batch(x, target) for _ in losses]

# %% same
first = scores, given[0] - after[0], given[2] - after[2]  # ... moves by the gradient
pairs = zip(first, (outputs, gradient_w1, gradient_w2), strict=True)
gap = max(float(np.abs(got - np.array(wanted)).max()) for got, wanted in pairs)
adam_gap = max(abs(float(a) - b) for a, b in zip(came, losses, strict=True))
assert max(gap, adam_gap) < 1e-5
