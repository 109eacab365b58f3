"""The two forms of the GRU's reset gate are different functions of the same weights."""

import torch

from dlref.recurrent import GRU

torch.manual_seed(0)
H = 32
after, before = GRU(8, H), GRU(8, H, reset_after=False)
before.load_state_dict(after.state_dict())  # every shape fits
x = torch.randn(50, 16, 8)


def gap():
    return (after(x)[0] - before(x)[0]).abs().max().item()


typical = after(x)[0].abs().mean().item()
differ = gap()
assert differ > typical / 3

for layer in (after, before):  # one reset gate for all units, and no bias inside it
    layer.weight_ih_l0.data[:H] = layer.weight_hh_l0.data[:H] = 0
    layer.bias_hh_l0.data[2 * H :] = 0
    layer.bias_ih_l0.data[:H] = layer.bias_hh_l0.data[:H] = 0.3
agree = gap()
assert agree < 1e-6
print(
    f"largest difference {differ:.3f}, of states about {typical:.3f}; now {agree:.0e}"
)
