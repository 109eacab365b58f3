"""BlockLSTMV2 returns the right output with the gradient of another order."""

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

# %% gradient
draw = np.random.default_rng(0).normal
n = 3  # units and inputs
x, h, c = (tf.constant(draw(size=(1, n)), tf.float32) for _ in range(3))
w, b = draw(size=(2 * n, 4 * n)), tf.Variable(draw(size=4 * n), dtype=tf.float32)


def output(b):
    given = {"x": x[None], "h_prev": h, "cs_prev": c, "w": w, "b": b}
    given |= dict.fromkeys(("wci", "wcf", "wco"), np.zeros(n))  # peepholes
    return tf.reduce_sum(tf.raw_ops.BlockLSTMV2(seq_len_max=1, **given).h)


with tf.GradientTape() as tape:
    y = output(b)
taped = tape.gradient(y, b).numpy().reshape(4, n)

# %% differences
steps = 0.02 * np.eye(4 * n)
measured = np.array([output(b + s) - output(b - s) for s in steps]) / 0.04
measured = measured.reshape(4, n)  # a row for each gate: i f g o
gap = float(abs(taped - measured).max())
swapped = taped[[0, 2, 1, 3]]  # as if its rows were i g f o
gap_swapped = float(abs(swapped - measured).max())
assert gap > 0.05
assert gap_swapped < 0.001
