"""TensorFlow's cells have one bias, two orders of gates, and an early reset."""

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

import numpy as np
import tensorflow as tf

draw = np.random.default_rng(0).normal
n = 2  # units and inputs
x, h, c = (draw(size=(1, n)).astype("float32") for _ in range(3))
xh, peepholes = np.hstack([x, h]), dict.fromkeys(("wci", "wcf", "wco"), np.zeros(n))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def same(a, b):
    return np.abs(a - b).max() < 1e-6


# %% lstm
w, b = draw(size=(2 * n, 4 * n)).astype("float32"), draw(size=4 * n).astype("float32")
given = {"cs_prev": c, "h_prev": h, "w": w, "b": b, "cell_clip": -1} | peepholes
one = tf.raw_ops.LSTMBlockCell(x=x, forget_bias=0, **given).h  # default: 1
many = tf.raw_ops.BlockLSTMV2(seq_len_max=1, x=x[None], **given).h[0]


def hidden(order):
    gate = dict(zip(order, np.split(xh @ w + b, 4, axis=1), strict=True))
    cell = sigmoid(gate["f"]) * c + sigmoid(gate["i"]) * np.tanh(gate["g"])
    return sigmoid(gate["o"]) * np.tanh(cell)


orders = list(permutations("ifgo"))
(first,) = (" ".join(order) for order in orders if same(hidden(order), one))
(second,) = (" ".join(order) for order in orders if same(hidden(order), many))
gate_order, biases = f"{first} (V2: {second})", b.size // (4 * n)

# %% gru
w_ru, w_c = draw(size=(2 * n, 2 * n)), draw(size=(2 * n, n))
b_ru, b_c = draw(size=2 * n), draw(size=n)
new = tf.raw_ops.GRUBlockCell(x=x, h_prev=h, w_ru=w_ru, w_c=w_c, b_ru=b_ru, b_c=b_c).h
r, u = np.split(sigmoid(xh @ w_ru + b_ru), 2, axis=1)
candidates = {
    "before the product": np.hstack([x, r * h]) @ w_c + b_c,
    "after the product": x @ w_c[:n] + r * (h @ w_c[n:]) + b_c,
}
states = {k: u * h + (1 - u) * np.tanh(a) for k, a in candidates.items()}
(gru_reset,) = (k for k, state in states.items() if same(state, new))
gru_order, gru_biases = "r z, and n apart", b_c.size // n  # u is the others' z
assert first != second
