"""Flax's batch norm lets one hundredth of a new batch in, with its variance over n."""

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

import numpy as np
from flax import nnx

x = np.array([[0.0], [1.0], [5.0]], "f4")  # mean 2, squares of the gaps 14
layer = nnx.BatchNorm(1, rngs=nnx.Rngs(0))  # running statistics: mean 0, variance 1
layer(x)

# %% statistics
weight_of_new = round(float(layer.mean[0]) / 2, 6)
variance = (float(layer.var[0]) - (1 - weight_of_new)) / weight_of_new
print(f"running mean {layer.mean[0]:.4f}, variance of the batch {variance:.3f}")
forms = {"÷ n": 14 / 3, "÷ (n − 1)": 14 / 2}
(running_variance,) = (form for form, v in forms.items() if abs(v - variance) < 0.01)
assert weight_of_new == 0.01  # the layer's "momentum" of 0.99 is what stays

# %% epsilon
tiny = np.array([[-1e-4], [1e-4]], "f4")  # of variance 1e-8, far below epsilon
normal = float(layer(tiny)[1, 0])
epsilon = float(f"{(1e-4 / normal) ** 2 - 1e-8:.2g}")
assert epsilon == 1e-5
