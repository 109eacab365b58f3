"""Softmax makes shares of scores; a number added to every score changes nothing."""

# %% definition
import torch

scores = torch.tensor([1.0, 2.0, 3.0])
weights = scores.exp()
shares = weights / weights.sum()
print(shares)

assert shares.sum().isclose(torch.tensor(1.0))
assert (shares[2] / shares[1]).isclose((scores[2] - scores[1]).exp())

# %% shift
from dlref.activations import softmax
from dlref.plots import curves

added = torch.arange(-130, 131)
moved = scores + added[:, None]  # (261, 3): the same differences in every row
stable = softmax(moved)
naive = moved.exp() / moved.exp().sum(-1, keepdim=True)

assert torch.allclose(stable, shares.expand_as(stable))
broken = naive.isnan().any(-1)
overflow = int(added[broken & (added > 0)].min())
underflow = int(added[broken & (added < 0)].max())
just_before = naive[added == underflow + 1, 2]
share_of_largest = shares[2]

lines = {"maximum subtracted first": stable[:, 2], "as the formula says": naive[:, 2]}
label = "number added to all three scores"
figure = curves(added, lines, xlabel=label, ylabel="share of the largest score")
figure.axes[0].set_ylim(0, 1.05)
