"""Ten ReLU layers with He's weights pass the signal on and the gradient back."""

# /// script
# [tool.dlref]
# tolerance = 0.1
# ///

# %% network
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

from dlref.activations import relu
from dlref.plots import layer_histograms

images, labels = map(torch.tensor, load_digits(return_X_y=True))
h = (images.float() - images.mean()) / images.std()
torch.manual_seed(0)
outputs = {}
for layer in range(1, 11):
    weights = torch.randn(64, 64) * (2 / 64) ** 0.5  # twice the variance: He et al.
    h = relu(h @ weights.requires_grad_())
    h.retain_grad()
    outputs[f"layer {layer}"] = h
loss = cross_entropy(h @ torch.randn(64, 10) / 8, labels)
loss.backward()

# %% outputs
first, *_, last = outputs.values()
at_zero = [(h == 0).float().mean() for h in outputs.values()]
fewest_at_zero, most_at_zero = min(at_zero), max(at_zero)
first_spread, last_spread = (h.std(0).mean() for h in (first, last))  # over images
assert last_spread > first_spread / 10
positive = {k: h[h > 0].detach() for k, h in outputs.items()}
layer_histograms(positive, xlabel="output, where it is not zero")

# %% gradients
kept = first.grad.norm() / last.grad.norm()
assert 0.1 < kept < 10
sizes = {k: h.grad[h.grad != 0].abs().log10() for k, h in outputs.items()}
layer_histograms(sizes, xlabel="size of the gradient, powers of ten")
