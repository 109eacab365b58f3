"""With digits anywhere in the image, the network that looks everywhere wins."""

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from torch.nn.functional import cross_entropy

from dlref.data import digits
from dlref.metrics import accuracy
from dlref.plots import bars
from dlref.training import fit


def anywhere(part):  # 8 × 8 pixels somewhere in 12 × 12
    canvas = torch.zeros(len(part.inputs), 1, 12, 12)
    for n, (i, j) in enumerate(torch.randint(5, (len(canvas), 2)).tolist()):
        canvas[n, :, i : i + 8, j : j + 8] = part.inputs[n]
    return part._replace(inputs=canvas)


right = {"logistic": [], "dense": [], "neighbour": [], "CNN": []}
for seed in range(3):
    torch.manual_seed(seed)
    train, _, test = map(anywhere, digits())
    flat, held_out = train.inputs.flatten(1), test.inputs.flatten(1)
    plain = ("logistic", LogisticRegression()), ("neighbour", KNeighborsClassifier(1))
    for name, model in plain:
        score = model.fit(flat, train.targets).score(held_out, test.targets)
        right[name].append(100 * score)
    looks = [Conv2d(1, 16, 3), ReLU(), MaxPool2d(2), Conv2d(16, 32, 3), ReLU()]
    cnn = Sequential(*looks, MaxPool2d(3), Flatten(), Linear(32, 10))
    dense = Sequential(Flatten(), Linear(144, 128), ReLU(), Linear(128, 10))
    for name, model in ("dense", dense), ("CNN", cnn):
        adam = torch.optim.Adam(model.parameters(), lr=0.01)
        fit(model, train, loss=cross_entropy, optimizer=adam, epochs=12, batch_size=64)
        right[name].append(100 * accuracy(model(test.inputs), test.targets))
bars(right, ylabel="test digits right, %")
dense_right, cnn_right = (sum(right[name]) / 300 for name in ("dense", "CNN"))
assert min(right["CNN"]) > max(right["neighbour"] + right["dense"])
