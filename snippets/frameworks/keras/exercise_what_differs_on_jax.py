"""On JAX, Keras has another slope at a corner, and a float64 that is half empty."""

# /// script
# dependencies = [
#   "flax==0.12.8",
#   "jax==0.10.2",
#   "jax2onnx==0.17.1",
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "optax==0.2.8",
#   "scikit-learn==1.9.1",
# ]
# ///

import os

os.environ |= {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"}

import jax
import keras
import numpy as np

# %% corner
slope_at_zero = float(jax.grad(keras.ops.leaky_relu)(0.0))
assert slope_at_zero == 1  # the slope on the right

# %% float64
keras.config.set_floatx("float64")
a, b = np.sin(np.arange(6.0)), np.cos(np.arange(6.0))
loss = keras.losses.MeanSquaredError()(a, b)
error = abs(float(loss) - float(((a - b) ** 2).mean()))
assert loss.dtype == "float64"  # so it says ...
assert 1e-10 < error < 1e-6  # ... and half of the digits are wrong
