"""A GRU has three quarters of an LSTM's parameters, and need not be the faster one."""

# /// script
# [tool.dlref]
# measured = "^(large|small)"
# ///

import statistics
import time

import torch
from torch import nn


# %% parameters
def count(network):
    return sum(p.numel() for p in network.parameters())


D, H = 16, 32
plain, gru, lstm = (count(kind(D, H)) for kind in (nn.RNN, nn.GRU, nn.LSTM))
assert (plain, gru, lstm) == tuple(g * (H * D + H * H + 2 * H) for g in (1, 3, 4))
one_bias = 4 * (H * D + H * H + H)  # the formula of textbooks and of Keras
print(f"plain {plain}, GRU {gru}, LSTM {lstm}; LSTM with one bias {one_bias}")


# %% speed
def seconds(network, x):
    times = []
    for _ in range(9):
        start = time.process_time()
        network(x)[0].sum().backward()
        times.append(time.process_time() - start)
    return statistics.median(times)


def gru_over_lstm(D, H):
    x = torch.randn(30, 32, D)
    return seconds(nn.GRU(D, H), x) / seconds(nn.LSTM(D, H), x)


small, large = gru_over_lstm(16, 32), gru_over_lstm(128, 256)
assert small > 0.75  # which would be in proportion
