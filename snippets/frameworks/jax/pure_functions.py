"""A side effect happens once, at tracing, and equal keys draw equal numbers."""

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

import jax

# %% traced_once
calls, scale = [], 2.0


@jax.jit
def scaled(x):
    calls.append(x)
    return scale * x


before = float(scaled(1.0))
scale = 100.0
after = float(scaled(1.0))
print(calls)
assert len(calls) == 1  # Python ran once, with a stand-in for the number
assert before == after == 2  # the 2 was baked into the program

# %% traced_again
afresh = scaled(jax.numpy.ones(3)).tolist()  # a new shape: Python runs again
assert (len(calls), afresh) == (2, [100, 100, 100])

# %% keys
key = jax.random.key(0)
first, again = jax.random.normal(key), jax.random.normal(key)
assert first == again  # no hidden state: same key, same number

# %% split
keys = jax.random.split(key, 3)
draws = [float(jax.random.normal(one)) for one in keys]
assert len(set(draws)) == 3
