"""Ten ReLU layers learn the digits; ten sigmoid layers stay near guessing."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# ///

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

from dlref.activations import relu, sigmoid
from dlref.plots import training_curves

images, labels = map(torch.tensor, load_digits(return_X_y=True))
torch.manual_seed(0)
train, test = torch.randperm(1797).split([1000, 797])


def accuracies(activation, variance):
    sizes = [*[(3, 64, 64)] * 10, (3, 64, 10)]  # three networks at once
    weights = [torch.randn(size) * (variance / 64) ** 0.5 for size in sizes]
    optimizer = torch.optim.Adam([w.requires_grad_() for w in weights], lr=0.003)
    history = []
    for _ in range(9):
        for batch in test, *train[torch.randperm(1000)].split(100):
            h = (images[batch].float() - 5) / 6  # mean about 0, deviation about 1
            for matrix in weights[:-1]:
                h = activation(h @ matrix)
            scores, answers = h @ weights[-1], labels[batch].expand(3, -1)
            if batch is test:  # measured before each epoch, never trained on
                history.append((scores.argmax(-1) == answers).float().mean(1))
                continue
            optimizer.zero_grad()
            cross_entropy(scores.flatten(0, 1), answers.flatten()).backward()
            optimizer.step()
    return torch.stack(history, dim=1)


series = {"ReLU": accuracies(relu, 2), "sigmoid": accuracies(sigmoid, 1)}
worst_relu, best_sigmoid = series["ReLU"][:, -1].min(), series["sigmoid"][:, -1].max()
majority = labels[test].bincount().max() / 797  # always the commonest digit
assert best_sigmoid < 0.25
assert worst_relu > 0.9
figure = training_curves(series, xlabel="epoch", ylabel="accuracy on the test set")
