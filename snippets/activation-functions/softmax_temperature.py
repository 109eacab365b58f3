"""A temperature makes shares even or all-or-nothing, and never changes their order."""

import torch

from dlref.activations import softmax
from dlref.plots import curves

scores = torch.tensor([3.0, 2.0, 0.0, -1.0])
temperature = torch.logspace(-1.5, 2, 200)
shares = softmax(scores / temperature[:, None])

assert (shares.diff(dim=-1) <= 0).all()  # the scores' order, at every temperature
assert shares[0, 0] > 0.999  # cold: the largest takes all
assert shares[-1].allclose(torch.tensor(0.25), atol=0.01)  # hot: all the same
at_one = softmax(scores)[0]

lines = {f"score {score:g}": shares[:, k] for k, score in enumerate(scores)}
figure = curves(temperature, lines, xlabel="temperature", ylabel="share", log_x=True)
