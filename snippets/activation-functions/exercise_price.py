"""A ReLU output that starts off everywhere never learns a price; softplus does."""

import torch

from dlref.activations import relu, softplus

torch.manual_seed(0)
size = torch.rand(100)
price = 1 + 2 * size
loss = {}
for activation in (relu, softplus):
    unit = torch.tensor([0.5, -2.0], requires_grad=True)  # weight and bias
    history = []
    for _ in range(2000):
        error = (activation(unit[0] * size + unit[1]) - price).square().mean()
        (slope,) = torch.autograd.grad(error, unit)
        unit.data -= 0.1 * slope
        history.append(error.item())
    loss[activation.__name__] = history
    print(f"{activation.__name__:>8}: loss {history[0]:.3f}, then {history[-1]:.3f}")

assert loss["relu"][-1] == loss["relu"][0]
assert loss["softplus"][-1] < 0.01
