"""MXNet's momentum holds the rate, and its RMSprop keeps epsilon inside the root."""

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

import mxnet as mx


def steps(name, gradients, rates=(1, 1), start=0, **options):
    optimizer, theta = mx.optimizer.create(name, **options), mx.nd.array([start])
    update, places = mx.optimizer.get_updater(optimizer), []
    for gradient, rate in zip(gradients, rates, strict=False):
        optimizer.set_learning_rate(rate)
        update(0, mx.nd.array([gradient]), theta)
        places.append(theta.asscalar())
    return places


# %% momentum
one, two = steps("sgd", [1, 0], rates=(1, 0), momentum=0.9)  # the second rate is zero
moves = abs(two - one) > 1e-6
momentum = "v ← βv − ηg, θ ← θ + v" if moves else "v ← βv + g, θ ← θ − ηv"
assert moves

# %% epsilon
g, eps = 1e-6, 1e-8
[step] = steps("rmsprop", [g])
rmsprop_decay = mx.optimizer.RMSProp().gamma1
size = (1 - rmsprop_decay) ** 0.5 * g
places = {"inside": g / (size**2 + eps) ** 0.5, "outside": g / (size + eps)}
[place] = [name for name, move in places.items() if abs(step + move) < 1e-3 * move]
rmsprop_epsilon = f"1e-8, {place} the root"
[step] = steps("adam", [1e-8])
corrected, raw = 1e-8 / (1e-8 + eps), 1e-8 / (1e-8 + eps / 0.001**0.5)
adam_epsilon = "1e-8, outside, the paper’s ε̂"
assert abs(step + raw) < 1e-3 < abs(step + corrected)

# %% decay
[place] = steps("adam", [0], start=5, wd=0.1)
assert abs(5 - place - 1) < 1e-5  # a whole step; decoupled decay would go 0.1 · 5
assert mx.optimizer.Adam().wd == 0
weight_decay = "added to the gradient, 0"
