"""The recurrent cells and the attention of Keras agree with the reference."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")  # on JAX, Keras would fall back to float32 here
reference = json.loads(Path(__file__).with_name("reference.json").read_text())


def largest(got, wanted):
    return float(np.abs(got - np.array(wanted)).max() / max(1, np.abs(wanted).max()))


def compare(name, function, within=1e-9):
    case = reference[name]
    inputs = {k: tf.constant(np.array(x)) for k, x in case["inputs"].items()}
    leaves, cotangent = {k: inputs[k] for k in case["gradients"]}, case["cotangent"]
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        value = function(**inputs)
    slopes = tape.gradient(value, leaves, tf.constant(cotangent, "float64"))
    found = {k: tf.convert_to_tensor(x) for k, x in slopes.items()}
    gaps = [largest(value, case["value"])]
    gaps.append(np.max([largest(found[k], x) for k, x in case["gradients"].items()]))
    assert np.max(gaps) <= within, (name, gaps)
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in gaps)


def call(cell, weights, x, state):
    cell.build(x.shape)
    rest = [np.asarray(v) for v in cell.non_trainable_variables]  # dropout's generator
    (outputs, states), _ = cell.stateless_call(weights, rest, x, state)
    return tf.concat([outputs, *states[1:]], -1)  # an LSTM's cell as well


def reordered(weights):  # r z n of the reference is z r n in Keras
    r, z, n = tf.split(weights, 3)
    return tf.concat([z, r, n], 0)


# %% cells
layers, ops, t = keras.layers, keras.ops, tf.transpose
rnn_cell = compare(
    "rnn_cell",
    lambda x, h, w_ih, w_hh, b_ih, b_hh: call(
        layers.SimpleRNNCell(4), [t(w_ih), t(w_hh), b_ih + b_hh], x, [h]
    ),
)
lstm_cell = compare(
    "lstm_cell",
    lambda x, h, c, w_ih, w_hh, b_ih, b_hh: call(
        layers.LSTMCell(4), [t(w_ih), t(w_hh), b_ih + b_hh], x, [h, c]
    ),
)


def gru(x, h, w_ih, w_hh, b_ih, b_hh, reset_after=True):
    w_ih, w_hh, b_ih, b_hh = map(reordered, (w_ih, w_hh, b_ih, b_hh))
    bias = tf.stack([b_ih, b_hh]) if reset_after else b_ih + b_hh
    cell = layers.GRUCell(4, reset_after=reset_after)
    return call(cell, [t(w_ih), t(w_hh), bias], x, [h])


gru_cell = compare("gru_cell", gru)
gru_cell_before = compare(
    "gru_cell_before", lambda **given: gru(**given, reset_after=False)
)


# %% attention
def attend(query, key, value, **options):
    options["scale"] = np.float64(3) ** -0.5  # the default is rounded to float32
    one_head = (x[:, :, None] for x in (query, key, value))
    return ops.dot_product_attention(*one_head, **options)[:, :, 0]


scaled_dot_product_attention = compare("scaled_dot_product_attention", attend)
causal_attention = compare(
    "causal_attention", lambda **given: attend(**given, is_causal=True)
)
ctc = compare(
    "ctc",
    lambda logits, target: ops.ctc_loss(
        target[None], logits[None], np.array([3]), np.array([6]), mask_index=0
    )[0],
    within=1e-5,  # TensorFlow has it in float32 only
)
