"""Keras keeps the rate in its velocity, and RMSprop's epsilon inside the root."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import keras
import numpy as np
from keras import optimizers


def steps(optimizer, gradients, start=0.0, rates=()):  # where each step leaves theta
    theta, path = keras.Variable(start), []
    for i, gradient in enumerate(gradients):
        if rates:
            optimizer.learning_rate = rates[i]
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [theta])
        path.append(float(theta))
    return path


# %% momentum
_, second = steps(optimizers.SGD(momentum=0.9), [1.0, 1.0], rates=[1.0, 0.1])
outside = abs(second - (-1 - 0.1 * (0.9 + 1))) < 1e-5  # the new rate counts for both
inside = abs(second - (-1 - (0.9 + 0.1))) < 1e-5  # the old step keeps its own rate
assert outside != inside
momentum = "v ← βv − ηg, θ ← θ + v" if inside else "v ← βv + g, θ ← θ − ηv"

# %% epsilon
tiny = 1e-6
rmsprop_decay = round(1 - 1 / steps(optimizers.RMSprop(1.0), [1.0])[0] ** 2, 5)
(moved,) = steps(optimizers.RMSprop(1.0), [tiny])
root = (1 - rmsprop_decay) * tiny**2
assert np.isclose(-moved, tiny / (root + 1e-7) ** 0.5, rtol=1e-4)
assert not np.isclose(-moved, tiny / (root**0.5 + 1e-7), rtol=0.5)
rmsprop_epsilon = "1e-7, inside the root"
(moved,) = steps(optimizers.Adam(1.0), [tiny])
assert np.isclose(-moved, tiny / (tiny + 1e-7 / 0.001**0.5), rtol=1e-4)  # 1 − β₂
assert not np.isclose(-moved, tiny / (tiny + 1e-7), rtol=0.5)
adam_epsilon = "1e-7, outside, the paper’s ε̂"

# %% weight_decay
for kind, options in (optimizers.AdamW, {}), (optimizers.Adam, {"weight_decay": 0.004}):
    (left,) = steps(kind(0.5, **options), [0.0], start=2.0)
    assert np.isclose(left, 2 - 0.5 * 0.004 * 2)  # in the gradient, Adam would move 0.5
assert optimizers.Adam().weight_decay is None
weight_decay = "decoupled, 0.004 in AdamW"
