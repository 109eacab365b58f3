"""A forget gate's bias sets the half-life of the cell."""

import math

import torch

from dlref.recurrent import lstm_cell

none = torch.zeros(4, 1).double()
for bias in (0.0, 1.0, 2.0, 5.0):
    gates = torch.tensor([-50.0, bias, 0.0, 0.0]).double()  # nothing comes in
    state = torch.zeros(1, 1).double(), torch.ones(1, 1).double()
    steps = 0
    while state[1] > 0.5:
        state = lstm_cell(
            torch.zeros(1, 1).double(), state, none, none, gates, 0 * gates
        )
        steps += 1
    keep = 1 / (1 + math.exp(-bias))
    half_life = math.log(0.5) / math.log(keep)
    print(f"bias {bias:.0f}: keeps {keep:.3f} a step, half-life {half_life:5.1f} steps")
    assert half_life <= steps < half_life + 1

for_100 = -math.log(2 ** (1 / 100) - 1)  # keep = 2 ** (-1 / 100)
assert math.isclose(1 / (1 + math.exp(-for_100)), 2 ** (-1 / 100))
