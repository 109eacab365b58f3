"""MXNet's activation functions give the values and gradients of dlref's."""

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
from mxnet import autograd, gluon, nd

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


def leaky(form, **options):
    return lambda x: nd.LeakyReLU(x, act_type=form, **options)


relu = compare("relu", nd.relu)
leaky_relu = compare("leaky_relu", leaky("leaky", slope=0.01))  # default: 0.25
sigmoid = compare("sigmoid", nd.sigmoid)
tanh = compare("tanh", nd.tanh)
softplus = compare("softplus", lambda x: nd.Activation(x, act_type="softrelu"))
elu = compare("elu", leaky("elu", slope=1))  # default: 0.25
silu = compare("silu", gluon.nn.Swish())
gelu = compare("gelu", leaky("gelu"), 1e-5)  # constants of float32 inside
gelu_tanh = "only the form with erf"
softmax = compare("softmax", nd.softmax)
log_softmax = compare("log_softmax", nd.log_softmax)
