"""On these digits leaky ReLU, GELU and SiLU do not beat ReLU, and the old tanh does."""

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

from dlref.activations import elu, gelu, leaky_relu, relu, silu, tanh
from dlref.plots import bars

images, labels = map(torch.tensor, load_digits(return_X_y=True))
torch.manual_seed(0)
fit, held, test = torch.rand(10, 1797).argsort().split([200, 300, 1297], dim=1)
init = [torch.randn(10, *s) * (2 / s[0]) ** 0.5 for s in ((64, 32), (32, 32), (32, 10))]


def test_errors(activation):
    def scores(split):
        h = activation(images[split].float() / 16 @ weights[0])
        return activation(h @ weights[1]) @ weights[2]

    runs = []
    for rate in (0.1, 0.3):  # times ten: the loss is the mean over ten networks
        weights = [w.clone().requires_grad_() for w in init]
        optimizer = torch.optim.SGD(weights, lr=10 * rate, momentum=0.9)
        for _ in range(60):
            optimizer.zero_grad()
            cross_entropy(scores(fit).flatten(0, 1), labels[fit].flatten()).backward()
            optimizer.step()
        wrong = [(scores(s).argmax(-1) != labels[s]).float() for s in (held, test)]
        runs.append([100 * w.mean(-1) for w in wrong])
    return min(runs, key=lambda run: run[0].mean())[1]  # the better rate on held


relu_errors, against = test_errors(relu), {}
for f in (leaky_relu, gelu, silu, elu, tanh):
    against[f.__name__.replace("_", "\n")] = d = test_errors(f) - relu_errors
    half = 2.26 * d.std() / 10**0.5  # of the 95 % interval for the mean of ten
    print(f"{f.__name__:>10}: {d.mean():+.2f} ± {half:.2f} points")
    assert f is elu or (d.mean() + half < 0) == (f is tanh)  # ELU: too close to call
figure = bars(against, ylabel="test error against ReLU, points")
