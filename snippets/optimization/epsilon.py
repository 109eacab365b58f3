"""Where epsilon stands decides how small a gradient still makes a full step."""

import torch

from dlref.optimizers import rmsprop_step
from dlref.plots import curves

grad = torch.logspace(-10, 0, 101, dtype=torch.float64)
s = grad**2  # a gradient that has been the same for long
zero = torch.zeros_like(grad)


def inside(theta, grad, s, lr, eps):
    """Return what Keras does, after the average: the root is taken last."""
    return theta - lr * grad / torch.sqrt(s + eps)


lines = {
    "torch: √s + 1e−8": -rmsprop_step(zero, grad, s, lr=1.0, eps=1e-8)[0],
    "Keras: √(s + 1e−7)": -inside(zero, grad, s, lr=1.0, eps=1e-7),
}
curves(grad, lines, xlabel="gradient", ylabel="step, in learning rates", log_x=True)

outside_half, inside_half = (
    grad[(line - 0.5).abs().argmin()].item() for line in lines.values()
)
assert abs(outside_half / 1e-8 - 1) < 0.1  # half a step where the gradient is epsilon
assert abs(inside_half / (1e-7 / 3) ** 0.5 - 1) < 0.1  # and here near its root
ratio = inside_half / outside_half
