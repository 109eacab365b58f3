"""A default dense layer of Keras draws its weights by Glorot's uniform law."""

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

keras.utils.set_random_seed(0)
inputs, outputs = 400, 100
dense = keras.layers.Dense(outputs)
dense.build((None, inputs))
weights, biases = np.asarray(dense.kernel), np.asarray(dense.bias)

# %% law
bounds = {
    "uniform ±1/√inputs": inputs**-0.5,
    "uniform ±√(6/(inputs+outputs))": (6 / (inputs + outputs)) ** 0.5,
}
law = min(bounds, key=lambda law: abs(bounds[law] - np.abs(weights).max()))
spread = float(weights.std())
assert 0.999 < np.abs(weights).max() / bounds[law] < 1.00001
assert abs(spread * 3**0.5 / bounds[law] - 1) < 0.01  # a uniform law's bound is √3 σ
assert not biases.any()
bias = 0
