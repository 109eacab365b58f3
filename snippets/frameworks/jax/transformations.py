"""Transformations such as grad, vmap and jit turn functions into functions."""

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
from sklearn.datasets import load_diabetes

data = load_diabetes()
x, y = jnp.asarray(data.data, "float32"), jnp.asarray(data.target / 100, "float32")
weights, patients = jnp.linspace(-1, 1, 10), len(x)


def loss(weights, x, y):  # of one patient
    return (jnp.tanh(x @ weights) - y) ** 2


# %% per_example
gradient = jax.jit(jax.grad(loss))
every_gradient = jax.jit(jax.vmap(jax.grad(loss), in_axes=(None, 0, 0)))
at_once = every_gradient(weights, x, y)
one_by_one = [gradient(weights, x[i], y[i]) for i in range(patients)]
loop_gap = float(abs(at_once - jnp.stack(one_by_one)).max())
print(at_once.shape)
assert loop_gap < 1e-6

# %% mean


def mean_loss(weights):
    return jax.vmap(loss, (None, 0, 0))(weights, x, y).mean()


batch_gradient = jax.jit(jax.grad(mean_loss))(weights)
assert jnp.allclose(at_once.mean(axis=0), batch_gradient, atol=1e-6)

# %% hessian
hessian = jax.jit(jax.jacfwd(jax.jacrev(mean_loss)))(weights)
symmetry_gap = float(abs(hessian - hessian.T).max())
step = 1e-2 * jnp.eye(10)[0]  # one row again, as a difference of two gradients
slopes = jax.vmap(jax.grad(mean_loss))(jnp.stack([weights + step, weights - step]))
row = (slopes[0] - slopes[1]) / 2e-2
row_gap = float(abs(hessian[0] - row).max())
print(hessian.shape)
assert max(symmetry_gap, row_gap) < 1e-4
