"""A tf.Module, a tf.data pipeline and one traced step learn to read digits."""

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

import tensorflow as tf
from sklearn.datasets import load_digits

# %% data
tf.random.set_seed(0)
x, target = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
batches = tf.data.Dataset.from_tensor_slices((x[:1437], target[:1437]))
batches = batches.shuffle(1437, seed=0).batch(32)  # a new order in each epoch


# %% model
class Network(tf.Module):
    def __init__(self, *sizes):
        self.w = [
            tf.Variable(tf.random.normal((n, m), stddev=(2 / n) ** 0.5))
            for n, m in pairwise(sizes)
        ]
        self.b = [tf.Variable(tf.zeros(m)) for m in sizes[1:]]

    def __call__(self, x):
        hidden = tf.nn.relu(x @ self.w[0] + self.b[0])
        return hidden @ self.w[1] + self.b[1]


# %% train
model = Network(64, 32, 10)
adam = tf.keras.optimizers.Adam(0.01)
adam.build(model.trainable_variables)  # tracing may not make variables


@tf.function(reduce_retracing=True)  # the last batch is smaller
def step(x, target):
    with tf.GradientTape() as tape:
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(target, model(x))
        loss = tf.reduce_mean(each)  # inside, or the tape does not know of it
    slopes = tape.gradient(loss, model.trainable_variables)
    adam.apply_gradients(zip(slopes, model.trainable_variables, strict=True))


for _ in range(15):
    for x_batch, target_batch in batches:
        step(x_batch, target_batch)
right = float((tf.argmax(model(x[1437:]), 1) == target[1437:]).numpy().mean())
assert 0.86 < right < 0.96
