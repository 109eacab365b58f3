"""A saved model runs without its class, and as ONNX without TensorFlow."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

from itertools import pairwise

import numpy as np
import onnxruntime
import tensorflow as tf
import tf2onnx


# %% save
class Network(tf.Module):
    def __init__(self, *sizes):
        draw = tf.random.Generator.from_seed(0).normal
        self.w1, self.w2 = (tf.Variable(draw(s) / 8) for s in pairwise(sizes))

    @tf.function(input_signature=[tf.TensorSpec((None, 64), name="images")])
    def __call__(self, images):
        return tf.nn.relu(images @ self.w1) @ self.w2


model = Network(64, 32, 10)
images = np.sin(np.arange(6 * 64, dtype="float32")).reshape(6, 64)
scores = model(images)
tf.saved_model.save(model, "network")  # variables and traced functions

# %% reload
again = tf.saved_model.load("network")
assert type(again) is not Network  # only what was traced has come along
gap = float(tf.reduce_max(abs(again(images) - scores)))

# %% export
exported, _ = tf2onnx.convert.from_function(
    model.__call__, model.__call__.input_signature, output_path="network.onnx"
)
session = onnxruntime.InferenceSession("network.onnx")
(elsewhere,) = session.run(None, {"images": images})
gap = max(gap, float(np.abs(elsewhere - scores).max()))
assert gap < 1e-5
