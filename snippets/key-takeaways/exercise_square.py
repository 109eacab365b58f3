"""Attention's own share of a block grows with the text, to a half at six times D."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from dlref.attention import TransformerBlock
from dlref.plots import curves

D = 32
block, share = TransformerBlock(D, heads=4), []
lengths = torch.tensor([12, 24, 48, 96, 192, 384, 768])
for T in lengths.tolist():
    with FlopCounterMode(display=False) as counter:
        block(torch.zeros(1, T, D))
    total = counter.get_total_flops() // 2
    between_places = 2 * T**2 * D  # queries with keys, weights with values
    assert total == 12 * D**2 * T + between_places
    share.append(100 * between_places / total)
half = 6 * D
assert share[lengths.tolist().index(half)] == 50
curves(
    lengths,
    {"share of attention": share},
    xlabel="places T, for D = 32",
    ylabel="share of multiply-adds, %",
    log_x=True,
)
