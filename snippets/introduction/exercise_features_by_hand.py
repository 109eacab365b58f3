"""Two numbers computed by someone who knows spirals let a linear model solve them."""

import torch
from sklearn.linear_model import LogisticRegression

from dlref.data import spirals

train, new = (spirals(400, noise=0.02, seed=seed) for seed in (0, 1))


def unwind(inputs):
    """Return sine and cosine of the angle that is left when the arm's own is undone."""
    radius = inputs.norm(dim=1)
    angle = torch.atan2(inputs[:, 1], inputs[:, 0])
    left = angle - 3 * torch.pi * (radius - 0.1) / 0.9  # 1.5 turns from 0.1 to 1
    return torch.stack([left.sin(), left.cos()], dim=1)


line = LogisticRegression().fit(train.inputs, train.targets)
right_raw = 100 * line.score(new.inputs, new.targets)
line = LogisticRegression().fit(unwind(train.inputs), train.targets)
right_unwound = 100 * line.score(unwind(new.inputs), new.targets)
print(f"from x and y {right_raw:.0f} %, from the unwound angle {right_unwound:.1f} %")
assert right_raw < 75
assert right_unwound > 97
