"""A network is no better than a line on few digits, and pulls ahead on a thousand."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from dlref.data import digits

(x, y), *rest = ((part.inputs.flatten(1), part.targets) for part in digits())
x_new, y_new = map(np.concatenate, zip(*rest, strict=True))
orders = [np.random.default_rng(seed).permutation(len(y)) for seed in range(5)]
options = {"learning_rate_init": 0.02, "tol": 1e-3, "max_iter": 1000, "random_state": 0}
models = {
    "linear": LogisticRegression(max_iter=1000),
    "one hidden layer": MLPClassifier(128, **options),
    "nearest neighbour": KNeighborsClassifier(1),
}
sizes, curves = [20, 50, 100, 200, 400, 800, 1197], []
for (name, model), look in zip(models.items(), ["o-", "s--", "^-."], strict=True):
    wrong = np.empty((len(sizes), 5))
    for place in np.ndindex(wrong.shape):
        own = orders[place[1]][: sizes[place[0]]]
        wrong[place] = 100 - 100 * model.fit(x[own], y[own]).score(x_new, y_new)
    curves.append(wrong.mean(1))
    plt.errorbar(sizes, wrong.mean(1), wrong.std(1), fmt=look, capsize=3, label=name)
line_few, hidden_few, memory_few = (curve[2] for curve in curves)  # from a hundred
line_all, hidden_all, memory_all = (curve[-1] for curve in curves)
assert abs(line_few - hidden_few) < 2
assert memory_all < hidden_all < line_all - 0.4
plt.loglog()
plt.legend()
plt.xticks(sizes, sizes)
plt.yticks(ticks := [1, 3, 10, 30], ticks)
plt.gca().set(xlabel="training digits", ylabel="misread, %")
