"""Large steps or a bad start push ReLU units below zero for every image, for good."""

import torch
from sklearn.datasets import load_digits

from dlref.activations import relu
from dlref.plots import curves

images, digits = (torch.tensor(array) for array in load_digits(return_X_y=True))
images = images.float() / 8 - 1


def train(rate, start=0.0):
    """Return the dead units in % before each step, and the accuracy in % after them."""
    torch.manual_seed(0)
    first, second = torch.nn.Linear(64, 100), torch.nn.Linear(100, 10)
    torch.nn.init.constant_(first.bias, start)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=rate)
    dead = []
    for _ in range(150):
        dead.append((first(images) <= 0).all(dim=0).sum().item())  # of 100 units
        batch = torch.randint(len(digits), (64,))
        scores = second(relu(first(images[batch])))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(scores, digits[batch]).backward()
        optimizer.step()
    right = second(relu(first(images))).argmax(dim=1) == digits
    return dead, 100 * right.float().mean().item()


runs = [train(0.5), train(1.0), train(2.0), train(0.5, start=-3.0)]
dead, (right_calm, right_fast, right_wild, right_start) = zip(*runs, strict=True)
dead_calm, dead_fast, dead_wild, dead_start = (counts[-1] for counts in dead)
names = ["rate 0.5", "rate 1", "rate 2", "rate 0.5, biases −3"]
series = dict(zip(names, dead, strict=True))
axes = curves(range(150), series, xlabel="step", ylabel="dead units, %").axes[0]
axes.legend(loc=(0.5, 0.5))
assert dead_calm < dead_fast < dead_wild < dead_start == 100
assert min(right_calm, right_fast) > 95
assert max(right_wild, right_start) < 20
