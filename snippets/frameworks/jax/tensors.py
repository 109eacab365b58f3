"""JAX's arrays cannot be changed, and a gradient is asked of a function."""

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
import jax.numpy as jnp

# %% arrays
x = jnp.array([1.0, 2.0, 3.0])
try:
    x[0] = 10.0
    message = ""
except TypeError as error:
    message = str(error)
changed = x.at[0].set(10.0)
print(x, changed)
assert "immutable" in message
assert x.tolist() == [1, 2, 3]  # the first array is as it was

# %% half_the_width
whole = jnp.arange(3)
print(x.dtype, whole.dtype)
assert (x.dtype, whole.dtype) == (jnp.float32, jnp.int32)

# %% past_the_end
past = float(x[7])  # no IndexError: a compiled program has none to raise
assert past == x[-1]
assert (x.at[7].set(0.0) == x).all()  # and a write past the end does nothing

# %% gradients


def cube(x):
    return x**3


slope = jax.grad(cube)
curvature = jax.grad(slope)
value, same_slope = jax.value_and_grad(cube)(2.0)
print(value, slope(2.0), curvature(2.0))
assert (value, same_slope, curvature(2.0)) == (8, 12, 12)
