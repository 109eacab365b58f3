"""A convolution is a dense layer with most weights zero and the others shared."""

# %% matrix
import torch

from dlref.convolution import conv2d
from dlref.plots import heatmap

kernel = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
pixels = torch.eye(36).reshape(36, 1, 6, 6)  # 36 images, each with one pixel on
matrix = conv2d(pixels, kernel).reshape(36, 16).T

torch.manual_seed(0)
image = torch.rand(1, 1, 6, 6)
assert torch.allclose(matrix @ image.flatten(), conv2d(image, kernel).flatten())
assert set(matrix.unique().tolist()) == set(range(10))  # zero and nine weights
zeros = (matrix == 0).float().mean()
heatmap(matrix, xlabel="pixel", ylabel="output", bar="weight")

# %% count
side, channels = 28, 16
dense = torch.nn.Linear(side**2, channels * side**2)
shared = torch.nn.Conv2d(1, channels, kernel_size=5, padding=2)
dense_count = sum(p.numel() for p in dense.parameters())
shared_count = sum(p.numel() for p in shared.parameters())
times_fewer = dense_count // shared_count
print(f"dense {dense_count:,}, convolution {shared_count}: {times_fewer:,} to one")
assert shared_count == (5 * 5 + 1) * channels  # whatever the side
assert dense_count == (side**2 + 1) * channels * side**2
