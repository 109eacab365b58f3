"""Two ReLU units compute exclusive or, with weights that you can find by hand."""

import torch

from dlref.activations import relu

corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
total = corners.sum(dim=1)  # both units look at the sum of the two inputs
output = relu(total) - 2 * relu(total - 1)
print(output)
assert output.tolist() == [0, 1, 1, 0]
