"""PyTorch's LSTM has two biases, its gates i f g o; its GRU resets late."""

from itertools import permutations

import torch
from torch import nn, sigmoid, tanh

torch.manual_seed(0)
x = torch.zeros(1, 1, 1)  # one step, one sequence, one number: only the state acts

# %% lstm
h, c = torch.randn(2, 1, 1, 3)
lstm = nn.LSTM(1, 3)
biases = sum(name.startswith("bias") for name, _ in lstm.named_parameters())
nn.init.zeros_(lstm.bias_ih_l0)
nn.init.zeros_(lstm.bias_hh_l0)
came = lstm(x, (h, c))[0]
gaps = {}
for order in permutations("ifgo"):  # which quarter of the weights is which gate?
    gate = dict(zip(order, (h @ lstm.weight_hh_l0.T).chunk(4, -1), strict=True))
    cell = sigmoid(gate["f"]) * c + sigmoid(gate["i"]) * tanh(gate["g"])
    gaps[" ".join(order)] = (sigmoid(gate["o"]) * tanh(cell) - came).abs().max()
gate_order, second = sorted(gaps, key=gaps.get)[:2]
assert gaps[gate_order] < 1e-6
assert gaps[second] > 1e-3

# %% gru
gru_biases = sum(name.startswith("bias") for name, _ in nn.GRU(1, 3).named_parameters())
gru = nn.GRU(1, 3, bias=False)
came, w = gru(x, h)[0], gru.weight_hh_l0.chunk(3)
gaps = {}
for order in permutations(range(3)):
    r, z = (sigmoid(h @ w[i].T) for i in order[:2])
    after, before = r * (h @ w[order[2]].T), (r * h) @ w[order[2]].T
    for form, new in ("after the product", after), ("before the product", before):
        names = " ".join("rzn"[order.index(i)] for i in range(3))
        gaps[form, names] = ((1 - z) * tanh(new) + z * h - came).abs().max()
best, second = sorted(gaps, key=gaps.get)[:2]
gru_reset, gru_order = best
assert gaps[best] < 1e-6
assert gaps[second] > 1e-3
