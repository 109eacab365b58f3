"""Optax's losses agree with dlref's, where it has them, once you take their mean."""

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

import json
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from optax import losses

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
jax.config.update("jax_enable_x64", True)


def largest(got, wanted):
    assert (got.dtype, got.shape) == (jnp.float64, np.shape(wanted))
    return float(np.abs(got - np.array(wanted)).max() / max(1, np.abs(wanted).max()))


def compare(name, function):
    case = reference[name]
    inputs = {k: jnp.array(x) for k, x in case["inputs"].items()}
    run = jax.jit(lambda some: function(*(inputs | some).values()).mean())
    value, pull = jax.vjp(run, {k: inputs[k] for k in case["gradients"]})
    (slopes,) = pull(jnp.array(case["cotangent"]))
    gaps = [largest(value, case["value"])]
    gaps.append(np.max([largest(slopes[k], x) for k, x in case["gradients"].items()]))
    assert np.max(gaps) <= 1e-9, (name, gaps)
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in gaps)


# %% functions
by_class = losses.softmax_cross_entropy_with_integer_labels
with_logits, divergence = losses.sigmoid_binary_cross_entropy, losses.kl_divergence
mean_squared_error = compare("mean_squared_error", losses.squared_error)
mean_absolute_error = "no such function"
huber = compare("huber", losses.huber_loss)
binary_cross_entropy = compare("binary_cross_entropy", with_logits)
cross_entropy = compare("cross_entropy", by_class)
assert losses.multiclass_hinge_loss(jnp.zeros(3), 0) == 1  # dlref: 1 + 1
hinge = "takes the worst class only"
binary_hinge = compare("binary_hinge", losses.hinge_loss)
kl_divergence = compare("kl_divergence", lambda p, q: divergence(q, jnp.exp(p)))
without = partial(losses.triplet_margin_loss, eps=0.0)  # default: 1e-6 in the root
triplet = compare("triplet", without)
