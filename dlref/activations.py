r"""Activation functions, from their equations, in order of increasing difficulty.

Every function takes a floating-point torch tensor of any shape and returns one of the same shape
and dtype. Values, slopes and second derivatives are finite for inputs up to ±10,000 in every dtype.
What makes that work is one habit: take the exponential only of what is not positive.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

__all__ = ["elu", "gelu", "leaky_relu", "log_softmax", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh"]

_Activation = TypeVar("_Activation", bound=Callable[..., Tensor])


def _any_float(function: _Activation) -> _Activation:
    """Refuse what is not a floating-point tensor; compute half precision in float32."""

    @functools.wraps(function)
    def checked(x: Any, *args: Any, **kwargs: Any) -> Tensor:
        given = x.dtype if isinstance(x, Tensor) else type(x).__name__
        if not isinstance(x, Tensor) or not x.is_floating_point():
            raise ValueError(
                f"{function.__name__} expects a floating-point torch tensor, got {given}; "
                "make one with torch.tensor(..., dtype=torch.float32)"
            )
        wide = x.float() if x.dtype.itemsize < 4 else x
        return function(wide, *args, **kwargs).to(x.dtype)

    return cast("_Activation", checked)


def _minus_abs(x: Tensor) -> Tensor:
    """Return -|x| with slope -1 at 0, where torch.abs has 0 and flattens what is built on it."""
    return torch.where(x >= 0, -x, x)


@_any_float
def relu(x: Tensor) -> Tensor:
    r"""Pass what is positive, replace the rest by zero.

    $$\operatorname{relu}(x) = \max(0, x), \qquad
    \operatorname{relu}'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}$$

    At $x = 0$ there is no derivative: every number in $[0, 1]$ is a subgradient. This function
    uses 0.

    Args:
        x: Floating-point tensor of any shape, any real values.

    Returns:
        Tensor of the shape and dtype of `x`, in $[0, \infty)$; NaN stays NaN.

    Raises:
        ValueError: If `x` is not a floating-point tensor.

    Source:
        Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", ICML 2010;
        Glorot, Bordes and Bengio, "Deep Sparse Rectifier Neural Networks", AISTATS 2011.

    Differs from:
        `torch.relu`: nothing, it has slope 0 at 0 too.
        `torch.clamp(x, min=0)` has slope 1 at 0, `torch.maximum(x, 0)` one half.

    Examples:
        >>> relu(torch.tensor([-2.0, 0.0, 3.0]))
        tensor([0., 0., 3.])
    """
    return torch.where(x <= 0, 0.0, x)


@_any_float
def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    r"""Pass what is positive, let a small part of the rest through.

    $$\operatorname{leaky\_relu}(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}$$

    with $a$ the negative slope; the slope at 0 is taken as $a$.

    Args:
        x: Floating-point tensor of any shape, any real values.
        negative_slope: The slope left of zero, finite; 0 gives `relu`, 1 the identity.

    Returns:
        Tensor of the shape and dtype of `x`, any real values if `negative_slope` is above 0.

    Raises:
        ValueError: If `x` is not a floating-point tensor.

    Source:
        Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        ICML 2013 workshop on deep learning for audio, speech and language processing.

    Differs from:
        `torch.nn.functional.leaky_relu`: nothing.
        Keras has other default slopes: 0.3 in `keras.layers.LeakyReLU`, 0.2 in
        `keras.activations.leaky_relu`.

    Examples:
        >>> leaky_relu(torch.tensor([-2.0, 0.0, 3.0]))
        tensor([-0.0200,  0.0000,  3.0000])
    """
    return torch.where(x > 0, x, negative_slope * x)


@_any_float
def sigmoid(x: Tensor) -> Tensor:
    r"""Squash any number into a probability.

    $$\sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^{x}}{e^{x} + 1}, \qquad
    \sigma'(x) = \sigma(x)\,(1 - \sigma(x)) \le \tfrac14$$

    The first form is used for $x \ge 0$, the second for $x < 0$: the exponential never overflows.

    Args:
        x: Floating-point tensor of any shape, any real values.

    Returns:
        Tensor of the shape and dtype of `x`, in $(0, 1)$; far from zero it rounds to 0 or 1.

    Raises:
        ValueError: If `x` is not a floating-point tensor.

    Source:
        Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors",
        Nature 323, 1986, equation 2.

    Differs from:
        `torch.sigmoid`: nothing but rounding.
        `hard_sigmoid`, in torch and in Keras 3, is another function: straight, with slope 1/6.

    Examples:
        >>> sigmoid(torch.tensor([-10_000.0, 0.0, 10_000.0]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    decay = torch.exp(_minus_abs(x))
    return torch.where(x >= 0, 1.0, decay) / (1 + decay)


@_any_float
def tanh(x: Tensor) -> Tensor:
    r"""Squash any number into the interval from minus one to one, around zero.

    $$\tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}} = 2\,\sigma(2x) - 1, \qquad
    \tanh'(x) = 1 - \tanh^2(x) \le 1$$

    It is computed as $\tanh|x| = -t / (2 + t)$ with $t = e^{-2|x|} - 1$ (`expm1`), with the sign
    of $x$: nothing overflows, and tiny inputs keep the digits that the form with the sigmoid loses.

    Args:
        x: Floating-point tensor of any shape, any real values.

    Returns:
        Tensor of the shape and dtype of `x`, in $(-1, 1)$; far from zero it rounds to -1 or 1.

    Raises:
        ValueError: If `x` is not a floating-point tensor.

    Source:
        LeCun, Bottou, Orr and Müller, "Efficient BackProp", in Neural Networks: Tricks of the
        Trade, 1998, section 4.4.

    Differs from:
        `torch.tanh`: nothing but rounding.
        "Efficient BackProp" itself recommends the scaled form $1.7159\,\tanh(2x/3)$.

    Examples:
        >>> tanh(torch.tensor([-10_000.0, 0.0, 0.5]))
        tensor([-1.0000,  0.0000,  0.4621])
    """
    t = torch.expm1(2 * _minus_abs(x))
    return torch.where(x >= 0, 1.0, -1.0) * (-t / (2 + t))


@_any_float
def softplus(x: Tensor, beta: float = 1.0) -> Tensor:
    r"""Round off the corner of ReLU.

    $$\operatorname{softplus}(x) = \frac{1}{\beta} \ln\!\left(1 + e^{\beta x}\right)
    = \frac{1}{\beta} \left( \max(0, \beta x) + \ln\!\left(1 + e^{-|\beta x|}\right) \right)$$

    Its slope is $\sigma(\beta x)$. As $\beta$ grows it approaches ReLU; the gap is widest at 0,
    where it is $\ln 2 / \beta$.

    Args:
        x: Floating-point tensor of any shape, any real values.
        beta: Sharpness of the corner, above 0.

    Returns:
        Tensor of the shape and dtype of `x`, in $(0, \infty)$; far left of zero it rounds to 0.

    Raises:
        ValueError: If `x` is not a floating-point tensor, or `beta` is not above 0.

    Source:
        Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating Second-Order Functional Knowledge
        for Better Option Pricing", NIPS 2000.

    Differs from:
        `torch.nn.functional.softplus` has a `threshold` (20): where $\beta x$ exceeds it, it
        gives back `x`. In float32 that is the same number, in float64 it is too small by up to
        $e^{-20} / \beta$, about $2 \cdot 10^{-9} / \beta$.

    Examples:
        >>> softplus(torch.tensor([-10_000.0, 0.0, 10_000.0]))
        tensor([0.0000e+00, 6.9315e-01, 1.0000e+04])
    """
    if not beta > 0:
        raise ValueError(f"softplus expects beta above 0, got {beta}")
    z = beta * x
    return (torch.where(z >= 0, z, 0.0) + torch.log1p(torch.exp(_minus_abs(z)))) / beta


@_any_float
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    r"""Pass what is positive, let the rest approach a floor smoothly.

    $$\operatorname{elu}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x \le 0 \end{cases}$$

    With $\alpha = 1$ the slope has no jump. With any other there is a corner at 0, where the slope
    is taken as $\alpha$.

    Args:
        x: Floating-point tensor of any shape, any real values.
        alpha: Depth of the floor; the paper asks for $\alpha > 0$.

    Returns:
        Tensor of the shape and dtype of `x`, in $(-\alpha, \infty)$; far left of zero it rounds to
        $-\alpha$.

    Raises:
        ValueError: If `x` is not a floating-point tensor.

    Source:
        Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
        Linear Units (ELUs)", arXiv 1511.07289.

    Differs from:
        `torch.nn.functional.elu`, `keras.activations.elu`: nothing, both default to $\alpha = 1$.

    Examples:
        >>> elu(torch.tensor([-10_000.0, -1.0, 2.0]))
        tensor([-1.0000, -0.6321,  2.0000])
    """
    # where() computes both branches, and an overflow in the one not taken would spoil the slope.
    left = torch.where(x > 0, 0.0, x)
    return torch.where(x > 0, x, alpha * torch.expm1(left))


@_any_float
def silu(x: Tensor) -> Tensor:
    r"""Let a number through in proportion to its own sigmoid (also called swish).

    $$\operatorname{silu}(x) = x\,\sigma(x), \qquad
    \operatorname{silu}'(x) = \sigma(x)\,\bigl(1 + x\,(1 - \sigma(x))\bigr)$$

    Args:
        x: Floating-point tensor of any shape, any finite values.

    Returns:
        Tensor of the shape and dtype of `x`, in $[-0.2785, \infty)$. It is not monotone: its lowest
        point is near -1.28.

    Raises:
        ValueError: If `x` is not a floating-point tensor.

    Source:
        Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
        Approximation in Reinforcement Learning", arXiv 1702.03118;
        Ramachandran, Zoph and Le, "Searching for Activation Functions", arXiv 1710.05941 (swish
        with $\beta = 1$).

    Differs from:
        `torch.nn.functional.silu`: nothing but rounding.

    Examples:
        >>> silu(torch.tensor([-10_000.0, -1.0, 2.0]))
        tensor([-0.0000, -0.2689,  1.7616])
    """
    return x * sigmoid(x)


@_any_float
def gelu(x: Tensor, approximate: str = "none") -> Tensor:
    r"""Let a number through in proportion to its rank under the normal distribution.

    $$\operatorname{gelu}(x) = x\,\Phi(x)
    = \tfrac12\,x \operatorname{erfc}\!\left(-x / \sqrt2\right)$$

    and by name the approximation of the paper

    $$\operatorname{gelu}_{\tanh}(x) = \tfrac12\,x \left(1 + \tanh u\right) = x\,\sigma(2u), \qquad
    u = \sqrt{2/\pi}\,\left(x + 0.044715\,x^3\right)$$

    Args:
        x: Floating-point tensor of any shape, any finite values.
        approximate: `"none"` for the exact function, `"tanh"` for the approximation.

    Returns:
        Tensor of the shape and dtype of `x`, in $[-0.1700, \infty)$. It is not monotone: its lowest
        point is near -0.75.

    Raises:
        ValueError: If `x` is not a floating-point tensor, or `approximate` is another word.

    Source:
        Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv 1606.08415, section 2.

    Differs from:
        `torch.nn.functional.gelu` has the same parameter; its left tail loses digits in
        $1 + \operatorname{erf}$, which `erfc` keeps.
        `keras.activations.gelu` is exact by default too; `keras.ops.gelu` and `jax.nn.gelu` use
        the tanh form unless told otherwise.

    Examples:
        >>> gelu(torch.tensor([-10_000.0, -1.0, 2.0]))
        tensor([-0.0000, -0.1587,  1.9545])
        >>> gelu(torch.tensor([-10_000.0, -1.0, 2.0]), approximate="tanh")
        tensor([-0.0000, -0.1588,  1.9546])
    """
    if approximate == "none":
        return 0.5 * x * torch.erfc(-x / math.sqrt(2))
    if approximate == "tanh":
        u = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
        return x * sigmoid(2 * u)
    raise ValueError(f"gelu expects approximate to be 'none' or 'tanh', got {approximate!r}")


def _below_maximum(x: Tensor, dim: int, name: str) -> Tensor:
    """Return x minus its maximum along dim: the shares stay, and no exponential exceeds one."""
    shape = tuple(x.shape)
    if not shape:
        raise ValueError(f"{name} expects a tensor with at least one dimension, got a scalar")
    if not -x.ndim <= dim < x.ndim:
        dims = f"from {-x.ndim} to {x.ndim - 1}"
        raise ValueError(f"{name} expects dim {dims} for a tensor of shape {shape}, got {dim}")
    if not shape[dim]:
        raise ValueError(f"{name} expects at least one number along dim {dim}, got shape {shape}")
    return x - x.detach().amax(dim, keepdim=True)


@_any_float
def softmax(x: Tensor, dim: int = -1) -> Tensor:
    r"""Turn scores into shares that are positive and add up to one.

    $$\operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}
    = \frac{e^{x_i - m}}{\sum_j e^{x_j - m}}, \qquad m = \max_j x_j$$

    $$\frac{\partial\,\operatorname{softmax}(x)_i}{\partial x_j} = p_i\,(\delta_{ij} - p_j)
    \quad\text{with}\quad p = \operatorname{softmax}(x)$$

    Adding a constant to all scores changes nothing, so the maximum can be subtracted first, and no
    exponential overflows.

    Args:
        x: Floating-point tensor with at least one dimension; -inf is allowed and gets share 0.
        dim: The dimension whose entries add up to one, from `-x.ndim` to `x.ndim - 1`.

    Returns:
        Tensor of the shape and dtype of `x`, in $[0, 1]$, with sum 1 along `dim`.

    Raises:
        ValueError: If `x` is not a floating-point tensor, has no dimension `dim`, or no entries
            along it.

    Source:
        Bridle, "Probabilistic Interpretation of Feedforward Classification Network Outputs, with
        Relationships to Statistical Pattern Recognition", in Neurocomputing, 1990.

    Differs from:
        `torch.softmax` has no default for `dim`, takes a scalar and an empty dimension.
        `scipy.special.softmax` by default normalises over all entries together.

    Examples:
        >>> softmax(torch.tensor([[1.0, 2.0, 3.0], [10_000.0, 0.0, -10_000.0]]))
        tensor([[0.0900, 0.2447, 0.6652],
                [1.0000, 0.0000, 0.0000]])
    """
    weights = torch.exp(_below_maximum(x, dim, "softmax"))
    return weights / weights.sum(dim, keepdim=True)


@_any_float
def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    r"""Return the logarithm of softmax, without the underflow of taking it afterwards.

    $$\ln \operatorname{softmax}(x)_i = x_i - m - \ln \sum_j e^{x_j - m}, \qquad m = \max_j x_j$$

    Args:
        x: Floating-point tensor with at least one dimension; -inf is allowed and stays -inf.
        dim: The dimension whose shares add up to one, from `-x.ndim` to `x.ndim - 1`.

    Returns:
        Tensor of the shape and dtype of `x`, in $(-\infty, 0]$.

    Raises:
        ValueError: If `x` is not a floating-point tensor, has no dimension `dim`, or no entries
            along it.

    Source:
        Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions",
        IMA Journal of Numerical Analysis 41(4), 2021, arXiv 1909.03469.

    Differs from:
        `torch.log_softmax` has no default for `dim`, takes a scalar and an empty dimension.

    Examples:
        >>> log_softmax(torch.tensor([0.0, -1_000.0]))
        tensor([    0., -1000.])
        >>> softmax(torch.tensor([0.0, -1_000.0])).log()
        tensor([0., -inf])
    """
    shifted = _below_maximum(x, dim, "log_softmax")
    return shifted - torch.log(torch.exp(shifted).sum(dim, keepdim=True))
