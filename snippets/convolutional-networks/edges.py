"""A kernel of differences answers to edges in its own direction."""

import torch

from dlref.convolution import avg_pool2d, conv2d
from dlref.data import photograph
from dlref.plots import image_grid

whole = photograph("camera")[None, None]
image = avg_pool2d(whole[..., 30:318, 120:408], 4)  # 72 × 72 pixels
upright = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
kernels = torch.stack([upright, upright.T])[:, None]  # shape (2, 1, 3, 3)
edges = conv2d(image, kernels).abs()[0]
quiet = (edges < 0.25).float().mean()

flat, step = torch.full((1, 1, 9, 9), 0.7), torch.zeros(1, 1, 9, 9)
step[..., 5:] = 1  # dark on the left, bright on the right
assert conv2d(flat, kernels).abs().max() < 1e-6
assert conv2d(step, kernels)[0].amax(dim=(1, 2)).tolist() == [4, 0]
titles = ["photograph", "upright edges", "level edges"]
image_grid([image[0], *edges], titles, limits=(0, 1))
