"""An LSTM's gradient explodes too once its recurrent weights are large."""

import torch

from dlref.plots import curves
from dlref.recurrent import LSTM

T, B, D, H = 101, 16, 8, 64
series = {}
for factor in (8, 4, 2, 1):
    torch.manual_seed(0)
    layer = LSTM(D, H).double()
    layer.bias_ih_l0.data[H : 2 * H] += 2
    layer.weight_hh_l0.data *= factor
    x = torch.randn(T, B, D, dtype=torch.float64, requires_grad=True)
    last = layer(x)[0][-1]
    (gradient,) = torch.autograd.grad((last * torch.randn_like(last)).sum(), x)
    sizes = gradient.norm(dim=(1, 2)).flip(0)
    series[f"weights × {factor}"] = sizes / sizes[0]

usual, exploded = series["weights × 1"][-1].item(), series["weights × 8"][-1].item()
assert usual < 1
assert exploded > 1000
figure = curves(range(T), series, xlabel="distance", ylabel="gradient", log_y=True)
