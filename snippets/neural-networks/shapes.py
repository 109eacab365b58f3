"""Between 64 pixels and ten scores lie as many numbers as there are hidden neurons."""

import torch

from dlref.activations import relu, softmax
from dlref.data import digits
from dlref.layers import Linear

torch.manual_seed(0)
hidden_layer, output_layer = Linear(64, 32), Linear(32, 10)

images = digits().train.inputs[:5]
inputs = images.flatten(1)
hidden = relu(hidden_layer(inputs))
scores = output_layer(hidden)
chances = softmax(scores)

for name, numbers in {
    "images": images,
    "input layer": inputs,
    "hidden layer": hidden,
    "output layer": scores,
    "as chances": chances,
}.items():
    print(f"{name:13} {tuple(numbers.shape)}")

assert inputs.shape == (5, 64)
assert hidden.shape == (5, 32)
assert scores.shape == chances.shape == (5, 10)
assert torch.allclose(chances.sum(1), torch.ones(5))
