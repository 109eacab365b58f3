"""Through layers that keep lengths, the slopes alone decide what gradient is left."""

import torch

from dlref.activations import relu, sigmoid, tanh
from dlref.plots import curves

torch.manual_seed(0)
depth, width = 30, 256
matrices = [torch.nn.init.orthogonal_(torch.empty(width, width)) for _ in range(depth)]


def gradient_left(activation):
    """Return the gradient's length after 1, 2, 3 … layers, relative to the output's."""
    h, layers = torch.randn(64, width, requires_grad=True), []
    for matrix in matrices:
        layers.append(h)
        h = activation(h @ matrix)
    signal = torch.randn_like(h)
    gradients = torch.autograd.grad(h, layers, signal)
    return [g.norm().item() / signal.norm().item() for g in reversed(gradients)]


tanh_left, relu_left, sigmoid_left = map(gradient_left, (tanh, relu, sigmoid))
layers = torch.arange(1, depth + 1)
bound = (0.25**layers).tolist()
left = {
    "tanh": tanh_left,
    "ReLU": relu_left,
    "sigmoid": sigmoid_left,
    "¼ a layer": bound,
}
curves(layers, left, xlabel="layers passed", ylabel="gradient left", log_y=True)

tanh_ten, relu_ten, sigmoid_ten = tanh_left[9], relu_left[9], sigmoid_left[9]
relu_per_layer = relu_left[-1] ** (1 / depth)
assert all(g <= b for g, b in zip(sigmoid_left, bound, strict=True))
assert max(tanh_left) < 1
assert abs(relu_per_layer - 0.5**0.5) < 0.01
