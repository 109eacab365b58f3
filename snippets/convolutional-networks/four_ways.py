"""By hand, by loops, by a matrix product, by torch: the same numbers."""

# %% hand
import torch

from dlref.data import photograph

image = photograph("camera")[99:103, 258:262].double().mul(255).round()
kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=torch.float64)
print(image.int().numpy())
left, right = image[0:3, 0], image[0:3, 2]
first = (right[0] - left[0]) + 2 * (right[1] - left[1]) + (right[2] - left[2])
print(f"first output: {first:.0f}")

# %% loops
from dlref.convolution import conv2d, cross_correlate2d

by_loops = cross_correlate2d(image, kernel)
assert by_loops.shape == (2, 2)
assert by_loops[0, 0] == first

# %% product
patches = image.unfold(0, 3, 1).unfold(1, 3, 1)  # shape (2, 2, 3, 3)
by_product = patches.reshape(4, 9) @ kernel.flatten()
assert torch.equal(by_product.reshape(2, 2), by_loops)
assert torch.equal(conv2d(image[None, None], kernel[None, None])[0, 0], by_loops)

# %% torch
layer = torch.nn.Conv2d(1, 1, kernel_size=3, bias=False).double()
layer.weight.data = kernel[None, None]
print(layer(image[None, None])[0, 0].int().numpy())
assert torch.equal(layer(image[None, None])[0, 0], by_loops)
