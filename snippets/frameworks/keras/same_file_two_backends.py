"""A .keras file written under JAX answers the same where another backend reads it."""

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

import os

os.environ["KERAS_BACKEND"] = "jax"

import subprocess
import sys
import warnings
from zipfile import ZipFile

import keras
import numpy as np

# Keras 3.15 saves by a call that NumPy 2 does not want any more.
warnings.filterwarnings("ignore", "__array__", DeprecationWarning)
keras.utils.set_random_seed(0)
model = keras.Sequential(
    [keras.Input((5, 3)), keras.layers.LSTM(4), keras.layers.Dense(2)]
)
model.save("model.keras")
under_jax = np.asarray(model(np.ones((1, 5, 3)))).ravel()

# %% inside
with ZipFile("model.keras") as file:
    names = " ".join(sorted(file.namelist()))
    assert not any(b"jax" in file.read(name) for name in file.namelist())
assert names == "config.json metadata.json model.weights.h5"

# %% elsewhere
program = """
import keras, numpy
model = keras.saving.load_model("model.keras")
print(keras.backend.backend(), *model(numpy.ones((1, 5, 3))).ravel())
"""
environment = os.environ | {"KERAS_BACKEND": "numpy"}  # inference only, no framework
command = [sys.executable, "-c", program]
answer = subprocess.run(command, env=environment, capture_output=True, check=True)
reader, *scores = answer.stdout.decode().split()
gap = float(np.abs(np.array(scores, dtype=float) - under_jax).max())
assert reader == "numpy"
assert gap < 1e-6
