"""Given the same weights, a tf.Module computes what every framework here does."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import numpy as np
import tensorflow as tf


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


x, target = wave(3, 3), [0, 1, 1]
w1, b1, w2, b2 = wave(3, 4), wave(4), wave(4, 2), wave(2)

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
class Network(tf.Module):
    def __init__(self, *given):
        self.w1, self.b1, self.w2, self.b2 = map(tf.Variable, given)

    def __call__(self, x):
        return tf.tanh(x @ self.w1 + self.b1) @ self.w2 + self.b2


model = Network(w1, b1, w2, b2)
adam, came = tf.keras.optimizers.Adam(0.1, epsilon=1e-8), []  # default: 1e-7
for _ in losses:
    with tf.GradientTape() as tape:
        scores = model(x)
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(target, scores)
        loss = tf.reduce_mean(each)
    variables = model.trainable_variables  # in the order of their names
    slopes = tape.gradient(loss, variables)
    came.append((loss, scores, *slopes[2:]))
    adam.apply_gradients(zip(slopes, variables, strict=True))

# %% same
_, *first = came[0]
pairs = zip(first, (outputs, gradient_w1, gradient_w2), strict=True)
gap = max(float(abs(got - np.array(wanted)).numpy().max()) for got, wanted in pairs)
pairs = zip(came, losses, strict=True)
adam_gap = max(abs(float(loss) - wanted) for (loss, *_), wanted in pairs)
assert max(gap, adam_gap) < 1e-5
