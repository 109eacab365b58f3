"""The activations of tf.nn are those of dlref, in value and in gradient."""

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
relu = compare("relu", tf.nn.relu)
leaky_relu = compare("leaky_relu", lambda x: tf.nn.leaky_relu(x, 0.01))  # default: 0.2
sigmoid = compare("sigmoid", tf.nn.sigmoid)
tanh = compare("tanh", tf.nn.tanh)
softplus = compare("softplus", tf.nn.softplus)
elu = compare("elu", tf.nn.elu)
silu = compare("silu", tf.nn.silu)
gelu = compare("gelu", tf.nn.gelu, 1e-8)  # its √½ has gone through float32
gelu_tanh = compare("gelu_tanh", lambda x: tf.nn.gelu(x, approximate=True))
softmax = compare("softmax", tf.nn.softmax)
log_softmax = compare("log_softmax", tf.nn.log_softmax)
