"""Compiling saves dispatching many small operations, not the arithmetic."""

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
# [tool.dlref]
# measured = "^(ratio|large_ratio|pays_after)"
# ///

import statistics
import time

import jax
import jax.numpy as jnp

rounds = 50
operations = 3 * rounds


def chain(x):
    for _ in range(rounds):
        x = 1.01 * jnp.tanh(x) + 0.001
    return x


def seconds(function, x, calls):
    start = time.perf_counter()
    for _ in range(calls):
        x = function(x)
    x.block_until_ready()  # JAX returns before the work is done
    return (time.perf_counter() - start) / calls


def race(x, calls):
    compiled, same = jax.jit(chain), chain(x)  # chain(x) warms up each operation
    first = seconds(compiled, x, 1)  # traced and compiled here, and then kept
    assert jnp.allclose(same, compiled(x), atol=1e-5)
    rivals = chain, compiled
    times = [[seconds(rival, x, calls) for rival in rivals] for _ in range(15)]
    eager, graph = map(statistics.median, zip(*times, strict=True))
    return eager / graph, first / abs(eager - graph)


# %% ratio
ratio, pays_after = race(jnp.linspace(-1, 1, 100), calls=20)
large = 100_000
large_ratio, _ = race(jnp.linspace(-1, 1, large), calls=1)
assert ratio > 2 * large_ratio
assert ratio > 2
