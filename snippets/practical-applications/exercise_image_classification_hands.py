"""Groups of the same size, drawn at random, hide what new hands cost."""

import re

import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

x, y = load_digits(return_X_y=True)
x, order = x / 16, "".join(map(str, y))
starts = [form.start() for form in re.finditer("(?:0?123456[789]*)+09556", order)]
sheet = torch.bucketize(torch.arange(len(y)), torch.tensor(starts), right=True) - 1
pairs = (sheet // 2).numpy()
drawn = pairs[torch.randperm(len(y), generator=torch.Generator().manual_seed(0))]


def misread(model, group):
    wrong = 0
    for fold in range(7):
        tested = group == fold
        known = ~tested & (group != (fold + 1) % 7)
        answers = model.fit(x[known], y[known]).predict(x[tested])
        wrong += (answers != y[tested]).sum()
    return 100 * wrong / len(y)


memory, linear = KNeighborsClassifier(1), LogisticRegression(max_iter=1000)
memory_mixed, memory_apart = misread(memory, drawn), misread(memory, pairs)
linear_mixed, linear_apart = misread(linear, drawn), misread(linear, pairs)
print(f"memory: {memory_mixed:.1f} % misread, by sheet {memory_apart:.1f} %")
print(f"linear: {linear_mixed:.1f} % misread, by sheet {linear_apart:.1f} %")
assert 1.5 * memory_mixed < memory_apart
assert 1.5 * linear_mixed < linear_apart
