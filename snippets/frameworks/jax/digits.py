"""A training step in JAX is a pure function, compiled, in a plain loop."""

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
import optax
from flax import nnx
from sklearn.datasets import load_digits

# %% data
data = load_digits()
images, labels = data.data.astype("float32") / 16, data.target
x, y, new_x, new_y = images[:1437], labels[:1437], images[1437:], labels[1437:]

# %% network
rngs = nnx.Rngs(0)
first, second = nnx.Linear(64, 32, rngs=rngs), nnx.Linear(32, 10, rngs=rngs)
structure, weights = nnx.split(nnx.Sequential(first, nnx.relu, second))
adam = optax.adam(0.01)


def loss_of(weights, x, y):
    scores = nnx.merge(structure, weights)(x)
    return optax.softmax_cross_entropy_with_integer_labels(scores, y).mean()


@jax.jit
def step(weights, memory, x, y):
    updates, memory = adam.update(jax.grad(loss_of)(weights, x, y), memory)
    return optax.apply_updates(weights, updates), memory


# %% training
memory, key = adam.init(weights), jax.random.key(0)
for _ in range(15):
    key, now = jax.random.split(key)
    order = jax.device_get(jax.random.permutation(now, len(x)))
    for start in range(0, len(x), 32):
        batch = order[start : start + 32]
        weights, memory = step(weights, memory, x[batch], y[batch])

# %% test
scores = nnx.merge(structure, weights)(new_x)
right = float((scores.argmax(axis=1) == new_y).mean())
assert 0.86 < right < 0.96
