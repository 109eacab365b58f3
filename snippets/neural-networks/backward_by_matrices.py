"""Five lines of matrix products are the backward pass of a whole network."""

import torch

from dlref.activations import softmax
from dlref.data import digits
from dlref.losses import cross_entropy

train, _, test = digits()
x, labels = train.inputs.flatten(1).double(), train.targets
B = len(x)
torch.manual_seed(0)
w1 = (torch.randn(64, 32, dtype=torch.float64) / 8).requires_grad_()
w2 = (torch.randn(32, 10, dtype=torch.float64) / 6).requires_grad_()
widest = 0.0

for _ in range(200):
    hidden = (x @ w1).relu()  # (B, 32)
    scores = hidden @ w2  # (B, 10)
    loss = cross_entropy(scores, labels)

    with torch.no_grad():
        d_scores = (softmax(scores) - torch.eye(10)[labels]) / B
        d_w2 = hidden.T @ d_scores
        d_hidden = d_scores @ w2.T
        d_hidden[hidden == 0] = 0  # nothing passes a neuron that is off
        d_w1 = x.T @ d_hidden

    torchs = torch.autograd.grad(loss, [w1, w2])
    for mine, theirs in zip([d_w1, d_w2], torchs, strict=True):
        widest = max(widest, (mine - theirs).abs().max().item())
    w1.data -= 0.5 * d_w1
    w2.data -= 0.5 * d_w2

right = ((test.inputs.flatten(1).double() @ w1).relu() @ w2).argmax(1) == test.targets
accuracy = right.double().mean().item()
print(f"loss {loss.item():.3f}, unseen digits right {accuracy:.1%}, gap {widest:.0e}")
assert widest < 1e-15
assert accuracy > 0.9
