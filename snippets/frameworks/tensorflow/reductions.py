"""TensorFlow's own losses do not reduce, but for half of a sum of squares."""

# /// script
# dependencies = [
#   "keras==3.15.1",
#   "onnxruntime==1.32.0",
#   "scikit-learn==1.9.1",
#   "tensorflow-cpu==2.21.0",
#   "tf2onnx==1.17.0",
# ]
# ///

import numpy as np
import tensorflow as tf

# %% squared_error
error = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
forms = {"½ of the sum": 91 / 2, "the sum": 91, "½ of the mean": 91 / 12}
(form,) = (k for k, v in forms.items() if abs(v - tf.nn.l2_loss(error)) < 1e-5)
squared_error = f"{form} (l2_loss)"

# %% cross_entropy
logits, one_hot = np.array([[1.0, 2.0, 4.0]]), np.array([[0.0, 0.0, 1.0]])
loss = tf.nn.softmax_cross_entropy_with_logits(one_hot, logits).numpy()
exponentials = np.exp(logits)
from_logits = -np.log(exponentials[0, 2] / exponentials.sum())
cross_entropy = "logits" if abs(loss.item() - from_logits) < 1e-6 else "probabilities"
assert loss.shape == (1,)  # one for each example: the mean is yours to take

# %% divergence
names = dir(tf.nn) + dir(tf.math) + dir(tf.compat.v1.losses)
assert not any("kl" in name or "divergence" in name for name in names)
divergence = "no such function"
