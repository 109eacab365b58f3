"""MXNet's layers give the values and gradients of dlref's."""

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
from functools import partial
from pathlib import Path

import numpy as np
from mxnet import autograd, nd

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

linear = compare("linear", partial(nd.FullyConnected, num_hidden=2))
norm = partial(nd.BatchNorm, fix_gamma=False, eps=1e-5)  # defaults: gamma is 1; 0.001
unused = nd.zeros(3, dtype="float64")
batch_norm = compare("batch_norm", lambda *xwb: norm(*xwb, unused, unused))
for constant in ("mean", "variance"):  # MXNet gives them no gradient
    del reference["batch_norm_evaluation"]["gradients"][constant]
evaluation = partial(norm, use_global_stats=True)
batch_norm_evaluation = compare("batch_norm_evaluation", evaluation)
layer_norm = compare("layer_norm", partial(nd.LayerNorm, eps=1e-5))
table = partial(nd.Embedding, input_dim=4, output_dim=3, dtype="float64")
embedding = compare("embedding", table)

sizes = {"num_filter": 3, "kernel": (3, 2)}
twice = {"stride": (2, 2)}
convolve, stamp = (partial(f, **sizes) for f in (nd.Convolution, nd.Deconvolution))
pool = partial(nd.Pooling, kernel=(2, 2), **twice)
conv2d = compare("conv2d", convolve)
conv2d_strided = compare("conv2d_strided", partial(convolve, pad=(1, 1), **twice))
conv2d_dilated = compare("conv2d_dilated", partial(convolve, dilate=(2, 2)))
conv_transpose2d = compare("conv_transpose2d", partial(stamp, no_bias=False, **twice))
max_pool2d = compare("max_pool2d", partial(pool, pool_type="max"))
avg_pool2d = compare("avg_pool2d", partial(pool, pool_type="avg"))
