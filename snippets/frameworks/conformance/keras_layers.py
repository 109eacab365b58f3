"""The layers of Keras agree with the reference in value and gradient."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")  # on JAX, Keras would fall back to float32 here
reference = json.loads(Path(__file__).with_name("reference.json").read_text())


def largest(got, wanted):
    return float(np.abs(got - np.array(wanted)).max() / max(1, np.abs(wanted).max()))


def compare(name, function, within=1e-9):
    case = reference[name]
    inputs = {k: tf.constant(np.array(x)) for k, x in case["inputs"].items()}
    leaves, cotangent = {k: inputs[k] for k in case["gradients"]}, case["cotangent"]
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        value = function(**inputs)
    slopes = tape.gradient(value, leaves, tf.constant(cotangent, "float64"))
    found = {k: tf.convert_to_tensor(x) for k, x in slopes.items()}
    gaps = [largest(value, case["value"])]
    gaps.append(np.max([largest(found[k], x) for k, x in case["gradients"].items()]))
    assert np.max(gaps) <= within, (name, gaps)
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in gaps)


def call(layer, weights, x, state=(), **options):
    layer.build(x.shape)
    outputs, _ = layer.stateless_call(weights, list(state), x, **options)
    return outputs


# %% dense
layers = keras.layers
linear = compare(
    "linear",
    lambda x, weight, bias: call(layers.Dense(2), [tf.transpose(weight), bias], x),
)


def normalise(x, weight, bias, mean=(0, 0, 0), variance=(1, 1, 1), training=True):
    layer = layers.BatchNormalization(epsilon=1e-5)
    return call(layer, [weight, bias], x, (mean, variance), training=training)


batch_norm = compare("batch_norm", normalise)
batch_norm_evaluation = compare(
    "batch_norm_evaluation", lambda **given: normalise(**given, training=False)
)
norm = layers.LayerNormalization(epsilon=1e-5)
layer_norm = compare(
    "layer_norm", lambda x, weight, bias: call(norm, [weight, bias], x)
)
embedding = compare(
    "embedding", lambda tokens, weight: call(layers.Embedding(4, 3), [weight], tokens)
)


# %% images
def with_channels_last(layer):
    return lambda x: tf.transpose(layer(tf.transpose(x, (0, 2, 3, 1))), (0, 3, 1, 2))


def convolve(x, weight, bias, kind=layers.Conv2D, ring=0, **options):
    kernel, pad = tf.transpose(weight, (2, 3, 1, 0)), layers.ZeroPadding2D(ring)
    layer = kind(3, (3, 2), **options)
    return with_channels_last(lambda x: call(layer, [kernel, bias], pad(x)))(x)


def convolution(name, **options):
    return compare(name, lambda **given: convolve(**given, **options))


conv2d = convolution("conv2d")
conv2d_strided = convolution("conv2d_strided", strides=2, ring=1)
conv2d_dilated = convolution("conv2d_dilated", dilation_rate=2)
conv_transpose2d = convolution(
    "conv_transpose2d", kind=layers.Conv2DTranspose, strides=2
)
max_pool2d = compare("max_pool2d", with_channels_last(layers.MaxPooling2D(2)))
avg_pool2d = compare("avg_pool2d", with_channels_last(layers.AveragePooling2D(2)))
