"""Noise drawn by NumPy in a tf.function is drawn once and returned by every call."""

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


@tf.function
def noise_by_numpy():
    return tf.constant(np.random.default_rng().normal())


@tf.function
def noise_by_tensorflow():
    return tf.random.normal(())


draws_numpy = len({float(noise_by_numpy()) for _ in range(100)})
draws_tensorflow = len({float(noise_by_tensorflow()) for _ in range(100)})
assert draws_numpy == 1
assert draws_tensorflow > 90
