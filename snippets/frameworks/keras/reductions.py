"""Keras divides squares by all numbers, KL by examples, and reads probabilities."""

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

# %% squared_error
target, guess = np.zeros((2, 3)), np.arange(6.0).reshape(2, 3)
value, total = float(keras.losses.MeanSquaredError()(target, guess)), (guess**2).sum()
divisors = {
    "all numbers, no ½": 6,
    "all numbers, with ½": 12,
    "examples, no ½": 2,
    "examples, with ½": 4,
}
squared_error = min(divisors, key=lambda k: abs(total / divisors[k] - value))
assert np.isclose(total / divisors[squared_error], value)

# %% cross_entropy
scores, label = np.array([[0.1, 0.2, 0.5]]), np.array([1])
value = float(keras.losses.SparseCategoricalCrossentropy()(label, scores))
readings = {
    "logits": np.log(np.exp(scores).sum()) - scores[0, 1],
    "probabilities": -np.log(0.2 / scores.sum()),  # whose sum it mends in silence
}
cross_entropy = min(readings, key=lambda k: abs(readings[k] - value))
assert np.isclose(readings[cross_entropy], value)

# %% divergence
p = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
q = p[::-1]
value, total = float(keras.losses.KLDivergence()(p, q)), (p * np.log(p / q)).sum()
divisors = {"examples": 2, "all numbers": 6, "nothing": 1}
divergence = min(divisors, key=lambda k: abs(total / divisors[k] - value))
assert np.isclose(total / divisors[divergence], value, rtol=1e-5)
