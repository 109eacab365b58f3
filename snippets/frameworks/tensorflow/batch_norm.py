"""TensorFlow's fused batch norm has its averages take each new batch whole."""

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

norm = tf.compat.v1.nn.fused_batch_norm  # tf.nn.batch_normalization keeps no averages
x = np.array([1.0, 2.0, 6.0], "float32").reshape(3, 1, 1, 1)
one, zero = tf.ones(1), tf.zeros(1)


def running(scale=1.0, **options):
    results = norm(scale * x, one, zero, mean=zero, variance=one, **options)
    return [result.numpy() for result in results]


# %% running
_, mean, variance = running()
weight_of_new = float(mean.item() / x.mean())  # of a running mean that began at zero
divisors = {"÷ n": x.var(), "÷ (n − 1)": x.var(ddof=1)}
(running_variance,) = (k for k, v in divisors.items() if abs(v - variance) < 1e-5)
assert abs(weight_of_new - 1) < 1e-6
_, mean, _ = running(exponential_avg_factor=0.1)
assert abs(mean / x.mean() - 0.1) < 1e-6  # the option is the weight of the new

# %% epsilon
y, *_ = running(scale=0.01)  # variance near epsilon; the outputs are ÷ n
epsilon = round(float(np.var(0.01 * x) * (1 / y.var() - 1)), 6)
assert epsilon == 0.001
