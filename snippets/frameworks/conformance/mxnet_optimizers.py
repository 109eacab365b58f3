"""MXNet's optimisers take the steps of dlref's, unless epsilon stands elsewhere."""

# /// script
# requires-python = "<3.12"
# dependencies = [
#   "mxnet==1.9.1",
#   "numpy==1.23.5",
#   "onnx==1.18.0",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.7.2",
# ]
# ///

import warnings

# MXNet 1.9.1 still uses what NumPy and Python have deprecated
warnings.filterwarnings("ignore", category=DeprecationWarning)

import json
from pathlib import Path

import mxnet as mx
import numpy as np
from mxnet import nd

reference = json.loads(Path(__file__).with_name("reference.json").read_text())


def gap(name, came):
    return np.abs(np.array(came) - np.array(reference[name]["value"])).max()


def compare(name, came):
    assert gap(name, came) <= 1e-5, name  # rates are float32, and so is much else
    return f"{gap(name, came):.0e}, –" if gap(name, came) else "0, –"


def steps(name, form, epsilon=None, **options):
    optimizer = mx.optimizer.create(form, learning_rate=0.1, **options)
    update, given = mx.optimizer.get_updater(optimizer), reference[name]["inputs"]
    theta, places = nd.array(given["theta"]), []
    for number, gradient in enumerate(given["gradients"], 1):
        if epsilon:
            optimizer.epsilon = epsilon(number)
        update(0, nd.array(gradient), theta)
        places.append(theta.asnumpy().copy())
    return places


# %% functions
sgd_step = compare("sgd_step", steps("sgd_step", "sgd"))
momentum_step = compare("momentum_step", steps("momentum_step", "sgd", momentum=0.9))
nesterov_step = compare("nesterov_step", steps("nesterov_step", "nag", momentum=0.9))
assert gap("adagrad_step", steps("adagrad_step", "adagrad", eps=1e-8)) > 0.01
assert gap("rmsprop_step", steps("rmsprop_step", "rmsprop")) > 0.01
adagrad_step = rmsprop_step = "epsilon inside the root"
ours = steps("adam_step", "adam", lambda n: 1e-8 * (1 - 0.999**n) ** 0.5)  # from ε̂ to ε
adam_step = compare("adam_step", ours)
assert "adamw" not in mx.optimizer.Optimizer.opt_registry
adamw_step = "no such optimiser, only an operator"
gradients = nd.array(reference["clip_by_norm"]["inputs"]["gradients"])
mx.gluon.utils.clip_global_norm([gradients], 1.0)
assert gap("clip_by_norm", gradients.asnumpy()) > 2e-7  # float32 alone: 6e-8
clip_by_norm = "adds no 1e-6 to the norm"

# %% schedules
halved = mx.lr_scheduler.FactorScheduler(4, 0.5, base_lr=0.1)  # counts from 1
step_schedule = compare("step_schedule", [halved(step + 1) for step in range(12)])
cosine = mx.lr_scheduler.CosineScheduler(10, base_lr=0.1, final_lr=0.01)
cosine_schedule = compare("cosine_schedule", [cosine(step) for step in range(12)])
warm = mx.lr_scheduler.CosineScheduler(10, 0.1, final_lr=0.01, warmup_steps=3)
assert warm(0) == 0 < reference["warmup_cosine_schedule"]["value"][0]
warmup_cosine_schedule = "the warm-up begins at 0"
