"""The steps of TensorFlow are those of dlref, but for where epsilon stands."""

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


def gap(name, came):
    came, wanted = np.array(came), np.array(reference[name]["value"])
    return np.abs(came - wanted).max() / max(1, np.abs(wanted).max())


def compare(name, came, tolerance=1e-9):
    difference = gap(name, came)
    assert difference <= tolerance, (name, difference)
    return f"{difference:.0e}, –" if difference else "0, –"


def steps(name, op, *slots, gradient="grad", **options):
    given, path = reference[name]["inputs"], []
    theta = tf.Variable(given["theta"], dtype=tf.float64)
    memory = {slot: tf.Variable(0 * theta) for slot in slots}
    handles = {slot: variable.handle for slot, variable in memory.items()}
    for t, g in enumerate(given["gradients"], 1):
        now = {k: v(t) if callable(v) else v for k, v in options.items()}
        now |= {gradient: tf.constant(g, tf.float64)}
        op(var=theta.handle, **handles, **now)
        path.append(theta.numpy())
    return path


# %% functions
raw, old = tf.raw_ops, tf.compat.v1.train
sgd = steps("sgd_step", raw.ResourceApplyGradientDescent, gradient="delta", alpha=0.1)
sgd_step = compare("sgd_step", sgd)
momentum = raw.ResourceApplyMomentum, "accum"
heavy = steps("momentum_step", *momentum, lr=0.1, momentum=0.9)
momentum_step = compare("momentum_step", heavy)
ahead = steps("nesterov_step", *momentum, lr=0.1, momentum=0.9, use_nesterov=True)
nesterov_step = compare("nesterov_step", ahead)
adagrad = raw.ResourceApplyAdagradV2, "accum"
adagrad = steps("adagrad_step", *adagrad, lr=0.1, epsilon=1e-8)
adagrad_step = compare("adagrad_step", adagrad)
rmsprop = {"lr": 0.1, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-8}
rmsprop = steps("rmsprop_step", raw.ResourceApplyRMSProp, "ms", "mom", **rmsprop)
assert gap("rmsprop_step", rmsprop) > 1e-4
rmsprop_step = "epsilon inside the root"
adam = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "beta1_power": lambda t: 0.9**t}
adam |= {"beta2_power": lambda t: 0.999**t}
adam |= {"epsilon": lambda t: 1e-8 * (1 - 0.999**t) ** 0.5}  # it is not corrected
adam = steps("adam_step", raw.ResourceApplyAdam, "m", "v", **adam)
adam_step, adam_gap = compare("adam_step", adam), float(gap("adam_step", adam))
adamw_step = "no such optimiser"
gradients = np.array(reference["clip_by_norm"]["inputs"]["gradients"])
clipped = tf.clip_by_norm(gradients, 1.0)
assert 1e-7 < gap("clip_by_norm", clipped) < 1e-6
clip_by_norm = "adds no 1e-6 to the norm"
drops = [old.exponential_decay(0.1, t, 4, 0.5, staircase=True)() for t in range(12)]
step_schedule = compare("step_schedule", drops, 1e-5)  # they know only float32
falls = [old.cosine_decay(0.1, t, 10, alpha=0.1)() for t in range(12)]
cosine_schedule = compare("cosine_schedule", falls, 1e-5)
warmup_cosine_schedule = "no such schedule"
