"""Four statements of Keras build, compile, fit and evaluate a reader of digits."""

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
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
images = images.astype("float32") / 16
keras.utils.set_random_seed(0)

# %% fit
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10),
    ]
)
model.compile(
    keras.optimizers.Adam(0.01),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(images[:1437], labels[:1437], batch_size=32, epochs=15, verbose=0)
loss, right = model.evaluate(images[1437:], labels[1437:], verbose=0)

# %% right
assert 0.86 < right < 0.96
