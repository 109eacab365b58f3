"""The optimizers of Keras agree with the reference but for where epsilon stands."""

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

keras.config.set_floatx("float64")
reference = json.loads(Path(__file__).with_name("reference.json").read_text())


def largest_gap(name, got):
    wanted = np.array(reference[name]["value"])
    return float(np.abs(np.array(got) - wanted).max() / max(1, np.abs(wanted).max()))


def compare(name, got):
    gap = largest_gap(name, got)
    assert gap <= 1e-9, (name, gap)
    return f"{gap:.0e}, –" if gap else "0, –"


def steps(name, optimizer):
    given, path = reference[name]["inputs"], []
    theta = keras.Variable(np.array(given["theta"]))
    for gradient in np.array(given["gradients"]):
        optimizer.apply([keras.ops.array(gradient)], [theta])
        path.append(np.asarray(theta))
    return path


# %% steps
o = keras.optimizers
share, beta_2, tenth = np.float64([0.9, 0.999, 0.1])  # a plain 0.1 becomes float32


def same(name, optimizer):
    return compare(name, steps(name, optimizer))


def other(name, optimizer, why):  # where no option brings agreement
    gaps = np.abs(np.array(steps(name, optimizer)) - reference[name]["value"])
    assert gaps[:, 3].max() > 1e-3  # the gradient of 1e-9
    assert np.delete(gaps, 3, axis=1).max() < 1e-6
    return why


sgd_step = same("sgd_step", o.SGD(0.1))
momentum_step = same("momentum_step", o.SGD(0.1, momentum=share))
nesterov_step = same("nesterov_step", o.SGD(0.1, momentum=share, nesterov=True))
adagrad = o.Adagrad(0.1, initial_accumulator_value=0.0, epsilon=1e-8)
adagrad_step = other("adagrad_step", adagrad, "epsilon inside the root")
rmsprop = o.RMSprop(0.1, rho=0.9, epsilon=1e-8)
rmsprop_step = other("rmsprop_step", rmsprop, "epsilon inside the root")
adam = o.Adam(0.1, share, beta_2, epsilon=1e-8)
adam_step = other("adam_step", adam, "epsilon before the correction")
adamw = o.AdamW(0.1, tenth, share, beta_2, epsilon=1e-8)
adamw_step = other("adamw_step", adamw, "epsilon before the correction")

# %% gradients_and_rates
given = np.array(reference["clip_by_norm"]["inputs"]["gradients"])
moved = keras.Variable(np.zeros(6))
o.SGD(1.0, clipnorm=1.0).apply([keras.ops.array(given)], [moved])
assert 1e-9 < largest_gap("clip_by_norm", -np.asarray(moved)) < 1e-6
clip_by_norm = "adds no 1e-6 to the norm"
at = range(12)
step = o.schedules.ExponentialDecay(tenth, 4, 0.5, staircase=True)
step_schedule = compare("step_schedule", [*map(step, at)])
fall = o.schedules.CosineDecay(tenth, 10, alpha=tenth)  # alpha is a share of the first
cosine_schedule = compare("cosine_schedule", [*map(fall, at)])
rise = o.schedules.CosineDecay(0.0, 7, tenth, warmup_target=tenth, warmup_steps=3)
assert largest_gap("warmup_cosine_schedule", [*map(rise, at)]) > 0.03
warmup_cosine_schedule = "rises as t / w, from zero"
