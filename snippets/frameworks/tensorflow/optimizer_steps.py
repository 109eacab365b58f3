"""TensorFlow's own optimisers put both of their epsilons elsewhere than torch."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import inspect

import tensorflow as tf

train = tf.compat.v1.train  # TensorFlow's own; those in tf.optimizers are Keras's


def moved(optimizer, *gradients):
    theta = tf.Variable(0.0, dtype=tf.float64)
    for g in gradients:
        optimizer.apply_gradients([(tf.constant(g, tf.float64), theta)])
    return theta


def closest(number, forms):
    form = min(forms, key=lambda form: abs(forms[form] - number))
    assert abs(forms[form] - number) < 1e-5 * abs(number)
    return form


# %% momentum
beta, rates = 0.9, iter((0.1, 0.01))
theta = moved(train.MomentumOptimizer(lambda: next(rates), beta), 1.0, 0.0)
forms = {
    "v ← βv + g, θ ← θ − ηv": -0.1 - 0.01 * beta,  # the new rate for the old v
    "v ← βv − ηg, θ ← θ + v": -0.1 - 0.1 * beta,
}
momentum = closest(float(theta), forms)

# %% epsilon
g = 1e-5  # small, so that epsilon shows
theta = moved(train.RMSPropOptimizer(0.1, decay=0.0), g)
places = {"outside": g + 1e-10, "inside": (g**2 + 1e-10) ** 0.5}
place = closest(-0.1 * g / float(theta), places)
rmsprop_epsilon = f"1e-10, {place} the root"
rmsprop = train.RMSPropOptimizer(0.1)
average = rmsprop.get_slot(moved(rmsprop, 0.0), "rms")  # it starts at 1, not at 0
rmsprop_decay = round(float(average), 6)
assert rmsprop_decay == 0.9

theta = moved(train.AdamOptimizer(0.1), g)
places = {"": g + 1e-8, ", the paper’s ε̂": g + 1e-8 / (1 - 0.999) ** 0.5}
place = closest(-0.1 * g / float(theta), places)
adam_epsilon = f"1e-8, outside{place}"

# %% decay
weight_decay = "none"
assert "weight_decay" not in inspect.signature(train.AdamOptimizer).parameters
