"""Losses of tf.nn, and of TensorFlow 1 where none is newer, are those of dlref."""

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
    gaps = [gap(value, case["value"])]
    gaps += [np.max([gap(slopes[k], v) for k, v in case["gradients"].items()])]
    assert np.max(gaps) <= tolerance, (name, gaps)
    return ", ".join(f"{g:.0e}" if g else "0" for g in gaps)


# %% functions
old = tf.compat.v1.losses  # they compute in float32, whatever they are given
mean_squared_error = compare(  # half of the sum of squares
    "mean_squared_error", lambda p, t: tf.nn.l2_loss(p - t) * 2 / len(p)
)
mean_absolute_error = compare("mean_absolute_error", old.absolute_difference, 1e-5)
huber = compare("huber", old.huber_loss, 1e-5)
binary_cross_entropy = compare(
    "binary_cross_entropy",
    lambda s, t: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(t, s)),
)
cross_entropy = compare(
    "cross_entropy",
    lambda s, t: tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(t, s)),
)
hinge = "no such loss for several classes"
binary_hinge = compare(  # its labels are 0 and 1
    "binary_hinge", lambda s, t: old.hinge_loss((t + 1) / 2, s), 1e-5
)
kl_divergence = "only in TensorFlow Probability"
triplet = "no such loss"
