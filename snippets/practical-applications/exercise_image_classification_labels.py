"""A label that its neighbours contradict is probably wrong, if it may not vote."""

import torch
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from dlref.data import digits

train, _, _ = digits()
images, n = train.inputs.flatten(1).numpy(), torch.arange(len(train.targets))
torch.manual_seed(0)
changed = torch.rand(len(n)) < 0.2
told = torch.where(
    changed, train.targets + torch.randint(1, 10, n.shape), train.targets
)
told %= 10
wrong = int(changed.sum())


def caught(shares):
    """Return how many of the least believed labels are among the changed ones."""
    suspects = torch.tensor(shares)[n, told].argsort()[:wrong]
    return 100 * changed[suspects].float().mean().item()


memory = KNeighborsClassifier(10, weights="distance")
itself = caught(memory.fit(images, told).predict_proba(images))
others = caught(cross_val_predict(memory, images, told.numpy(), method="predict_proba"))
print(f"{wrong} labels changed: {itself:.0f} % caught when each image votes on itself")
print(f"{others:.0f} % caught when only others vote")
assert itself < 50
assert others > 85
