"""Along the cell the gradient is the product of forget gates; other paths add to it."""

import torch

from dlref.plots import curves
from dlref.recurrent import LSTM, lstm_cell

T, H = 60, 32
torch.manual_seed(0)
layer = LSTM(8, H).double()
layer.bias_ih_l0.data[H : 2 * H] += 2  # forget gates start near 0.88
inputs = torch.randn(T, 1, 8, dtype=torch.float64)
w_ih, w_hh, b_ih, b_hh = layer.parameters()


def gradients(cut):
    """Return the gradient of the last cell for every cell, and the forget gates."""
    h, c = torch.zeros(2, 1, H, dtype=torch.float64).requires_grad_()
    cells, gates = [], []
    for x in inputs:
        h = h.detach() if cut else h  # the way through the gates is closed
        gates.append((x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)[0, H : 2 * H].sigmoid())
        h, c = lstm_cell(x, (h, c), w_ih, w_hh, b_ih, b_hh)
        cells.append(c)
    found = torch.autograd.grad(c.sum(), cells)
    return torch.stack(found)[:, 0].flip(0), torch.stack(gates).detach().flip(0)


direct, gates = gradients(cut=True)
everything, _ = gradients(cut=False)
product = torch.cat([torch.ones(1, H).double(), gates.cumprod(0)[:-1]])
assert torch.allclose(direct, product, rtol=1e-12)
surplus = (everything.norm(dim=1) / direct.norm(dim=1))[-1].item()
assert not 0.9 < surplus < 1.1
names = {"along the cell": direct, "all paths": everything}
series = {name: sizes.norm(dim=1) for name, sizes in names.items()}
figure = curves(range(T), series, xlabel="distance", ylabel="gradient", log_y=True)
