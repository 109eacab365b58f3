"""One argument of compile decides whether Keras traces the step or walks through it."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# [tool.dlref]
# measured = "^ratio"
# ///

import time

import keras
import numpy as np

layers = 20
x, y = np.ones((8, 16), dtype="float32"), np.zeros((8, 16), dtype="float32")
model = keras.Sequential([keras.Input((16,))])
for _ in range(layers):
    model.add(keras.layers.Dense(16, activation="tanh"))


def seconds(repeats=15, **options):
    model.compile("sgd", "mse", **options)
    model.train_on_batch(x, y)  # the first call traces
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        model.train_on_batch(x, y)
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2]


# %% ratio
ratio = seconds(run_eagerly=True) / seconds(run_eagerly=False)
assert ratio > 1.5
