"""MXNet saves weights or the whole graph, and ONNX takes both to another runtime."""

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
warnings.filterwarnings("ignore", "Cannot decide type")  # as a graph is imported

import mxnet as mx
import numpy as np
import onnxruntime
from mxnet import gluon, nd


def network():
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(32, activation="relu"), gluon.nn.Dense(10))
    return net


mx.random.seed(0)
x = nd.random.uniform(shape=(5, 64))
net = network()
net.initialize(mx.init.Xavier())
net.hybridize()  # only a traced network can be exported
scores = net(x).asnumpy()

# %% save
net.save_parameters("weights.params")  # the numbers, by name
net.export("program")  # and the graph: program-symbol.json, program-0000.params
weights = network()
weights.load_parameters("weights.params")
program = gluon.SymbolBlock.imports(
    "program-symbol.json", "data", "program-0000.params"
)

# %% onnx
files = "program-symbol.json", "program-0000.params"
mx.onnx.export_model(*files, [x.shape], np.float32, "program.onnx")
options = onnxruntime.SessionOptions()
options.log_severity_level = 3  # it would remark on weights that are also inputs
session = onnxruntime.InferenceSession("program.onnx", options)
[exported] = session.run(None, {"data": x.asnumpy()})

# %% same
others = weights(x).asnumpy(), program(x).asnumpy(), exported
gap = max(float(np.abs(other - scores).max()) for other in others)
assert gap < 1e-5
