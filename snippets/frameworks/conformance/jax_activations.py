"""JAX's activations agree with dlref's, but for leaky ReLU's slope at the corner."""

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
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
jax.config.update("jax_enable_x64", True)


def largest(got, wanted):
    assert (got.dtype, got.shape) == (jnp.float64, np.shape(wanted))
    return float(np.abs(got - np.array(wanted)).max() / max(1, np.abs(wanted).max()))


def compare(name, function):
    case = reference[name]
    inputs = {k: jnp.array(x) for k, x in case["inputs"].items()}
    run = jax.jit(lambda some: function(*(inputs | some).values()))
    value, pull = jax.vjp(run, {k: inputs[k] for k in case["gradients"]})
    (slopes,) = pull(jnp.array(case["cotangent"]))
    gaps = [largest(value, case["value"])]
    gaps.append(np.max([largest(slopes[k], x) for k, x in case["gradients"].items()]))
    assert np.max(gaps) <= 1e-9, (name, gaps)
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in gaps)


def leaky_but_zero(x):
    return jnp.where(x == 0, 0.01 * x, jax.nn.leaky_relu(x, 0.01))


# %% functions
relu = compare("relu", jax.nn.relu)
assert jax.grad(jax.nn.leaky_relu)(0.0) == 1  # dlref, like torch: 0.01
leaky_relu = compare("leaky_relu", leaky_but_zero) + "; slope 1 at 0"
sigmoid = compare("sigmoid", jax.nn.sigmoid)
tanh = compare("tanh", jax.nn.tanh)
softplus = compare("softplus", jax.nn.softplus)
elu = compare("elu", jax.nn.elu)
silu = compare("silu", jax.nn.silu)
gelu = compare("gelu", lambda x: jax.nn.gelu(x, approximate=False))
gelu_tanh = compare("gelu_tanh", jax.nn.gelu)  # the approximation is JAX's default
softmax = compare("softmax", jax.nn.softmax)
log_softmax = compare("log_softmax", jax.nn.log_softmax)
