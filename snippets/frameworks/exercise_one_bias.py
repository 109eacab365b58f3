"""Two biases that are added compute what their sum does, and move twice as far."""

import torch

torch.manual_seed(0)
x = torch.randn(6, 4, 3)
two, one = torch.nn.LSTM(3, 5), torch.nn.LSTM(3, 5)  # torch's has two, Keras' has one
one.load_state_dict(two.state_dict())
with torch.no_grad():
    one.bias_ih_l0 += one.bias_hh_l0
    one.bias_hh_l0.zero_()
one.bias_hh_l0.requires_grad = False

# %% same
gap = (two(x)[0] - one(x)[0]).abs().max().item()
assert gap < 1e-6


# %% step
def moved(layer):  # by one step: the sum of the biases
    before = layer.bias_ih_l0.detach() + layer.bias_hh_l0.detach()
    layer(x)[0].square().sum().backward()
    torch.optim.SGD([p for p in layer.parameters() if p.requires_grad], lr=0.01).step()
    return layer.bias_ih_l0.detach() + layer.bias_hh_l0.detach() - before


ratio = (moved(two).norm() / moved(one).norm()).item()
assert abs(ratio - 2) < 1e-3
