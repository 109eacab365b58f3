"""A saved Keras model comes back without its class, and exported it needs no Keras."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# [tool.dlref]
# memory = 4
# ///

import warnings

import keras
import numpy as np
import onnxruntime

# Keras 3.15 and tf2onnx do in these two places what NumPy 2 will not have any more.
warnings.filterwarnings("ignore", "__array__", DeprecationWarning)
warnings.filterwarnings("ignore", "In the future `np.", FutureWarning)


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


x = wave(3, 3)
model = keras.Sequential(
    [keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)]
)
model.set_weights([wave(3, 4), wave(4), wave(4, 2), wave(2)])
scores = np.asarray(model(x))

# %% save
model.save("model.keras")
again = keras.saving.load_model("model.keras")
reload_gap = float(np.abs(np.asarray(again(x)) - scores).max())

# %% export
model.export("model.onnx", format="onnx", verbose=False)
session = onnxruntime.InferenceSession("model.onnx")
(name,) = (argument.name for argument in session.get_inputs())
(elsewhere,) = session.run(None, {name: x})
gap = float(np.abs(elsewhere - scores).max())
assert reload_gap == 0
assert gap < 1e-5
