"""A tensor never changes, a variable does, and a tape gives the gradient."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

from operator import setitem

import tensorflow as tf


# %% tensors
def refusal(function, *arguments):
    try:
        function(*arguments)
    except (TypeError, tf.errors.InvalidArgumentError) as error:
        return type(error).__name__


x = tf.constant([1.0, 2.0, 3.0])
whole = tf.constant([1, 2, 3])
dtypes = f"{x.dtype.name}, {whole.dtype.name}"
assert dtypes == "float32, int32"
assert refusal(setitem, x, 0, 5.0) == "TypeError"  # x[0] = 5.0
assert refusal(tf.add, whole, 1.5) == "InvalidArgumentError"  # whole + 1.5
w = tf.Variable([1.0, 2.0, 3.0])
w[0].assign(5.0)
assert w.numpy().tolist() == [5, 2, 3]

# %% gradients
with tf.GradientTape(persistent=True) as tape:  # without it, one question only
    y = tf.reduce_sum(x * w**2)
assert tape.gradient(y, w).numpy().tolist() == [10, 8, 18]  # 2xw
assert tape.gradient(y, x) is None  # a tape watches variables, not constants

# %% second
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = tf.reduce_sum(x**3)
    slope = inner.gradient(y, x)  # asked for while the outer tape records
assert outer.gradient(slope, x).numpy().tolist() == [6, 12, 18]  # 6x
