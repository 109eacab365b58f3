"""One sigmoid unit, trained from logits, beats the majority class on real tumours."""

import torch
from sklearn.datasets import load_breast_cancer

from dlref.activations import softplus
from dlref.plots import bars

data = load_breast_cancer(return_X_y=True)
features, benign = (torch.tensor(array).float() for array in data)
examples = len(benign)


def accuracies(seed):
    """Return the test accuracies of the majority class and of one unit, in %."""
    torch.manual_seed(seed)
    train, test = torch.randperm(examples).tensor_split([400])
    x = (features - features[train].mean(0)) / features[train].std(0)
    unit = torch.nn.Linear(30, 1)
    optimizer = torch.optim.SGD(unit.parameters(), lr=0.5)
    for _ in range(200):
        z = unit(x[train])[:, 0]
        loss = (softplus(z) - benign[train] * z).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    guess = unit(x[test])[:, 0] > 0  # sigmoid > 1/2 exactly where the logit is > 0
    common = benign[train].mean() > 0.5
    return [100 * (g == benign[test]).float().mean().item() for g in (common, guess)]


majority, unit = torch.tensor([accuracies(seed) for seed in range(10)]).T
bars({"majority class": majority, "one sigmoid unit": unit}, ylabel="accuracy, %")
majority_mean, unit_mean = majority.mean().item(), unit.mean().item()
unit_spread = unit.std().item()
assert majority.max() < 75
assert unit.min() > 94
