"""Readable layers cost time, but none is twenty times slower than torch's own."""

# /// script
# [tool.dlref]
# measured = "times as long|^slower"
# ///

import statistics
import time

import torch
from torch import nn

from dlref import attention, convolution, layers, recurrent

flat, image = torch.randn(128, 256), torch.randn(16, 16, 28, 28)
tokens, text = torch.randint(1000, (32, 32)), torch.randn(32, 32, 64)
block = nn.TransformerEncoderLayer(64, 4, 256, 0, "gelu", batch_first=True)
cases = [
    (layers.Linear(256, 256), nn.Linear(256, 256), flat),
    (layers.Dropout(), nn.Dropout(), flat),
    (layers.Embedding(1000, 64), nn.Embedding(1000, 64), tokens),
    (layers.LayerNorm(64), nn.LayerNorm(64), text),
    (layers.BatchNorm(16), nn.BatchNorm2d(16), image),
    (convolution.Conv2d(16, 16, 3), nn.Conv2d(16, 16, 3), image),
    (convolution.MaxPool2d(2), nn.MaxPool2d(2), image),
    (recurrent.RNN(64, 64), nn.RNN(64, 64), text),
    (recurrent.GRU(64, 64), nn.GRU(64, 64), text),
    (recurrent.LSTM(64, 64), nn.LSTM(64, 64), text),
    (attention.TransformerBlock(64, 4), block, text),
]


def seconds(layer, x):
    start = time.process_time()
    y = layer(x.clone().requires_grad_(x.is_floating_point()))  # a state comes second
    (y[0] if isinstance(y, tuple) else y).sum().backward()
    return time.process_time() - start


for ours, theirs, x in cases:
    ratios = [seconds(ours, x) / seconds(theirs, x) for _ in range(15)]
    slower = statistics.median(ratios[3:])  # the first runs warm up
    print(f"{type(ours).__name__:17}{slower:4.1f} times as long")
    assert slower < 20
