"""MXNet's recurrent layers and its CTC give the values and gradients of dlref's."""

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


def cell(form, states=1):
    def step(x, *rest):
        x, *before = [part.expand_dims(0) for part in (x, *rest[:states])]  # one step
        weights = nd.concat(*[w.reshape(-1) for w in rest[states:]], dim=0)
        options = {"state_size": 4, "num_layers": 1, "state_outputs": True}
        return nd.concat(*nd.RNN(x, weights, *before, mode=form, **options)[1:], dim=2)

    return step


rnn_cell = compare("rnn_cell", cell("rnn_tanh"))
lstm_cell = compare("lstm_cell", cell("lstm", states=2))
gru_cell = compare("gru_cell", cell("gru"))
gru_cell_before = "resets after the product only"
scaled_dot_product_attention = "no such function, only pieces"
causal_attention = "no such function, only pieces"


def ctc_loss(logits, target):
    batch = logits.expand_dims(1), target.expand_dims(0)
    return nd.CTCLoss(*batch, blank_label="first")


ctc = compare("ctc", ctc_loss, 1e-5, kind="float32")  # refuses float64
