"""Hybridizing spares MXNet one call for each operation, which small arrays feel."""

# /// script
# requires-python = "<3.12"
# dependencies = [
#   "mxnet==1.9.1",
#   "numpy==1.23.5",
#   "onnx==1.18.0",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.7.2",
# ]
# [tool.dlref]
# measured = "^(fast|slow|large_ratio|ratio)"
# ///

import warnings

# MXNet 1.9.1 still uses what NumPy and Python have deprecated
warnings.filterwarnings("ignore", category=DeprecationWarning)

import time
from statistics import median

from mxnet import gluon, nd


class Waves(gluon.HybridBlock):
    """Fifty times a tanh."""

    def hybrid_forward(self, F, x):
        """Use F: mxnet.nd when eager, mxnet.sym for a graph."""
        for _ in range(50):
            x = F.tanh(x * 1.01 + 0.01)
        return x


def seconds(net, x):
    start = time.perf_counter()
    net(x).wait_to_read()  # a call returns before its work is done
    return time.perf_counter() - start


# %% measure
eager, graph, ratios = Waves(), Waves(), []
graph.hybridize(static_alloc=True, static_shape=True)
for size in (10, 20_000):
    x = nd.ones(size)
    assert abs(eager(x) - graph(x)).max().asscalar() < 1e-6  # this call traces
    pairs = [(seconds(eager, x), seconds(graph, x)) for _ in range(31)]
    slow, fast = map(median, zip(*pairs, strict=True))
    ratios.append(slow / fast)
ratio, large_ratio = ratios
assert ratio > 1.5
