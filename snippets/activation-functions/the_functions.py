"""Sigmoid and tanh flatten out on both sides, ReLU on one: their slopes say which."""

import torch

from dlref.activations import relu, sigmoid, tanh
from dlref.plots import curves

x = (torch.arange(-500, 501, dtype=torch.float64) / 100).requires_grad_()
value, slope = {}, {}
for name, function in {"sigmoid": sigmoid, "tanh": tanh, "ReLU": relu}.items():
    y = function(x)
    value[name] = y.detach()
    slope[name] = torch.autograd.grad(y.sum(), x)[0]

curves(x.detach(), value, xlabel="input", ylabel="output")

sigmoid_steepest, tanh_steepest, relu_steepest = (
    s.max().item() for s in slope.values()
)
sigmoid_at_five, tanh_at_five, relu_at_five = (s[-1].item() for s in slope.values())
assert sigmoid_steepest == 0.25
assert tanh_steepest == relu_steepest == relu_at_five == 1
assert sigmoid_at_five < 0.01
assert tanh_at_five < 0.001
