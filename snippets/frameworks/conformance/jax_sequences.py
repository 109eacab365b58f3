"""Flax's cells agree with dlref's but for one bias, and attention keeps to float32."""

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
import optax
from flax import nnx

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
jax.config.update("jax_enable_x64", True)


def largest(got, wanted):
    assert (got.dtype, got.shape) == (jnp.float64, np.shape(wanted))
    return float(np.abs(got - np.array(wanted)).max() / max(1, np.abs(wanted).max()))


def compare(name, function, tolerance=1e-9):
    case = reference[name]
    inputs = {k: jnp.array(x) for k, x in case["inputs"].items()}
    run = jax.jit(lambda some: function(*(inputs | some).values()))
    value, pull = jax.vjp(run, {k: inputs[k] for k in case["gradients"]})
    (slopes,) = pull(jnp.array(case["cotangent"]))
    gaps = [largest(value, case["value"])]
    gaps.append(np.max([largest(slopes[k], x) for k, x in case["gradients"].items()]))
    assert np.max(gaps) <= tolerance, (name, gaps)
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in gaps)


def filled(kind, w_ih, w_hh, **biases):
    cell = kind(3, 4, dtype="float64", param_dtype="float64", rngs=nnx.Rngs(0))
    cell.dense_i.kernel[...], cell.dense_h.kernel[...] = w_ih.T, w_hh.T
    for name, bias in biases.items():
        getattr(cell, name).bias[...] = bias
    return cell


def rnn(x, h, w_ih, w_hh, b_ih, b_hh):
    return filled(nnx.SimpleCell, w_ih, w_hh, dense_i=b_ih + b_hh)(h, x)[0]


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    cell = filled(nnx.OptimizedLSTMCell, w_ih, w_hh, dense_h=b_ih + b_hh)
    (c, h), _ = cell((c, h), x)
    return jnp.concatenate([h, c], axis=-1)


def attention(query, key, value, **options):
    one_head = (array[:, :, None] for array in (query, key, value))
    return jax.nn.dot_product_attention(*one_head, **options)[:, :, 0]


def ctc_loss(logits, target):
    steps, labels = (jnp.zeros((1, len(x))) for x in (logits, target))  # no padding
    return optax.ctc_loss(logits[None], steps, target[None], labels)[0]


# %% functions
rnn_cell = compare("rnn_cell", rnn)
lstm_cell = compare("lstm_cell", lstm)
assert nnx.GRUCell(3, 4, rngs=nnx.Rngs(0)).dense_h.bias is None
gru_cell, gru_cell_before = "no bias inside the reset", "only resets after the product"
name = "scaled_dot_product_attention"  # JAX takes its softmax in float32
scaled_dot_product_attention = compare(name, attention, 1e-5)
causal = partial(attention, is_causal=True)
causal_attention = compare("causal_attention", causal, 1e-5)
ctc = compare("ctc", ctc_loss)
