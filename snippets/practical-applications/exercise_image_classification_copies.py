"""Shifted copies help a memory as well, and most against shifted digits."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# ///

import re
from itertools import product

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import affine_grid, grid_sample, pad

pixels, labels = load_digits(return_X_y=True)
x, y = torch.tensor(pixels / 16).float().view(-1, 1, 8, 8), torch.tensor(labels)
order = "".join(map(str, labels))
starts = [form.start() for form in re.finditer("(?:0?123456[789]*)+09556", order)]
sheet = torch.bucketize(torch.arange(len(y)), torch.tensor(starts), right=True) - 1
moved = pad(x, (1, -1))  # one pixel to the right


def shifted(images, right, down):
    there = torch.tensor([[[1, 0, -right / 4], [0, 1, -down / 4]]])
    grid = affine_grid(there.repeat(len(images), 1, 1), list(images.shape), False)
    return grid_sample(images, grid, align_corners=False)


def misread(steps, digits):
    wrong, moves = 0, list(product(steps, repeat=2))
    for fold in range(7):
        tested = sheet // 2 == fold
        known = ~tested & (sheet // 2 != (fold + 1) % 7)
        copies = torch.cat([shifted(x[known], *move) for move in moves]).flatten(1)
        nearest = torch.cdist(digits[tested].flatten(1), copies).argmin(1)
        wrong += (y[known].repeat(len(moves))[nearest] != y[tested]).sum().item()
    return 100 * wrong / len(y)


alone, copied = misread([0.0], x), misread([-0.5, 0.0, 0.5], x)
moved_alone, moved_copied = misread([0.0], moved), misread([-0.5, 0.0, 0.5], moved)
print(f"new hands: {alone:.1f} % misread, with copies {copied:.1f} %")
print(f"and shifted by a pixel: {moved_alone:.1f} %, with copies {moved_copied:.1f} %")
assert copied < alone
assert 2 * moved_copied < moved_alone
