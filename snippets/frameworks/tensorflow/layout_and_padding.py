"""TensorFlow has channels last, pads more on the right, and flips no kernel."""

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

# %% layout
image, kernel = tf.ones((1, 5, 6, 3)), tf.ones((2, 2, 3, 8))
last = tf.nn.conv2d(image, kernel, 1, "VALID").shape == (1, 4, 5, 8)
layout = "channels last" if last else "channels first"

# %% same_padding
x = tf.reshape(tf.constant([1.0, 2, 3, 4, 5, 6]), (1, 6, 1))
where = tf.reshape(tf.constant([1.0, 10, 100]), (3, 1, 1))  # digits tell who met whom
came = tf.nn.conv1d(x, where, 2, "SAME").numpy().ravel()


def by_hand(left, right):
    padded = np.pad(np.arange(1, 7), (left, right))
    return [padded[i : i + 3] @ [1, 10, 100] for i in (0, 2, 4)]


((left, right),) = (zeros for zeros in ((0, 1), (1, 0)) if all(by_hand(*zeros) == came))
same_padding = f"{left} left, {right} right"

# %% kernel
flipped = came[0] == 1 * 100 + 2 * 10 + 3 * 1
assert flipped or came[0] == 1 * 1 + 2 * 10 + 3 * 100
kernel = "flipped" if flipped else "not flipped"
