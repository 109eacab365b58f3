"""Flax's convolution has channels last, pads "same" by default, and does not flip."""

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

import jax
import numpy as np
from flax import nnx

# %% layout
image = np.zeros((1, 7, 8, 3), "f4")  # seven rows, eight columns, three channels
layer = nnx.Conv(3, 5, kernel_size=(3, 3), rngs=nnx.Rngs(0))
last = layer(image).shape == (1, 7, 8, 5)  # no smaller: "SAME" is the default
layout = "channels last" if last else "channels first"
bare = jax.lax.conv(np.zeros((1, 3, 7, 8)), np.zeros((5, 3, 3, 3)), (1, 1), "SAME")
assert bare.shape == (1, 5, 7, 8)  # and below the layers, jax.lax has channels first

# %% same_padding
x = np.arange(1, 7, dtype="f4").reshape(1, 6, 1)


def filtered(kernel, stride, padding):
    layer = nnx.Conv(1, 1, (3,), stride, padding=padding, rngs=nnx.Rngs(0))
    layer.kernel[...] = np.array(kernel, "f4").reshape(3, 1, 1)
    return layer(x).ravel().tolist()


first_taps = filtered([1, 0, 0], 2, "SAME")  # what stands under the kernel's left end
last_taps = filtered([0, 0, 1], 2, "SAME")
same_padding = f"{first_taps.count(0)} left, {last_taps.count(0)} right"
print(first_taps, last_taps)
assert same_padding == "0 left, 1 right"

# %% kernel
response = filtered([1, 10, 100], 1, "VALID")[0]
kernel = {321: "not flipped", 123: "flipped"}[response]
