"""A tensor of Keras is its backend's own, and so is the way to a gradient."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# [tool.dlref]
# memory = 4
# ///

import keras
import numpy as np
import tensorflow as tf

# %% tensors
x = keras.ops.array([1.0, 2.0, 3.0])
default = x.dtype.name
assert isinstance(x, tf.Tensor)
assert default == "float32"
doubles = np.ones((1, 3))
assert keras.ops.array(doubles).dtype == "float64"  # NumPy's dtype is kept here ...
assert keras.layers.Dense(1)(doubles).dtype == "float32"  # ... and in no layer
try:
    x[0] = 9.0
    mutable = True
except TypeError:
    mutable = False
new = keras.ops.slice_update(x, [0], [9.0])  # a new tensor
assert not mutable
assert (float(x[0]), float(new[0])) == (1, 9)

# %% gradients
theta = keras.Variable(3.0)
theta.assign(2.0)  # variables do change
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = keras.ops.power(theta, 3)
    slope = inner.gradient(y, theta.value)
bend = outer.gradient(slope, theta.value)
slope, bend = float(slope), float(bend)
assert (slope, bend) == (3 * 2**2, 6 * 2)
assert not hasattr(keras, "grad")
assert not hasattr(keras.ops, "grad")

# %% corner
corner = keras.Variable(0.0)
with tf.GradientTape() as tape:
    y = keras.ops.leaky_relu(corner)
slope_at_zero = float(tape.gradient(y, corner.value))
assert np.isclose(slope_at_zero, 0.2)  # the slope on the left
