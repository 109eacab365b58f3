"""An LSTM of Keras has one bias and the order i f g o, and its GRU resets late."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

from itertools import permutations

import keras
import numpy as np

rng = np.random.default_rng(0)
x, units = rng.normal(size=(1, 1, 2)).astype("float32"), 3
h, c = rng.normal(size=(2, 1, units)).astype("float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def with_random_weights(layer):
    layer.build(x.shape)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return [np.asarray(w) for w in layer.weights]


# %% lstm
lstm = keras.layers.LSTM(units)
w, u, b = with_random_weights(lstm)
biases = b.size // (4 * units)
parts = np.split(x[0] @ w + h @ u + b, 4, axis=1)
right = []
for order in permutations("ifgo"):
    a = dict(zip(order, parts, strict=True))
    cell = sigmoid(a["f"]) * c + sigmoid(a["i"]) * np.tanh(a["g"])
    if np.allclose(lstm(x, [h, c]), sigmoid(a["o"]) * np.tanh(cell), atol=1e-6):
        right.append(" ".join(order))
(gate_order,) = right

# %% gru
gru = keras.layers.GRU(units)
w, u, (b, d) = with_random_weights(gru)  # here there are two biases: d stays inside r
(z, r, n), (uz, ur, un) = np.split(x[0] @ w + b, 3, 1), np.split(h @ u + d, 3, 1)
z, r = sigmoid(z + uz), sigmoid(r + ur)
before = np.tanh(n + (r * h) @ u[:, -units:] + d[-units:])
news = {"after the product": np.tanh(n + r * un), "before the product": before}
(gru_reset,) = (
    k for k, n in news.items() if np.allclose(gru(x, h), z * h + (1 - z) * n, atol=1e-6)
)
gru_order, gru_biases = "z r n", len((b, d))  # any other order fits neither form
assert gate_order == "i f g o"
