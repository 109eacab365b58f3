"""What libraries call a convolution never flips the kernel: a cross-correlation."""

import torch
from scipy.signal import convolve2d
from torch.nn.functional import conv2d

from dlref.data import photograph

image = photograph("camera")[::8, ::8]


def gap_to_scipy(kernel, theirs):
    y = conv2d(image[None, None], kernel[None, None])[0, 0]
    scipys = torch.from_numpy(convolve2d(image, theirs, mode="valid"))
    return (y - scipys).abs().max().item()


edge = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
blur = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
as_given = gap_to_scipy(edge, edge)
flipped = gap_to_scipy(edge, edge.flip(0, 1))
symmetric = gap_to_scipy(blur, blur)
print(f"edge kernel {as_given:.2f}, flipped {flipped:.2f}, blur kernel {symmetric:.2f}")
assert as_given > 1
assert max(flipped, symmetric) < 1e-5
