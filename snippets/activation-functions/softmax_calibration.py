"""An overfit softmax claims more than it delivers; one temperature mends most of it."""

# /// script
# [tool.dlref]
# tolerance = 0.05
# ///

import torch
from sklearn.datasets import load_digits
from torch.nn import Linear, ReLU, Sequential, functional

from dlref.activations import softmax
from dlref.plots import reliability_diagram


def calibration_error(confidence, correct, bins=10):
    which = (confidence * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins).index_add(0, which, confidence - correct)
    return gaps.abs().sum() / len(correct)  # each bin's gap, weighted by its count


images, labels = map(torch.tensor, load_digits(return_X_y=True))
images, temperatures, runs = images.float() / 16, torch.linspace(1, 8, 71), []
for seed in range(5):
    torch.manual_seed(seed)
    train, held, test = torch.randperm(1797).split([200, 500, 1097])
    net = Sequential(Linear(64, 256), ReLU(), Linear(256, 256), ReLU(), Linear(256, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        functional.cross_entropy(net(images[train]), labels[train]).backward()
        optimizer.step()
    logits = net(images).detach()
    assert (logits[train].argmax(1) == labels[train]).all()  # overfit: no error left
    cooled = logits[held] / temperatures[:, None, None]  # (71, 500, 10)
    losses = [functional.cross_entropy(scores, labels[held]) for scores in cooled]
    fitted = temperatures[torch.stack(losses).argmin()]
    sure, guess = softmax(torch.stack([logits[test], logits[test] / fitted])).max(-1)
    runs.append(torch.stack([sure, (guess == labels[test]).float()], dim=1))
errors = torch.tensor([[calibration_error(*pair) for pair in run] for run in runs])
assert (errors[:, 1] < errors[:, 0]).all()  # the cure helps in each of the five runs
before, after = errors.mean(0)
raw, cured = torch.cat(runs, dim=-1)
claimed, correct = raw.mean(-1)
figure = reliability_diagram({"as trained": raw, "with temperature": cured})
