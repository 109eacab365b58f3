"""On the same scores, hinge loss is content with a margin; cross-entropy never is."""

import matplotlib.pyplot as plt
import torch

from dlref.data import digits
from dlref.losses import cross_entropy, hinge

train, _, (images, labels) = digits()
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for _ in range(150):
    optimizer.zero_grad()
    cross_entropy(net(train.inputs), train.targets).backward()
    optimizer.step()

scores = net(images).detach().requires_grad_()
own = scores.gather(1, labels[:, None])
best_rival = scores.scatter(1, labels[:, None], -torch.inf).amax(1, keepdim=True)
lead = (own - best_rival)[:, 0].detach()
figure, axes = plt.subplots(layout="constrained")
content = {}
for loss, marker in [(hinge, "o"), (cross_entropy, "^")]:
    each = torch.stack(
        [loss(s, label) for s, label in zip(scores, labels, strict=True)]
    )
    (slopes,) = torch.autograd.grad(each.sum(), scores)
    content[loss] = (slopes == 0).all(1).float().mean().item()
    name = loss.__name__.replace("_", "-")
    axes.plot(lead, each.detach(), marker, markersize=4, alpha=0.6, label=name)
axes.set(
    yscale="log", xlabel="lead of the true class over the best rival", ylabel="loss"
)
axes.yaxis.set_major_formatter("{x:g}")
axes.legend()
hinge_content, entropy_content = content[hinge], content[cross_entropy]
assert hinge_content == (lead >= 1).float().mean() > 0.5
assert entropy_content == 0
