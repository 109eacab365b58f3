r"""How weights start: wide enough that a signal survives every layer, and no wider.

Each function returns a new tensor of independent draws with mean zero. What differs is the
variance, and whether the draws are uniform or normal. For weights of shape (O, I) or
(O, I, kernel height, kernel width), as torch keeps them,

$$n_\text{in} = I \cdot \text{kernel size}, \qquad n_\text{out} = O \cdot \text{kernel size}$$

are the numbers of terms that an output and, on the way back, an input sums. The `gain` multiplies
the standard deviation and makes up for what the activation takes away: 1 for the identity, √2 for
ReLU, which loses half of the mean square, and 5/3 for tanh by torch's convention.

torch's own default for `Linear` and `Conv2d` is neither of these: a uniform draw within
±1/√n_in, which has a third of the variance of LeCun's rule and a sixth of He's.
Here it is `he_uniform(shape, gain=1 / math.sqrt(3))`.
"""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor

__all__ = ["he_normal", "he_uniform", "xavier_normal", "xavier_uniform"]


def _fans(shape: Sequence[int], gain: float) -> tuple[int, int]:
    """Return how many terms an output and an input sum; refuse what is no weight's shape."""
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(f"shape must be (out, in) or (out, in, *kernel) with sizes of at least 1, got {tuple(shape)}")
    if not gain > 0:
        raise ValueError(f"gain must be above 0, got {gain}")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _uniform(shape: Sequence[int], std: float, generator: Generator | None) -> Tensor:
    bound = math.sqrt(3) * std  # a uniform draw within ±b has variance b²/3
    return torch.empty(tuple(shape)).uniform_(-bound, bound, generator=generator)


def _normal(shape: Sequence[int], std: float, generator: Generator | None) -> Tensor:
    return torch.empty(tuple(shape)).normal_(0, std, generator=generator)


def _xavier_std(shape: Sequence[int], gain: float) -> float:
    return gain * math.sqrt(2 / sum(_fans(shape, gain)))


def _he_std(shape: Sequence[int], gain: float) -> float:
    return gain / math.sqrt(_fans(shape, gain)[0])


def xavier_uniform(shape: Sequence[int], *, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Draw uniform weights that keep the signal's size forwards and the gradient's backwards.

    $$w \sim U(-b, b), \qquad b = \text{gain} \cdot \sqrt{\frac{6}{n_\text{in} + n_\text{out}}}, \qquad
    \operatorname{Var}(w) = \text{gain}^2 \cdot \frac{2}{n_\text{in} + n_\text{out}}$$

    Keeping the forward signal asks for a variance of $1 / n_\text{in}$, keeping the gradient for
    $1 / n_\text{out}$; this is the compromise. With the gain 1 it suits activations that are
    close to the identity around zero, such as tanh.

    Args:
        shape: (O, I) or (O, I, *kernel), sizes of at least 1.
        gain: Factor of the standard deviation, above 0.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tensor of shape `shape` in torch's default dtype, within $\pm b$.

    Raises:
        ValueError: If `shape` is not a weight's, or `gain` is not above 0.

    Source:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS 2010, equation 16.

    Differs from:
        `torch.nn.init.xavier_uniform_` fills a tensor in place; the same generator gives the same
        numbers.
        Keras calls it `glorot_uniform` and makes it the default of `Dense`.

    Examples:
        >>> weight = xavier_uniform((300, 100), generator=torch.Generator().manual_seed(0))
        >>> print(f"{weight.max().item():.3f} {weight.var().item() * (300 + 100):.1f}")
        0.122 2.0
    """
    return _uniform(shape, _xavier_std(shape, gain), generator)


def xavier_normal(shape: Sequence[int], *, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Draw normal weights with the variance of `xavier_uniform`.

    $$w \sim \mathcal{N}\!\left(0,\ \text{gain}^2 \cdot \frac{2}{n_\text{in} + n_\text{out}}\right)$$

    Args:
        shape: (O, I) or (O, I, *kernel), sizes of at least 1.
        gain: Factor of the standard deviation, above 0.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tensor of shape `shape` in torch's default dtype, any real values.

    Raises:
        ValueError: If `shape` is not a weight's, or `gain` is not above 0.

    Source:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS 2010, equation 12 (the variance; the paper itself draws uniformly).

    Differs from:
        `torch.nn.init.xavier_normal_` fills a tensor in place; the same generator gives the same
        numbers.
        `keras.initializers.GlorotNormal` cuts the tails at two standard deviations.

    Examples:
        >>> weight = xavier_normal((300, 100), generator=torch.Generator().manual_seed(0))
        >>> print(f"{weight.var().item() * (300 + 100):.1f}")
        2.0
    """
    return _normal(shape, _xavier_std(shape, gain), generator)


def he_uniform(shape: Sequence[int], *, gain: float = math.sqrt(2), generator: Generator | None = None) -> Tensor:
    r"""Draw uniform weights that keep the signal's size through layers of ReLU.

    $$w \sim U(-b, b), \qquad b = \text{gain} \cdot \sqrt{\frac{3}{n_\text{in}}}, \qquad
    \operatorname{Var}(w) = \frac{\text{gain}^2}{n_\text{in}}$$

    With the gain √2 the variance is $2 / n_\text{in}$, because ReLU passes half of the mean square.
    With the gain 1 it is LeCun's rule, with the gain $1/\sqrt3$ torch's default.

    Args:
        shape: (O, I) or (O, I, *kernel), sizes of at least 1.
        gain: Factor of the standard deviation, above 0; for a leaky ReLU of slope $a$ on the
            left it is $\sqrt{2 / (1 + a^2)}$.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tensor of shape `shape` in torch's default dtype, within $\pm b$.

    Raises:
        ValueError: If `shape` is not a weight's, or `gain` is not above 0.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", arXiv 1502.01852, equations 10 and
        15 (the variance; the paper itself draws from a normal distribution).

    Differs from:
        `torch.nn.init.kaiming_uniform_` takes the name and slope of the activation instead of the
        gain, and can use $n_\text{out}$; with `nonlinearity="relu"` the same generator gives the
        same numbers. Without it, torch assumes a leaky ReLU of slope `a`, by default 0.

    Examples:
        >>> weight = he_uniform((300, 100), generator=torch.Generator().manual_seed(0))
        >>> print(f"{weight.max().item():.3f} {weight.var().item() * 100:.1f}")
        0.245 2.0
    """
    return _uniform(shape, _he_std(shape, gain), generator)


def he_normal(shape: Sequence[int], *, gain: float = math.sqrt(2), generator: Generator | None = None) -> Tensor:
    r"""Draw normal weights with the variance of `he_uniform`.

    $$w \sim \mathcal{N}\!\left(0,\ \frac{\text{gain}^2}{n_\text{in}}\right)$$

    Args:
        shape: (O, I) or (O, I, *kernel), sizes of at least 1.
        gain: Factor of the standard deviation, above 0; √2 suits ReLU.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tensor of shape `shape` in torch's default dtype, any real values.

    Raises:
        ValueError: If `shape` is not a weight's, or `gain` is not above 0.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", arXiv 1502.01852, equation 10.

    Differs from:
        `torch.nn.init.kaiming_normal_`: as `he_uniform`.
        `keras.initializers.HeNormal` cuts the tails at two standard deviations.

    Examples:
        >>> weight = he_normal((300, 100), generator=torch.Generator().manual_seed(0))
        >>> print(f"{weight.var().item() * 100:.1f}")
        2.0
    """
    return _normal(shape, _he_std(shape, gain), generator)
