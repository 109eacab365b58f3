"""Two kernels of 3 × 3 in a row are one of 5 × 5 if nothing bends between."""

import torch

from dlref.convolution import conv2d, receptive_field
from dlref.data import photograph

image = photograph("camera")[None, None, ::8, ::8].double()
torch.manual_seed(0)
first, second = torch.randn(2, 1, 1, 3, 3, dtype=torch.float64)
in_two_steps = conv2d(conv2d(image, first), second)
one_kernel = conv2d(first, second.flip(2, 3), padding=2)  # convolve the kernels
assert one_kernel.shape == (1, 1, 5, 5)
assert torch.allclose(in_two_steps, conv2d(image, one_kernel))
assert receptive_field([(3, 1), (3, 1)]) == receptive_field([(5, 1)]) == (5, 1)

bent = conv2d(conv2d(image, first).relu(), second)
assert not torch.allclose(bent, conv2d(image, one_kernel))
channels = 64
two_small, one_large = 2 * 9 * channels**2, 25 * channels**2
print(f"with {channels} channels: {two_small:,} weights against {one_large:,}")
