"""Of units that are off for every input, only ELU's and leaky ReLU's come back."""

import torch

from dlref.activations import elu, gelu, leaky_relu, relu, silu
from dlref.plots import curves

torch.manual_seed(0)
x = torch.rand(200)
target = 1 + x  # weight 1 and bias 1 would give exactly this
family = {"ReLU": relu, "leaky": leaky_relu, "ELU": elu, "GELU": gelu, "SiLU": silu}
losses, bias = {}, {}
for name, activation in family.items():
    unit = torch.tensor([1.0, -4.0], requires_grad=True)  # weight and bias
    losses[name] = []
    for _ in range(1000):
        loss = (activation(unit[0] * x + unit[1]) - target).square().mean()
        (slope,) = torch.autograd.grad(loss, unit)
        unit.data -= 0.1 * slope
        losses[name].append(loss.item())
    bias[name] = unit[1].item()

assert bias["ReLU"] == -4  # not moved at all
assert losses["leaky"][-1] < 0.001
assert losses["ELU"][-1] < 0.001
gelu_bias, silu_bias = bias["GELU"], bias["SiLU"]
assert max(gelu_bias, silu_bias) < -4  # moved, and further away
figure = curves(range(1000), losses, xlabel="step", ylabel="mean squared error")
