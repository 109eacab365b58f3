"""Batch norm of Keras takes a hundredth of each new batch, with the variance over n."""

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

n = 4
x = np.array([[0.0], [1.0], [2.0], [5.0]], dtype="float32")
norm = keras.layers.BatchNormalization()
y = np.asarray(norm(x, training=True))

# %% statistics
mean, variance = float(norm.moving_mean[0]), float(norm.moving_variance[0])
weight_of_new = round(mean / float(x.mean()), 6)  # the running mean starts at 0
of_batch = (variance - (1 - weight_of_new)) / weight_of_new  # its variance at 1
shares = {"÷ n": x.var(), "÷ (n − 1)": x.var(ddof=1)}
running_variance = min(shares, key=lambda k: abs(shares[k] - of_batch))
assert abs(shares[running_variance] - of_batch) < 1e-4

# %% epsilon
small = x / 100
y = np.asarray(norm(small, training=True))
epsilon = round(float(small.var() / y.var() - small.var()), 6)
