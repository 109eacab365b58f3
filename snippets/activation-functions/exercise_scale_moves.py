"""A positive factor moves through ReLU: the function stays, the gradients do not."""

import torch

from dlref.activations import relu

torch.manual_seed(0)
x, y = torch.randn(32, 5, dtype=torch.float64), torch.randn(32, 1, dtype=torch.float64)
first = torch.randn(5, 8, dtype=torch.float64)
second = torch.randn(8, 1, dtype=torch.float64)


def output_and_slopes(factor):
    a = (first * factor).requires_grad_()
    b = (second / factor).requires_grad_()
    output = relu(x @ a) @ b
    return output.detach(), *torch.autograd.grad((output - y).square().mean(), (a, b))


output, slope_first, slope_second = output_and_slopes(1.0)
same, scaled_first, scaled_second = output_and_slopes(10.0)
assert torch.allclose(same, output)
assert torch.allclose(scaled_first, slope_first / 10)
assert torch.allclose(scaled_second, slope_second * 10)
print("weights times 10: slopes divided by 10, output the same")
