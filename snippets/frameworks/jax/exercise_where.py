"""A gradient flows through both sides of `where`, and from the unused one comes NaN."""

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

import math

import jax
import jax.numpy as jnp


def root(x):
    return jnp.where(x > 0, jnp.sqrt(x), 0.0)


value, slope = jax.value_and_grad(root)(0.0)
assert value == 0
assert math.isnan(slope)  # zero times the infinite slope of the root

# %% mended


def mended(x):
    inside = jnp.where(x > 0, x, 1.0)  # what the unused side is given instead
    return jnp.where(x > 0, jnp.sqrt(inside), 0.0)


mended_slope = float(jax.grad(mended)(0.0))
assert mended_slope == 0
assert jax.grad(mended)(4.0) == 0.25
