"""The coarser the pooling, the less a small shift changes, and it always does."""

import torch

from dlref.convolution import avg_pool2d, conv2d, max_pool2d
from dlref.data import photograph
from dlref.plots import curves

image = avg_pool2d(photograph("camera")[None, None], 2)
upright = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
edges = conv2d(image, torch.stack([upright, upright.T])[:, None]).abs()

torch.manual_seed(0)
corners = torch.randint(254 - 32 - 8, (100, 2)).tolist()
shifts = [0, 1, 2, 3, 4, 6, 8]


def windows(shift):  # 100 of them, 32 × 32, moved to the right
    moved = edges.roll(-shift, dims=3)
    return torch.cat([moved[..., i : i + 32, j : j + 32] for i, j in corners])


def change(size):  # from 0, the same numbers, to 1, those of another window
    pooled = [max_pool2d(windows(shift), size).flatten(1) for shift in shifts]
    still, another = pooled[0], pooled[0].roll(1, dims=0)
    far = (still - another).norm(dim=1).mean()
    return [((now - still).norm(dim=1).mean() / far).item() for now in pooled]


sizes = {"not pooled": 1, "2 × 2": 2, "4 × 4": 4, "8 × 8": 8, "32 × 32": 32}
series = {name: change(size) for name, size in sizes.items()}
by_one = [values[1] for values in series.values()]
plain, two, _, _, whole = by_one
assert by_one == sorted(by_one, reverse=True)
assert whole > 0
figure = curves(shifts, series, xlabel="shift, pixels", ylabel="change")
figure.axes[0].set(ylim=(0, 1.3), yticks=[0, 0.25, 0.5, 0.75, 1])
figure.axes[0].legend(ncols=3, loc="upper left")
