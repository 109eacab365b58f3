"""With equally many weights, depth wins on spirals and loses on digits."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

from itertools import pairwise

import torch
from torch.nn.functional import cross_entropy, pad

from dlref.data import digits, spirals
from dlref.plots import training_curves

parts = *digits()[::2], *(spirals(400, turns=2, noise=0.02, seed=k) for k in (0, 1))
parts = [(pad(x.flatten(1), (0, 1), value=1.0), y) for x, y in parts]  # 1 for biases


def scores(h, weights):
    for k, w in enumerate(weights):
        h = (h.relu() if k else h) @ w
    return h


def errors(train, new, *sizes):
    """Return the % of errors on new examples, for five networks trained together."""
    torch.manual_seed(0)
    weights = [torch.randn(5, m, n) * (2 / m) ** 0.5 for m, n in pairwise(sizes)]
    assert 1140 <= sum(w[0].numel() for w in weights) <= 1200
    adam = torch.optim.Adam([w.requires_grad_() for w in weights], lr=0.01)
    for batch in torch.randint(len(train[1]), (250, 5, 100)):
        adam.zero_grad()
        cross_entropy(scores(train[0][batch], weights).mT, train[1][batch]).backward()
        adam.step()
    return 100 * (scores(new[0], weights).argmax(-1) != new[1]).float().mean(-1)


read = [errors(*parts[:2], 65, *[w] * d, 10) for d, w in enumerate((16, 13, 12, 11), 1)]
wind = [errors(*parts[2:], 3, *[w] * d, 2) for d, w in enumerate((240, 32, 23, 19), 1)]
series = {"digits": torch.stack(read, dim=1), "spirals": torch.stack(wind, dim=1)}
figure = training_curves(series, xlabel="hidden layers", ylabel="misread, %")
figure.axes[0].set_xticks(range(4), range(1, 5))
read_wide, read_deep, wind_wide, wind_deep = (r.median() for r in read[::3] + wind[::3])
assert max(read_wide / read_deep, wind_deep / wind_wide) < 0.7
