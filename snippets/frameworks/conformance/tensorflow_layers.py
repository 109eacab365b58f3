"""Layers of tf.nn are those of dlref, once the axes are turned to channels last."""

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
    slopes = tape.gradient(value, floats, cotangent)
    slopes = {k: tf.convert_to_tensor(v) for k, v in slopes.items()}  # some are sparse
    gaps = [gap(value, case["value"])]
    gaps += [np.max([gap(slopes[k], v) for k, v in case["gradients"].items()])]
    assert np.max(gaps) <= tolerance, (name, gaps)
    return ", ".join(f"{g:.0e}" if g else "0" for g in gaps)


def last(function, *options):  # from channels first to channels last, and back
    def turned(x, w=None, b=0.0):
        kernel = [] if w is None else [tf.transpose(w, (2, 3, 1, 0))]
        y = function(tf.transpose(x, (0, 2, 3, 1)), *kernel, *options)
        return tf.transpose(y + b, (0, 3, 1, 2))

    return turned


# %% functions
nn, xw = tf.nn, tf.compat.v1.nn.xw_plus_b
pad = [(0, 0), (1, 1), (1, 1), (0, 0)]  # "SAME" would put all zeros on one side
to = (1, 11, 12, 3)
linear = compare("linear", lambda x, w, b: xw(x, tf.transpose(w), b))
batch_norm = compare(
    "batch_norm",
    lambda x, w, b: nn.batch_normalization(x, *nn.moments(x, 0), b, w, 1e-5),
)
batch_norm_evaluation = compare(
    "batch_norm_evaluation",
    lambda x, w, b, m, v: nn.batch_normalization(x, m, v, b, w, 1e-5),
)
layer_norm = "no such function"
embedding = compare("embedding", lambda tokens, w: nn.embedding_lookup(w, tokens))
conv2d = compare("conv2d", last(nn.conv2d, 1, "VALID"))
conv2d_strided = compare("conv2d_strided", last(nn.conv2d, 2, pad))
dilated = last(nn.atrous_conv2d, 2, "VALID")  # nn.conv2d has no gradient for it here
conv2d_dilated = compare("conv2d_dilated", dilated)
transposed = last(nn.conv2d_transpose, to, 2, "VALID")
conv_transpose2d = compare("conv_transpose2d", transposed)
max_pool2d = compare("max_pool2d", last(nn.max_pool2d, 2, 2, "VALID"))
avg_pool2d = compare("avg_pool2d", last(nn.avg_pool2d, 2, 2, "VALID"))
