"""A new LSTM or GRU forgets as fast as a plain network, unless a gate starts open."""

import torch

from dlref.plots import curves
from dlref.recurrent import GRU, LSTM, RNN

T, B, D, H = 101, 16, 8, 64


def gradient_by_distance(kind, open_gate=0.0):
    """Return the last state's gradient for each input, relative to the last input's."""
    runs = []
    for seed in range(3):
        torch.manual_seed(seed)
        layer = kind(D, H)
        # Rows H to 2H: the LSTM's forget gate, and the GRU's update gate.
        layer.bias_ih_l0.data[H : 2 * H] += open_gate
        x = torch.randn(T, B, D, requires_grad=True)
        last = layer(x)[0][-1]
        (gradient,) = torch.autograd.grad((last * torch.randn(B, H)).sum(), x)
        sizes = gradient.norm(dim=(1, 2)).flip(0)
        runs.append(sizes / sizes[0])
    return torch.stack(runs).median(0).values


series = {
    "plain": gradient_by_distance(RNN),
    "LSTM": gradient_by_distance(LSTM),
    "GRU": gradient_by_distance(GRU),
    "GRU, update gate +2": gradient_by_distance(GRU, open_gate=2.0),
    "LSTM, forget gate +2": gradient_by_distance(LSTM, open_gate=2.0),
}
plain, lstm, gru, gru_open, lstm_open = (sizes[50].item() for sizes in series.values())
assert max(plain, lstm, gru) < 1e-4
assert lstm_open > 1000 * lstm
assert gru_open > 100 * gru
figure = curves(range(T), series, xlabel="distance", ylabel="gradient", log_y=True)
