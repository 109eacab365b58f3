"""Keras rounds halves to even and promotes dtypes where its backend refuses."""

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
from keras import ops

half = ", ".join(f"{n:.0f}" for n in ops.round([0.5, 1.5, 2.5]).numpy())
assert half in ("0, 2, 2", "1, 2, 3")


def dtype(x):
    return x.dtype if isinstance(x.dtype, str) else x.dtype.name


# %% dtypes
default_float = dtype(ops.convert_to_tensor([0.5]))
integers, singles = ops.ones(2, "int64"), ops.ones(2, "float32")
integer_with_float = dtype(ops.add(integers, singles))
half_with_single = dtype(ops.add(ops.ones(2, "float16"), singles))
assert integer_with_float == half_with_single == "float32"

# %% plus
try:
    integers + singles  # no rule of Keras: here TensorFlow's tensors meet
    refused = False
except tf.errors.InvalidArgumentError:
    refused = True
assert refused
