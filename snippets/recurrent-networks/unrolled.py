"""A recurrent network feeds its hidden state to the next step, and not its output."""

import math

import torch

from dlref.plots import unrolled

w_ih, w_hh, b_ih, b_hh = 0.8, 0.6, 0.1, 0.0
inputs = [1.0, 0.0, 0.0, -1.0]


# %% by_hand
def run(feed):
    states, outputs = [0.0], []
    before = 0.0
    for x in inputs:
        h = math.tanh(w_ih * x + b_ih + w_hh * before + b_hh)
        y = 1 - 2 * h
        before = {"state": h, "output": y}[feed]
        states.append(h)
        outputs.append(y)
    return states, outputs


# %% against_torch
network = torch.nn.RNN(1, 1)
weights = torch.tensor([w_ih, w_hh, b_ih, b_hh])
torch.nn.utils.vector_to_parameters(weights, network.parameters())
states, outputs = run("state")
their_states, last = network(torch.tensor(inputs)[:, None])
gap = (their_states[:, 0] - torch.tensor(states[1:])).abs().max()
assert gap < 1e-6
assert last.item() == their_states[-1].item()  # what torch hands on is the state
wrong = run("output")[0]
apart = max(abs(a - b) for a, b in zip(states, wrong, strict=True))
assert apart > 0.1
figure = unrolled(inputs, states, outputs)
