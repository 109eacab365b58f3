"""The losses of Keras agree with the reference in value and gradient."""

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
losses, exp = keras.losses, keras.ops.exp
mean_squared_error = compare(
    "mean_squared_error",
    lambda prediction, target: losses.mean_squared_error(target, prediction),
)
mean_absolute_error = compare(
    "mean_absolute_error",
    lambda prediction, target: losses.mean_absolute_error(target, prediction),
)
huber = compare(
    "huber", lambda prediction, target: losses.huber(target, prediction, delta=1.0)
)
binary_cross_entropy = compare(
    "binary_cross_entropy",
    lambda logits, target: losses.binary_crossentropy(target, logits, from_logits=True),
)
cross_entropy = compare(
    "cross_entropy",
    lambda logits, target: losses.SparseCategoricalCrossentropy(from_logits=True)(
        target, logits
    ),
)
hinge = "takes the worst class only"
binary_hinge = compare(
    "binary_hinge", lambda score, target: losses.hinge(target, score)
)
kl_divergence = compare(
    "kl_divergence", lambda log_p, log_q: losses.KLDivergence()(exp(log_p), exp(log_q))
)
triplet = "no such loss"

# %% hinge
case = reference["hinge"]
scores, target = (np.array(case["inputs"][k]) for k in ("scores", "target"))
rows = losses.categorical_hinge(np.eye(4)[target], scores)
assert abs(np.mean(rows) - case["value"]) > 0.1
assert not any("triplet" in name.lower() for name in dir(losses))
