"""Given the same weights, JAX computes what PyTorch computes."""

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
import numpy as np
import optax


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


x, target = wave(3, 3), [0, 1, 1]
w1, b1, w2, b2 = wave(3, 4), wave(4), wave(4, 2), wave(2)

# %% expected
outputs = [[0.564118, 0.137319], [1.363313, 0.516429], [0.687153, 0.252092]]
gradient_w1 = [
    [0.003214, -0.081881, 0.082694, 0.017470],
    [0.001714, -0.087459, 0.078638, 0.008765],
    [-0.001361, -0.012628, 0.002283, -0.007999],
]
gradient_w2 = [[0.206966, -0.206966], [0.171742, -0.171742]]
gradient_w2 += [[-0.063356, 0.063356], [-0.201096, 0.201096]]
# Before and after each of five steps:
losses = [0.880061, 0.672431, 0.591818, 0.573278, 0.554220, 0.520581]

# %% network


def loss_of(weights):
    w1, b1, w2, b2 = weights
    scores = jnp.tanh(x @ w1 + b1) @ w2 + b2
    each = optax.softmax_cross_entropy_with_integer_labels(scores, jnp.array(target))
    return each.mean(), scores


adam, weights, came = optax.adam(0.1), (w1, b1, w2, b2), []
memory = adam.init(weights)
for _ in losses:
    (loss, scores), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights)
    came.append((loss, scores, gradients[0], gradients[2]))
    updates, memory = adam.update(gradients, memory)
    weights = optax.apply_updates(weights, updates)

# %% same
_, *first = came[0]
pairs = zip(first, (outputs, gradient_w1, gradient_w2), strict=True)
gap = max(float(abs(got - np.array(wanted)).max()) for got, wanted in pairs)
adam_gap = max(abs(float(c[0]) - want) for c, want in zip(came, losses, strict=True))
assert max(gap, adam_gap) < 1e-5
