"""A gate needs the sigmoid: a memory that it controls stays within what it has seen."""

import torch

from dlref.activations import relu, sigmoid
from dlref.plots import curves

torch.manual_seed(0)
steps = 50
inputs = torch.randn(steps)
scores = 2 + 0.5 * torch.randn(steps)  # how much to keep, as a network would say it


def run(activation):
    memory, history = torch.tensor(0.0), []
    for score, value in zip(scores, inputs, strict=True):
        keep = activation(score)
        memory = keep * memory + (1 - keep) * value
        history.append(memory.abs())
    return torch.stack(history)


with_sigmoid, with_relu = run(sigmoid), run(relu)
largest_input = inputs.abs().max()
assert (with_sigmoid <= largest_input).all()  # a mean of what came before
assert with_relu[-1] > 1000 * largest_input
at_the_end = with_relu[-1]
lines = {"gate by ReLU": with_relu, "gate by sigmoid": with_sigmoid}
figure = curves(range(steps), lines, xlabel="step", ylabel="size of memory", log_y=True)
