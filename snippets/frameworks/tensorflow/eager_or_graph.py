"""On small tensors a traced graph wins, because Python leaves the loop."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# [tool.dlref]
# measured = "^ratio"
# memory = 4  # for the threads of XLA
# ///

import time
from statistics import median

import tensorflow as tf


# %% functions
def chain(x):  # 60 cheap operations: what takes time is calling them
    for _ in range(30):
        x = tf.tanh(x) + 0.1
    return x


traced = tf.function(chain)
compiled = tf.function(chain, jit_compile=True)  # XLA fuses the 60 into one loop


# %% time
def seconds(function, x):
    start = time.perf_counter()
    for _ in range(20):
        function(x)
    return time.perf_counter() - start


def compare(size):
    x, functions = tf.zeros(size), (chain, traced, compiled)
    for function in functions:
        assert tf.reduce_max(abs(function(x) - chain(x))) < 1e-5  # and trace it
    rounds = [[seconds(function, x) for function in functions] for _ in range(9)]
    eager, *others = map(median, zip(*rounds, strict=True))
    return [eager / other for other in others]


ratio, ratio_compiled = compare(10)
ratio_large, ratio_large_compiled = compare(50_000)
assert ratio > 1.5
assert ratio_large < ratio  # with real work, the overhead matters less
assert ratio_large_compiled < ratio_compiled
