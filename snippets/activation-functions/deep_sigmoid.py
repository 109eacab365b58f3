"""Ten sigmoid layers lose the gradient, though hardly one unit is saturated."""

# /// script
# [tool.dlref]
# tolerance = 0.05
# ///

# %% network
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

from dlref.activations import sigmoid
from dlref.plots import layer_histograms

images, labels = map(torch.tensor, load_digits(return_X_y=True))
h = (images.float() - images.mean()) / images.std()
torch.manual_seed(0)
outputs = {}
for layer in range(1, 11):
    weights = torch.randn(64, 64) / 8  # deviation 1 over the root of the 64 inputs
    h = sigmoid(h @ weights.requires_grad_())
    h.retain_grad()
    outputs[f"layer {layer}"] = h
loss = cross_entropy(h @ torch.randn(64, 10) / 8, labels)
loss.backward()

# %% outputs
first, *_, last = outputs.values()
saturated = [((h < 0.01) | (h > 0.99)).float().mean() for h in outputs.values()]
most_saturated = max(saturated)
first_spread, last_spread = (h.std(0).mean() for h in (first, last))  # over images
assert most_saturated < 0.01
assert last_spread < first_spread / 1000  # layer 10 hardly sees which digit it is
layer_histograms({k: h.detach().flatten() for k, h in outputs.items()}, xlabel="output")

# %% gradients
lost = first.grad.norm() / last.grad.norm()
assert lost < 1e-5
sizes = {k: h.grad.flatten().abs().log10() for k, h in outputs.items()}
layer_histograms(sizes, xlabel="size of the gradient, powers of ten")
