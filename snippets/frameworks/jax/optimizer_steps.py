"""Optax adds RMSprop's epsilon inside the root and Adam's outside of it."""

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

import jax.numpy as jnp
import optax


def steps(optimizer, *gradients, theta=0.0):
    memory, updates = optimizer.init(theta), []
    for gradient in gradients:
        update, memory = optimizer.update(jnp.float32(gradient), memory, theta)
        updates.append(float(update))
    return updates


# %% momentum
rates = jnp.array([1.0, 0.1])  # the rate falls between two equal gradients
_, second = steps(optax.sgd(lambda step: rates[step], momentum=0.9), 1, 1)
forms = {
    "v ← βv + g, θ ← θ − ηv": -0.1 * (0.9 + 1),
    "v ← βv − ηg, θ ← θ + v": -0.9 - 0.1,
}
(momentum,) = (form for form, step in forms.items() if abs(step - second) < 1e-6)

# %% epsilon
g = 1e-8


def place(optimizer, size):  # size: root of the average at step one
    divisor = g / -steps(optimizer, g)[0]
    where = {"outside": divisor - size, "inside": divisor**2 - size**2}
    (found,) = (place for place, e in where.items() if 0.99 < e / 1e-8 < 1.01)
    return f"1e-8, {found} the root"


rmsprop_epsilon = place(optax.rmsprop(1.0), g * 0.1**0.5)
adam_epsilon = place(optax.adam(1.0), g)

# %% decays
first = -steps(optax.rmsprop(1.0), 1.0)[0]
rmsprop_decay = round(1 - 1 / first**2, 4)
(shrunk,) = steps(optax.adamw(1.0), 0.0, theta=1.0)  # coupled: a step of one
weight_decay = "added to the gradient"
if -shrunk < 0.1:
    weight_decay = f"decoupled, {-shrunk:.4f} in adamw"
print(momentum, rmsprop_epsilon, adam_epsilon, rmsprop_decay, weight_decay, sep="\n")
assert (rmsprop_decay, weight_decay) == (0.9, "decoupled, 0.0001 in adamw")
