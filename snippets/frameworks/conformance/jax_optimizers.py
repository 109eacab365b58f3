"""Optax's optimisers take dlref's steps once epsilon stands where dlref has it."""

# /// script
# dependencies = [
#   "flax==0.12.8",
#   "jax==0.10.2",
#   "jax2onnx==0.17.1",
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "optax==0.2.8",
#   "scikit-learn==1.9.1",
# ]
# ///

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
jax.config.update("jax_enable_x64", True)


def gap(name, got):
    got, wanted = np.array(got), np.array(reference[name]["value"])
    assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    return np.abs(got - wanted).max() / max(1, np.abs(wanted).max())


def text(name, got):
    size = gap(name, got)
    assert size <= 1e-9, (name, size)
    return f"{size:.0e}, –" if size else "0, –"


def walk(name, optimizer):
    theta, gradients = (jnp.array(x) for x in reference[name]["inputs"].values())
    memory, path = optimizer.init(theta), []
    for gradient in gradients:
        updates, memory = optimizer.update(gradient, memory, theta)
        theta = optax.apply_updates(theta, updates)
        path.append(theta)
    return path


def compare(name, optimizer):
    return text(name, walk(name, optimizer))


def compare_schedule(name, schedule):
    return text(name, [schedule(step) for step in reference[name]["inputs"]["step"]])


# %% functions
sgd_step = compare("sgd_step", optax.sgd(0.1))
momentum_step = compare("momentum_step", optax.sgd(0.1, 0.9))
nesterov_step = compare("nesterov_step", optax.sgd(0.1, 0.9, nesterov=True))
squared = optax.adagrad(0.1, initial_accumulator_value=0.0, eps=1e-16)
assert gap("adagrad_step", walk("adagrad_step", squared)) > 1e-3
adagrad_step = "epsilon inside the root"
rmsprop_step = compare("rmsprop_step", optax.rmsprop(0.1, eps_in_sqrt=False))
adam_step = compare("adam_step", optax.adam(0.1))
adamw_step = compare("adamw_step", optax.adamw(0.1, weight_decay=0.1))
gradients = jnp.array(reference["clip_by_norm"]["inputs"]["gradients"])
clipped, _ = optax.clip_by_global_norm(1.0).update(gradients, optax.EmptyState())
assert 1e-7 < gap("clip_by_norm", clipped) < 1e-6
clip_by_norm = "adds no 1e-6 to the norm"

# %% schedules
halved = optax.exponential_decay(0.1, 4, 0.5, staircase=True)
step_schedule = compare_schedule("step_schedule", halved)
cosine = optax.cosine_decay_schedule(0.1, 10, alpha=0.1)
cosine_schedule = compare_schedule("cosine_schedule", cosine)
rise, fall = optax.linear_schedule(0.1 / 3, 0.1, 2), optax.cosine_decay_schedule
joined = optax.join_schedules([rise, fall(0.1, 7, alpha=0.1)], [3])
warmup_cosine_schedule = compare_schedule("warmup_cosine_schedule", joined)
