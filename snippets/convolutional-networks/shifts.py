"""Convolution shifts along with its input; padding and strides break that."""

# %% holds
import torch
from torch.nn.functional import pad

from dlref.convolution import avg_pool2d, conv2d
from dlref.data import photograph

whole = photograph("camera")[None, None]
image = avg_pool2d(whole[..., 30:318, 120:408], 6)  # 48 × 48 pixels
torch.manual_seed(0)
kernel = torch.randn(1, 1, 3, 3)


def moved(x, pixels=1):  # what leaves at one side comes in at the other
    return x.roll((pixels, pixels), dims=(2, 3))


def wrapped(x, **options):
    return conv2d(pad(x, (1, 1, 1, 1), mode="circular"), kernel, **options)


assert torch.equal(wrapped(moved(image)), moved(wrapped(image)))  # equivariant
assert not torch.allclose(wrapped(moved(image)), wrapped(image))  # not invariant

# %% breaks
from dlref.plots import image_grid

zeros = conv2d(image, kernel, padding=1)
border = conv2d(moved(image), kernel, padding=1) - moved(zeros)
assert border[..., 2:-1, 2:-1].abs().max() == 0 < border.abs().max()

coarse = wrapped(image, stride=2)
assert torch.equal(wrapped(moved(image, 2), stride=2), moved(coarse))
by_one = wrapped(moved(image), stride=2)  # half a step of the coarse grid
off_grid = min(by_one - coarse, by_one - moved(coarse), key=torch.norm)
assert (gap := off_grid.norm() / coarse.norm()) > 0.2
shown = image[0], border[0].abs(), off_grid[0].abs()
image_grid(shown, ["image", "zero padding", "stride 2"], limits=(0, 1))
