"""A layer in which every neuron sees all of the layer before is one matrix product."""

import torch

from dlref.data import digits
from dlref.networks import MLP
from dlref.plots import network_diagram

torch.manual_seed(0)
x = digits().train.inputs.flatten(1)[:5].double()  # (B, D): five digits of 64 pixels
layer = torch.nn.Linear(64, 32, dtype=torch.float64)  # 32 neurons

# %% three_times
one_by_one = torch.empty(5, 32, dtype=torch.float64)
for example in range(5):
    for neuron in range(32):
        total = layer.bias[neuron].item()
        for pixel in range(64):
            total += layer.weight[neuron, pixel].item() * x[example, pixel].item()
        one_by_one[example, neuron] = total

product = x @ layer.weight.T + layer.bias
gap = (one_by_one - product).abs().max().item()
assert gap < 1e-14
assert torch.allclose(product, layer(x), rtol=0, atol=1e-14)

# %% every_connection
slopes = torch.autograd.functional.jacobian(layer, x[0])  # (32, 64)
missing = (slopes == 0).sum().item()
assert missing == 0
assert torch.equal(slopes, layer.weight)
parameters = sum(p.numel() for p in layer.parameters())
assert parameters == 64 * 32 + 32

# %% drawn
small = MLP([4, 6, 5, 3])
figure = network_diagram([dense.weight.detach() for dense in small.layers])
lines = sum(dense.weight.numel() for dense in small.layers)
assert lines == 4 * 6 + 6 * 5 + 5 * 3
