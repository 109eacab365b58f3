"""One step against the slope lowers the loss, by what slope and curvature predict."""

import matplotlib.pyplot as plt
import torch

from dlref.optimizers import sgd_step

x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([2.0, 3.0, 7.0])


def loss(w):
    return ((w * x - y) ** 2).mean()


w, rate = torch.tensor(1.0), 0.05
slope = (2 * x * (w * x - y)).mean()  # by hand: the mean of -2, -4 and -24
curvature = (2 * x * x).mean().item()
after = sgd_step(w, slope, lr=rate)
predicted = -rate * slope**2 + curvature / 2 * (rate * slope) ** 2
loss_before, loss_after = loss(w), loss(after)
print(f"slope {slope:.0f}, weight {w:.2f} -> {after:.2f}")
print(f"loss {loss(w):.2f} -> {loss(after):.2f}, predicted change {predicted:.2f}")
assert slope == -10
assert after == 1.5  # 1 + 0.05 * 10
torch.testing.assert_close(loss(after) - loss(w), predicted)

# %% picture
line = torch.linspace(0.5, 3.3, 100)
axes = plt.subplots()[1]
axes.plot(line, torch.stack([loss(one) for one in line]), label="loss")
near = torch.tensor([0.6, 1.6])
axes.plot(near, loss(w) + slope * (near - w), "--", label="slope at the start")
axes.plot([w, after], [loss(w), loss(after)], "o-", color="C2", label="one step")
axes.set(xlabel="weight", ylabel="loss", ylim=(0, 10))
axes.legend()
