"""Optax's losses return one number an example and leave the mean to you."""

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
import optax

# %% squared_error
prediction, target = jnp.array([1.0, 2.0, 3.0]), jnp.array([1.0, 2.0, 7.0])
plain = optax.squared_error(prediction, target)
halved = optax.l2_loss(prediction, target)
print(plain, halved)
assert (plain == 2 * halved).all()
squared_error = "nothing; l2_loss has a ½" if plain[2] == 16 else "other"

# %% cross_entropy
scores, classes = jnp.array([[2.0, 0.0], [0.0, 1.0]]), jnp.array([0, 1])
loss = optax.softmax_cross_entropy_with_integer_labels(scores, classes)
moved = optax.softmax_cross_entropy_with_integer_labels(scores + 5, classes)
free = bool(jnp.allclose(loss, moved))  # only logits may be shifted
cross_entropy = "logits" if free and loss.shape == (2,) else "probabilities"
assert jnp.allclose(loss, -jax.nn.log_softmax(scores)[jnp.arange(2), classes])

# %% divergence
p = jnp.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
log_q = jnp.log(jnp.full((2, 3), 1 / 3))
each = optax.losses.kl_divergence(log_q, p)  # the believed one comes first
terms = p * (jnp.log(p) - log_q)
assert jnp.allclose(each, terms.sum(axis=1))
divergence = "nothing: one an example" if each.shape == (2,) else "other"
