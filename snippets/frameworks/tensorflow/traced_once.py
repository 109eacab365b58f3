"""Python runs in a tf.function only while it is traced, once for each kind."""

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

traces = []


@tf.function
def scaled(x, factor):
    traces.append(x.shape)  # Python's: happens while tracing
    calls.assign_add(1)  # TensorFlow's: happens in each call
    return x * factor


def new_traces(*arguments):
    before = len(traces)
    for pair in 10 * arguments:
        scaled(*pair)
    return len(traces) - before


# %% counts
calls = tf.Variable(0)
two, three = tf.ones(2), tf.ones(3)
same = new_traces((two, 1.0), (two, 1.0), (two + 1, 1.0))  # 3 values
numbers = new_traces(*((two, float(n)) for n in (2, 3, 4)))
tensors = new_traces(*((two, tf.constant(float(n))) for n in (2, 3, 4)))
shapes = new_traces((three, tf.constant(1.0)), (tf.ones(4), tf.constant(1.0)))
ran = int(calls)
print(f"{same} + {numbers} + {tensors} + {shapes} traces in {ran} calls")
assert (same, numbers, tensors, shapes) == (1, 3, 1, 2)

# %% signature
traces.clear()
signature = [tf.TensorSpec(None, tf.float32)] * 2  # of any shape
scaled = tf.function(scaled.python_function, input_signature=signature)
for size in range(1, 10):
    scaled(tf.ones(size), float(size))
assert len(traces) == 1
