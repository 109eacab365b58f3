"""Keras wants channels last, and pads at the right what it cannot pad evenly."""

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

image = np.ones((1, 5, 6, 7), dtype="float32")
shape = keras.layers.Conv2D(2, 1)(image).shape
layouts = {(1, 5, 6, 2): "channels last", (1, 2, 6, 7): "channels first"}
layout = layouts[tuple(shape)]


def convolve(signal, kernel, **options):
    layer = keras.layers.Conv1D(1, len(kernel), use_bias=False, **options)
    layer.build((None, None, 1))
    layer.set_weights([np.reshape(kernel, (-1, 1, 1))])
    return np.asarray(layer(np.reshape(signal, (1, -1, 1)).astype("float32"))).ravel()


# %% same
sums = convolve(np.ones(6), np.ones(3), padding="same", strides=2)  # 3 where no zero is
assert len(sums) == 3
same_padding = f"{3 - sums[0]:.0f} left, {3 - sums[-1]:.0f} right"

# %% kernel
answer = convolve([0, 0, 1, 0, 0], [1, 2, 3])
kernel = {(3, 2, 1): "not flipped", (1, 2, 3): "flipped"}[tuple(answer.tolist())]
