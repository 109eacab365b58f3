"""Saved weights need the class again; an ONNX file runs where there is no PyTorch."""

# /// script
# dependencies = [
#   "onnxruntime==1.32.0",
#   "onnxscript==0.7.2",
#   "scikit-learn==1.9.1",
#   "torch==2.13.0",
# ]
# ///

import logging
import warnings

import numpy as np
import onnxruntime
import torch
from sklearn.datasets import load_digits
from torch import nn

images = torch.from_numpy(load_digits().data / 16).float()


def network():
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)).eval()


torch.manual_seed(0)
model = network()
scores = model(images).detach().numpy()

# %% save
torch.save(model.state_dict(), "weights.pt")  # numbers by name, no code
again = network()  # the class must be here, with the same shapes
again.load_state_dict(torch.load("weights.pt", weights_only=True))

# %% export
logging.getLogger("torch.onnx").setLevel("ERROR")  # it would miss torchvision
warnings.filterwarnings("ignore", category=FutureWarning)  # the exporter's own code
batch = {"input": {0: torch.export.Dim("batch")}}  # as many images as one likes
options = {"external_data": False, "verbose": False}  # one file, no report
torch.onnx.export(model, (images[:2],), "network.onnx", dynamic_shapes=batch, **options)

# %% elsewhere
session = onnxruntime.InferenceSession("network.onnx")
(elsewhere,) = session.run(None, {session.get_inputs()[0].name: images.numpy()})
reloaded = again(images).detach().numpy()
gap = max(float(np.abs(other - scores).max()) for other in (reloaded, elsewhere))
assert (reloaded == scores).all()
assert gap < 1e-5
