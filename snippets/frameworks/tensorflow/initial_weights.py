"""TensorFlow itself has no layers; its variables once drew Glorot's weights."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import tensorflow as tf

# %% none
assert not any("dense" in name or "linear" in name for name in dir(tf.nn))

# %% variable
inputs, outputs = 400, 100
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    tf.compat.v1.set_random_seed(0)
    variable = tf.compat.v1.get_variable("weights", (inputs, outputs))
    session.run(variable.initializer)
    w = session.run(variable)

# %% law
spread, bound = float(w.std()), (6 / (inputs + outputs)) ** 0.5
assert 0.999 * bound < abs(w).max() <= bound  # it ends where Glorot's ends ...
assert abs(spread - bound / 3**0.5) < 0.01 * bound  # ... and spreads as if uniform
law, bias = "no layers; v1: Glorot uniform", "no layers"
