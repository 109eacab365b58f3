"""A convolution saves parameters by the thousand and multiply-adds by the dozen."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

image = torch.zeros(1, 1, 28, 28)
convolution = nn.Conv2d(1, 8, 5, padding=2)
dense = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 8 * 28 * 28))

parameters, multiply_adds = [], []
for layer in (convolution, dense):
    with FlopCounterMode(display=False) as counter:
        layer(image)
    multiply_adds.append(counter.get_total_flops() // 2)
    parameters.append(sum(p.numel() for p in layer.parameters()))
print("parameters   ", *(f"{n:12,}" for n in parameters))
print("multiply-adds", *(f"{n:12,}" for n in multiply_adds))

fewer_parameters = parameters[1] / parameters[0]
fewer_multiply_adds = multiply_adds[1] / multiply_adds[0]
assert multiply_adds == [8 * 5**2 * 28**2, 28**2 * 8 * 28**2]
assert fewer_parameters > 1000
assert fewer_multiply_adds < 50
