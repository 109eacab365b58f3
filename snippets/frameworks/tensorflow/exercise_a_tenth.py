"""tf.cast takes a Python number through float32, and gelu feels it."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import math

import numpy as np
import tensorflow as tf

# %% cast
cast_error = abs(float(tf.cast(0.1, tf.float64)) - 0.1)
assert cast_error == abs(float(np.float32(0.1)) - 0.1) > 1e-9
assert float(tf.constant(0.1, tf.float64)) == 0.1

# %% gelu
x = np.linspace(-4, 4, 81)
gelu = [0.5 * number * math.erfc(-number / math.sqrt(2)) for number in x]
gelu_error = float(abs(tf.nn.gelu(x) - gelu).numpy().max())
sigmoid_error = float(abs(tf.nn.sigmoid(x) - 1 / (1 + np.exp(-x))).numpy().max())
assert gelu_error > 1e-9
assert sigmoid_error < 1e-15
