"""On small centred digits a CNN beats a dense network, not nearest neighbour."""

# %% comparison
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from torch.nn.functional import cross_entropy

from dlref.data import digits
from dlref.plots import bars, image_grid
from dlref.training import fit

wrong, (train, _, test) = {}, digits()
flat, held_out = train.inputs.flatten(1), test.inputs.flatten(1)
plain = ("logistic", LogisticRegression()), ("neighbour", KNeighborsClassifier(1))
for name, model in plain:
    right = model.fit(flat, train.targets).score(held_out, test.targets)
    wrong[name] = [100 - 100 * right]
for seed in range(3):
    torch.manual_seed(seed)
    dense = Sequential(Flatten(), Linear(64, 128), ReLU(), Linear(128, 10))
    first = Conv2d(1, 16, 3, padding=1), ReLU(), MaxPool2d(2)
    second = Conv2d(16, 64, 3, padding=1), ReLU(), MaxPool2d(2)
    cnn = Sequential(*first, *second, Flatten(), Linear(256, 10))
    for name, model in ("dense", dense), ("CNN", cnn):
        adam = torch.optim.Adam(model.parameters(), lr=0.01)
        fit(model, train, loss=cross_entropy, optimizer=adam, epochs=10, batch_size=64)
        right = (model(test.inputs).argmax(1) == test.targets).float().mean().item()
        wrong.setdefault(name, []).append(100 - 100 * right)
commonest = 100 * (1 - test.targets.bincount().max() / len(test.targets))
logistic, nearest, dense, convolved = (sum(w) / len(w) for w in wrong.values())
assert nearest - 1 < convolved < dense < commonest
bars(wrong, ylabel="test digits wrong, %")

# %% mistakes
read_as = cnn(test.inputs).argmax(1)
missed = (read_as != test.targets).nonzero()[:, 0]
titles = [f"{test.targets[n]}, read as {read_as[n]}" for n in missed]
image_grid(test.inputs[missed], titles, columns=6)
