"""TensorFlow rounds halves to even numbers and refuses to mix the dtypes of tensors."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import tensorflow as tf

# %% half
half = ", ".join(f"{number:.0f}" for number in tf.round([0.5, 1.5, 2.5]))
assert half == "0, 2, 2"

# %% default
default_float = tf.constant(1.0).dtype.name
assert default_float == "float32"


# %% mixed
def together(first, second):
    try:
        return (tf.ones(2, first) + tf.ones(2, second)).dtype.name
    except tf.errors.InvalidArgumentError:
        return "an error"


integer_with_float = together(tf.int64, tf.float32)
half_with_single = together(tf.float16, tf.float32)
assert integer_with_float == half_with_single == "an error"
assert (tf.ones(2, tf.float16) + 1.0).dtype == tf.float16  # a Python number gives way
