"""As weights, StableHLO or ONNX, a JAX network gives the same outputs."""

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
#
# [tool.dlref]
# timeout = 60
# ///

import tempfile
from pathlib import Path

import jax
import numpy as np
import onnxruntime
from jax import export
from jax2onnx import to_onnx


def network(weights, x):
    hidden = jax.nn.relu(x @ weights["w1"] + weights["b1"])
    return hidden @ weights["w2"] + weights["b2"]


rng = np.random.default_rng(0)
sizes = {"w1": (64, 32), "b1": 32, "w2": (32, 10), "b2": 10}
weights = {name: rng.normal(0, 0.2, size).astype("f4") for name, size in sizes.items()}
x = rng.random((1000, 64), "f4")
scores = network(weights, x)
folder = Path(tempfile.mkdtemp())

# %% weights
np.savez(folder / "weights.npz", **weights)  # a dictionary is all there is
with np.load(folder / "weights.npz") as saved:
    from_weights = network(dict(saved), x)

# %% stablehlo
anyhow_many = jax.ShapeDtypeStruct(export.symbolic_shape("images, 64"), "float32")
program = export.export(jax.jit(lambda x: network(weights, x)))(anyhow_many)
(folder / "network.hlo").write_bytes(program.serialize())
reloaded = export.deserialize(bytearray((folder / "network.hlo").read_bytes()))
from_program = reloaded.call(x)

# %% onnx
jax.config.update("jax_disable_most_optimizations", True)  # a faster export
model = to_onnx(lambda x: network(weights, x), [("images", 64)])
session = onnxruntime.InferenceSession(model.SerializeToString())
(from_onnx,) = session.run(None, {session.get_inputs()[0].name: x})

# %% same
copies = from_weights, from_program, from_onnx
gap = max(float(abs(np.asarray(copy) - scores).max()) for copy in copies)
assert gap < 1e-5
