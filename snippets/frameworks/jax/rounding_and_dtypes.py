"""JAX rounds half to even, and an array of integers does not widen a float."""

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

# %% half
half = ", ".join(f"{x:.0f}" for x in jnp.round(jnp.array([0.5, 1.5, 2.5])))

# %% default
default_float = str(jnp.zeros(1).dtype)
assert jnp.arange(3).dtype == "int32"  # 64 bits only after jax_enable_x64

# %% mixed
with jax.enable_x64(True):
    integers, singles = jnp.ones(1, "int64"), jnp.ones(1, "float32")
    integer_with_float = str((integers + singles).dtype)  # NumPy makes it float64
half_with_single = str((jnp.ones(1, "float16") + jnp.ones(1, "float32")).dtype)
two_halves = str((jnp.ones(1, "float16") + jnp.ones(1, "bfloat16")).dtype)
with_a_number = str((jnp.ones(1, "float16") + 1.5).dtype)  # Python's numbers are weak
print(half, integer_with_float, half_with_single, two_halves, with_a_number, sep="\n")
assert (two_halves, with_a_number) == ("float32", "float16")
