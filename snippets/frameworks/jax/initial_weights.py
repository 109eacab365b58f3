"""A dense layer of Flax starts from a normal law with both ends cut off."""

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

inputs, outputs = 400, 100
layer = nnx.Linear(inputs, outputs, rngs=nnx.Rngs(0))  # JAX itself has no layers
weights = np.asarray(layer.kernel)
spread, bound = float(weights.std()), float(abs(weights).max())
print(f"spread {spread:.5f}, largest {bound:.4f}")

# %% law
root = 1 / np.sqrt(inputs)
before = root / 0.87963  # what is left of a normal law's spread, cut at two of it
normal = abs((abs(weights) < before).mean() - 0.7153) < 0.01  # a uniform law: 0.5
cut = 1.95 * before < bound <= 2 * before  # of 40,000 uncut, some would pass four
law = "normal 1/√inputs, cut at 2.27σ" if normal and cut else "another law"
bias = int(abs(layer.bias[...]).max())
assert abs(spread / root - 1) < 0.02
assert (law, bias) == ("normal 1/√inputs, cut at 2.27σ", 0)
