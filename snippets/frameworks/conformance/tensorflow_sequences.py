"""The cells of TensorFlow are those of dlref, in float32 and with gates in order."""

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

import numpy as np
import tensorflow as tf

reference = json.loads(Path(__file__).with_name("reference.json").read_text())


def gap(came, wanted):
    came, wanted = np.asarray(came), np.array(wanted)
    return np.abs(came - wanted).max() / max(1, np.abs(wanted).max())


def compare(name, function, tolerance=1e-9):
    case = reference[name]
    given = {k: tf.constant(np.array(v)) for k, v in case["inputs"].items()}
    floats = {k: given[k] for k in case["gradients"]}
    with tf.GradientTape() as tape:
        tape.watch(floats)
        value = function(*given.values())
    cotangent = tf.constant(case["cotangent"], value.dtype)
    gaps = [gap(value, case["value"])]
    try:
        slopes = tape.gradient(value, floats, cotangent)
        gaps += [np.max([gap(slopes[k], v) for k, v in case["gradients"].items()])]
    except LookupError:  # TensorFlow knows no gradient of it
        assert name == "gru_cell_before"
    assert np.max(gaps) <= tolerance, (name, gaps)
    return ", ".join([*(f"{g:.0e}" if g else "0" for g in gaps), "–"][:2])


# %% functions
def single(*tensors):  # TensorFlow has these functions in float32 alone
    return (tf.cast(t, tf.float32) for t in tensors)


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    blocks = (tf.split(a, 4) for a in (tf.concat([w_ih, w_hh], 1), b_ih + b_hh))
    w, b = (tf.concat([i, g, f, o], 0) for i, f, g, o in blocks)
    x, h, c, w, b = single(x, h, c, tf.transpose(w), b)
    peepholes = dict.fromkeys(("wci", "wcf", "wco"), tf.zeros(4))
    given = {"x": x[None], "h_prev": h, "cs_prev": c, "w": w, "b": b} | peepholes
    out = tf.raw_ops.BlockLSTM(seq_len_max=1, forget_bias=0, cell_clip=-1, **given)
    return tf.concat([out.h[0], out.cs[0]], 1)


def gru(x, h, w_ih, w_hh, b_ih, b_hh):
    x, h, w, b = single(x, h, tf.transpose(tf.concat([w_ih, w_hh], 1)), b_ih + b_hh)
    given = {"w_ru": w[:, :8], "b_ru": b[:8], "w_c": w[:, 8:], "b_c": b[8:]}
    return tf.raw_ops.GRUBlockCell(x=x, h_prev=h, **given).h


rnn_cell = "no such cell"
lstm_cell = compare("lstm_cell", lstm, 1e-5)
after = reference["gru_cell"]
assert gap(gru(*map(np.array, after["inputs"].values())), after["value"]) > 0.01
gru_cell = "its reset is before the product"
gru_cell_before = compare("gru_cell_before", gru, 1e-5)
scaled_dot_product_attention = "no such function"
causal_attention = "no such function"
ctc = compare(
    "ctc", lambda s, t: tf.nn.ctc_loss(t[None], *single(s[:, None]), [3], [6])[0], 1e-5
)
