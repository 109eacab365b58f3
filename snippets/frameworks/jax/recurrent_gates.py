"""Flax's LSTM has one bias and the gates i f g o; its GRU resets after the product."""

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

from itertools import permutations

import jax
import numpy as np
from flax import nnx


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# %% lstm
lstm = nnx.OptimizedLSTMCell(1, 1, rngs=nnx.Rngs(0))  # LSTMCell has four of each matrix
shapes = [leaf.shape for leaf in jax.tree.leaves(nnx.state(lstm, nnx.Param))]
biases = shapes.count((4,))
lstm.dense_h.bias[...] = four = np.array([-1.0, 0.5, 2.0, 1.0], "f4")
(c, h), _ = lstm((np.full(1, 3.0), np.zeros(1)), np.zeros(1))  # cell first, not (h, c)


def output(i, f, g, o):
    return sigmoid(o) * np.tanh(sigmoid(f) * 3 + sigmoid(i) * np.tanh(g))


orders = permutations("ifgo")
fits = [n for n in orders if abs(output(**dict(zip(n, four, strict=True))) - h) < 1e-6]
(gate_order,) = (" ".join(names) for names in fits)  # only one of the 24 fits

# %% gru
gru = nnx.GRUCell(1, 2, rngs=nnx.Rngs(0))
mix = np.array([[1.0, -2.0], [0.5, 1.0]], "f4")
gru.dense_h.kernel[...] = np.hstack([np.zeros((2, 4), "f4"), mix])
gru.dense_i.bias[...] = np.array([-2, 2, -50, -50, 0, 0], "f4")  # z shut: h' is n
state, r = np.array([1.0, 2.0]), sigmoid(np.array([-2.0, 2.0]))
n, _ = gru(state, np.zeros(1))
after, before = r * (state @ mix), (r * state) @ mix
forms = {"after the product": after, "before the product": before}
(gru_reset,) = (f for f, x in forms.items() if np.allclose(np.tanh(x), n, atol=1e-6))
gru_order = "r z n"  # any other fits neither form
gru_biases = [leaf.shape for leaf in jax.tree.leaves(nnx.state(gru))].count((6,))
print(shapes, gate_order, gru_reset, sep="\n")
assert biases == 1
