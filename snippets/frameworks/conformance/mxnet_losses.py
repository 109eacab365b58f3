"""MXNet's losses give the values and gradients of dlref's, but for three."""

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

import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import loss

reference = json.loads(Path(__file__).with_name("reference.json").read_text())


def gap(came, wanted):
    wanted = np.array(wanted)
    difference = came.asnumpy().reshape(wanted.shape) - wanted
    return np.abs(difference).max() / max(1, np.abs(wanted).max())


def compare(name, function, tolerance=1e-9, kind="float64"):
    case = reference[name]
    given = {k: nd.array(v, dtype=kind) for k, v in case["inputs"].items()}
    for k in case["gradients"]:
        given[k].attach_grad()
    with autograd.record():
        value = function(*given.values())
    value.backward(nd.array(case["cotangent"], dtype=kind).reshape(value.shape))
    gaps = [gap(value, case["value"])]
    gaps += [np.max([gap(given[k].grad, v) for k, v in case["gradients"].items()])]
    assert np.max(gaps) <= tolerance, (name, gaps)
    return ", ".join(f"{g:.0e}" if g else "0" for g in gaps)


# %% functions


def mean(form, **options):
    return lambda *given: form(**options)(*given).mean()


mean_squared_error = compare("mean_squared_error", mean(loss.L2Loss, weight=2))  # not ½
mean_absolute_error = compare("mean_absolute_error", mean(loss.L1Loss))
huber = compare("huber", mean(loss.HuberLoss))
cross_entropy = compare("cross_entropy", mean(loss.SoftmaxCrossEntropyLoss))
hinge = "no such loss for several classes"
binary_hinge = compare("binary_hinge", mean(loss.HingeLoss))
divergence = mean(loss.KLDivLoss)  # takes log q, and p itself
kl_divergence = compare(
    "kl_divergence", lambda log_p, log_q: divergence(log_q, log_p.exp())
)

zero = nd.zeros(1)
zero.attach_grad()
with autograd.record():
    error = loss.SigmoidBinaryCrossEntropyLoss()(zero, nd.ones(1))
error.backward()
assert zero.grad.asscalar() == -1  # wrong: σ(0) − 1 = −½
binary_cross_entropy = "wrong gradient at logit 0: −1, not −½"

near, far = nd.array([[3, 4]]), nd.array([[0, 5.5]])  # at distances 5 and 5.5 of 0
assert loss.TripletLoss()(0 * near, near, far).asscalar() == 0  # where 1 + 5 − 5.5 > 0
triplet = "squares the distances"
