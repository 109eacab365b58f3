"""The two forms of momentum take the same path until the learning rate changes."""

import torch

from dlref.optimizers import momentum_step

torch.set_default_dtype(torch.float64)
curvature = torch.tensor([1.0, 25.0])
theta = phi = torch.tensor([-1.8, 0.3])
velocity = speed = torch.zeros(2)
for t in range(20):
    lr = 0.01 if t < 10 else 0.001
    before = theta
    theta, velocity = momentum_step(theta, curvature * theta, velocity, lr=lr)
    speed = 0.9 * speed - lr * curvature * phi  # Sutskever's and Keras' form
    phi = phi + speed
    if t < 10:
        torch.testing.assert_close(theta, phi)
    if t == 10:
        ours, theirs = (theta - before).norm().item(), speed.norm().item()
print(f"at a tenth of the rate: {ours:.3f} in torch's form, {theirs:.3f} in the other")
assert theirs > 5 * ours
assert (theta - phi).norm() > 0.1
