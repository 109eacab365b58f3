"""A model's price can be counted before it is paid, in multiply-adds."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from dlref.networks import GPT, MLP, CharLSTM

T, D, H, V = 12, 32, 64, 27
text, digit = torch.zeros(1, T, dtype=torch.int64), torch.zeros(1, 64)
models = {
    "MLP, one digit": (MLP([64, 64, 10]), digit, 64 * 64 + 64 * 10),
    "LSTM, one name": (CharLSTM(V, 16, H), text, T * (4 * H * (16 + H) + H * V)),
    "GPT, one name": (
        GPT(V, context=T, features=D, heads=4, blocks=2),
        text,
        2 * (12 * D * D * T + 2 * T * T * D) + T * D * V,
    ),
}
for name, (model, x, by_hand) in models.items():
    with FlopCounterMode(display=False) as forward:
        y = model(x)
    with FlopCounterMode(display=False) as backward:
        y.sum().backward()
    counts = [mode.get_total_flops() // 2 for mode in (forward, backward)]
    print(f"{name:15}{counts[0]:8,} forwards, {counts[1]:8,} back")
    assert counts[0] == by_hand
    assert counts[0] < counts[1] <= 2 * counts[0]

name_forwards, name_back = counts
ours = 4000 * 7 * (name_forwards + name_back)  # seven times through the names
gpt3 = 3.14e23 / 2  # its paper counts multiplications and additions apart
ratio = gpt3 / ours
assert 1e12 < ratio < 1e13
