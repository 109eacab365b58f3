"""Small operations cost their calls, and a captured graph keeps every call."""

# /// script
# [tool.dlref]
# measured = "y 'µs|'eager' log y|^(hundredfold|ratio)"
# ///

import time
from statistics import median

import torch

from dlref.plots import curves


def small_steps(x):  # 200 operations, each on the whole array
    for _ in range(50):
        x = torch.sin(x) * 0.9 + x * 0.1
    return x


def seconds(function, x, repeats=9):
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(x)
        taken.append(time.perf_counter() - start)
    return median(taken)


# %% captured
torch.set_num_threads(1)
graphs, x = [], torch.ones(10)


def catch(graph, _inputs):  # a backend that compiles nothing
    graphs.append(graph)
    return graph.forward


captured = torch.compile(small_steps, backend=catch)
assert torch.equal(captured(x), small_steps(x))
operations = sum(node.op.startswith("call") for node in graphs[0].graph.nodes)
times = [(seconds(small_steps, x), seconds(captured, x)) for _ in range(9)]
ratio = median(eager / graph for eager, graph in times)
assert operations == 200  # all of them, still called one by one
assert 1 / 4 < ratio < 4

# %% sizes
sizes = [10, 100, 1_000, 10_000, 100_000]
each = [seconds(small_steps, torch.ones(size)) * 1e6 / operations for size in sizes]
hundredfold = each[2] / each[0]
assert hundredfold < 20
axes = {"xlabel": "numbers in the array", "ylabel": "µs an operation"}
curves(sizes, {"eager": each}, **axes, log_x=True, log_y=True)
