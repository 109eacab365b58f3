"""Pooling in tiles of k by k leaves one number out of k squared."""

from dlref.convolution import avg_pool2d, max_pool2d, output_size
from dlref.data import photograph
from dlref.plots import image_grid

whole = photograph("camera")[None, None]
image = avg_pool2d(whole[..., 30:318, 120:408], 4)
pictures = {"72 × 72": image}
for size in (4, 8):
    side = output_size(72, kernel=size, stride=size)
    highest, mean = max_pool2d(image, size), avg_pool2d(image, size)
    assert highest.shape == mean.shape == (1, 1, side, side)
    assert mean.numel() * size**2 == image.numel()
    assert abs(mean.mean() - image.mean()) < 1e-6 < (highest - mean).mean()
    pictures |= {f"mean {side} × {side}": mean, f"max {side} × {side}": highest}
image_grid([x[0] for x in pictures.values()], list(pictures), limits=(0, 1))
