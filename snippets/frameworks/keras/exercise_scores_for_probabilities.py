"""Without from_logits Keras takes scores for probabilities, and nobody says a word."""

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

import keras
import numpy as np
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
images = images.astype("float32") / 16


def share_right(**options):
    keras.utils.set_random_seed(0)
    layers = keras.layers.Dense(32, "relu"), keras.layers.Dense(10)
    model = keras.Sequential([keras.Input((64,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(**options)
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit(images[:1437], labels[:1437], batch_size=32, epochs=5, verbose=0)
    scores = np.asarray(model(images[1437:]))
    clipped = float(((scores < 0) | (scores > 1)).mean())
    return float((scores.argmax(1) == labels[1437:]).mean()), clipped


# %% both
told, _ = share_right(from_logits=True)
untold, clipped = share_right()
assert told > 0.8
assert untold < 0.6
assert clipped > 0.8  # neither negative nor above 1 is a probability
