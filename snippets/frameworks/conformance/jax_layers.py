"""Flax's layers and JAX's convolutions agree with dlref's, with their axes moved."""

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
from flax import nnx
from jax import lax

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


def filled(kind, *sizes, **arrays):
    layer = kind(*sizes, param_dtype="float64", rngs=nnx.Rngs(0))
    for name, array in arrays.items():
        setattr(layer, name, nnx.Param(array))
    return layer


def dense(x, w, b):
    return filled(nnx.Linear, 3, 2, kernel=w.T, bias=b)(x)


def norm(kind, x, w, b, **statistics):
    return filled(kind, 3, scale=w, bias=b, **statistics)(x)


def given_norm(x, w, b, mean, var):
    kind = partial(nnx.BatchNorm, use_running_average=True)
    return norm(kind, x, w, b, mean=mean, var=var)


def conv(x, w, b, stride=1, pad=0, dilation=1):
    pads, dilations = [(pad, pad)] * 2, [dilation] * 2
    y = lax.conv_general_dilated(x, w, [stride] * 2, pads, rhs_dilation=dilations)
    return y + b[:, None, None]


def transposed(x, w, b):
    axes = "NCHW", "OIHW", "NCHW"
    y = lax.conv_transpose(x, w, [2, 2], "VALID", None, axes, transpose_kernel=True)
    return y + b[:, None, None]


def pool(kind, x):
    return kind(x.transpose(0, 2, 3, 1), (2, 2), (2, 2)).transpose(0, 3, 1, 2)


# %% functions
fresh = {"mean": jnp.zeros(3), "var": jnp.ones(3)}
linear = compare("linear", dense)
batch_norm = compare("batch_norm", partial(norm, nnx.BatchNorm, **fresh))
batch_norm_evaluation = compare("batch_norm_evaluation", given_norm)
layer_norm = compare("layer_norm", partial(norm, partial(nnx.LayerNorm, epsilon=1e-5)))
embedding = compare("embedding", lambda i, w: filled(nnx.Embed, 4, 3, embedding=w)(i))
conv2d = compare("conv2d", conv)
conv2d_strided = compare("conv2d_strided", partial(conv, stride=2, pad=1))
conv2d_dilated = compare("conv2d_dilated", partial(conv, dilation=2))
conv_transpose2d = compare("conv_transpose2d", transposed)
max_pool2d = compare("max_pool2d", partial(pool, nnx.max_pool))
avg_pool2d = compare("avg_pool2d", partial(pool, nnx.avg_pool))
