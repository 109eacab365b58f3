"""Python's `if` needs a number, and inside jit there is none: choose with `where`."""

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


def huber(error):
    if abs(error) <= 1:
        return error**2 / 2
    return abs(error) - 0.5


try:
    jax.jit(huber)(0.5)
    refused = False
except jax.errors.TracerBoolConversionError:
    refused = True
assert refused

# %% where


@jax.jit
def huber_everywhere(error):
    size = abs(error)
    return jnp.where(size <= 1, error**2 / 2, size - 0.5)


errors = jnp.array([-3.0, -0.5, 0.0, 0.5, 3.0])
by_python = [huber(float(error)) for error in errors]
assert huber_everywhere(errors).tolist() == by_python
