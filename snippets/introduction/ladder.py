"""From guessing to convolutions each rung misreads fewer digits; memory the fewest."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import matplotlib.pyplot as plt
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn.functional import cross_entropy as loss

from dlref.data import digits
from dlref.networks import MLP
from dlref.training import fit

train, *rest = digits()
x, y = map(torch.cat, zip(*rest, strict=True))  # 600 digits, never trained on
own, new = train.inputs.flatten(1), x.flatten(1)
rule = (x[:, 0, 3:5, 3:5].mean((1, 2)) > 0.5).long()  # a one has ink in the middle
linear = LogisticRegression(max_iter=1000).fit(own, train.targets)
answers = {("always a five", 1): [0 * y + 5], ("one rule by hand", 1): [rule]}
answers["linear", 650] = [torch.tensor(linear.predict(new))]
wide, deep = ("one hidden layer", 64, 128), ("three hidden layers", 64, 128, 128, 128)
for name, *sizes in wide, deep, ("convolutions", 128):
    for seed in range(3):
        torch.manual_seed(seed)
        look = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        look += [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        look = look if name == "convolutions" else []
        model = nn.Sequential(*look, nn.Flatten(), MLP([*sizes, 10]))
        adam = torch.optim.Adam(model.parameters(), lr=0.02)
        fit(model, train, loss=loss, optimizer=adam, epochs=20, batch_size=100)
        count = sum(p.numel() for p in model.parameters())
        answers.setdefault((name, count), []).append(model(x).argmax(1))
answers["memory", own.numel()] = [train.targets[torch.cdist(new, own).argmin(1)]]
wrong = [100 * (torch.stack(runs) != y).float().mean(1) for runs in answers.values()]
same, one_rule, linear, shallow, deep, conv, memory = (w.median() for w in wrong)
assert same > one_rule > linear > shallow > conv > memory
for place, runs in enumerate(wrong):
    plt.semilogx(runs, [-place] * len(runs), "o", color="C0", alpha=0.6)
plt.yticks(range(0, -7, -1), [f"{name}: {count:,}" for name, count in answers])
plt.xticks(ticks := [1, 3, 10, 30, 90], ticks)
plt.xlabel("digits misread, %")
