"""The activation functions of Keras agree with the reference in value and slope."""

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


# %% functions
a = keras.activations
relu = compare("relu", a.relu)
leaky_relu = compare("leaky_relu", lambda x: a.leaky_relu(x, negative_slope=0.01))
sigmoid = compare("sigmoid", a.sigmoid)
tanh = compare("tanh", a.tanh)
softplus = compare("softplus", a.softplus)
elu = compare("elu", a.elu)
silu = compare("silu", a.silu)
loose = 1e-8  # TensorFlow's GELU rounds its constants to float32, even in float64
gelu = compare("gelu", lambda x: a.gelu(x, approximate=False), loose)
gelu_tanh = compare("gelu_tanh", lambda x: a.gelu(x, approximate=True), loose)
softmax = compare("softmax", a.softmax)
log_softmax = compare("log_softmax", a.log_softmax)
