r"""The layers that most networks are made of: a function for the mathematics, a module for the parameters.

A module has the parameters of its namesake in `torch.nn`, by the same names and shapes, so that
torch's `state_dict` loads into it; made after the same `torch.manual_seed` it starts from the same
numbers.
"""

import math

import torch
from torch import Generator, Tensor, nn

from dlref.checks import check_floating, check_labels, check_shapes
from dlref.initializers import he_uniform

__all__ = [
    "BatchNorm",
    "Dropout",
    "Embedding",
    "LayerNorm",
    "Linear",
    "batch_norm",
    "batch_statistics",
    "dropout",
    "embedding",
    "layer_norm",
    "linear",
]


def _check_probability(name: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{name} must be from 0 to 1, got {p}")


def _check_positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} must be above 0, got {value}")


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Multiply each input by the weights and add the biases: one fully connected layer.

    $$y = x W^\top + b, \qquad y_o = \sum_i W_{oi}\, x_i + b_o$$

    Row $o$ of $W$ holds the weights of unit $o$.

    Args:
        x: Inputs, shape (..., I).
        weight: One row for each output, shape (O, I).
        bias: Shape (O,), or None for no bias.

    Returns:
        Tensor of shape (..., O).

    Raises:
        ValueError: If an argument is not a floating-point tensor, if dtypes differ, or shapes do
            not fit together.

    Source:
        Rosenblatt, "The Perceptron", Psychological Review 65(6), 1958: a weighted sum before a
        threshold.

    Differs from:
        `torch.nn.functional.linear`: nothing; it takes a weight of shape (I,) too.
        Keras keeps the transpose, `kernel` of shape (I, O).

    Examples:
        >>> linear(torch.tensor([1.0, 2.0]), torch.tensor([[3.0, 4.0]]), torch.tensor([0.5]))
        tensor([11.5000])
    """
    check_floating(x=x, weight=weight, bias=bias)
    check_shapes(x=(x, "... I"), weight=(weight, "O I"), bias=(bias, "O"))
    y = x @ weight.T
    return y if bias is None else y + bias


class Linear(nn.Module):
    """Own the weights and biases of a fully connected layer.

    Args:
        in_features: I, at least 1.
        out_features: O, at least 1.
        bias: Whether there are biases.

    Attributes:
        weight: Shape (O, I); drawn from U(-1/√I, 1/√I), as torch does.
        bias: Shape (O,), drawn from the same range; or None.

    Raises:
        ValueError: If a size is below 1.

    Differs from:
        `torch.nn.Linear`: nothing. Neither Xavier's nor He's rule is the default of either:
        assign `layer.weight.data = he_normal(layer.weight.shape)` for that.

    Examples:
        >>> Linear(64, 10)(torch.zeros(5, 64)).shape
        torch.Size([5, 10])
    """

    bias: nn.Parameter | None

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        super().__init__()
        _check_sizes(in_features=in_features, out_features=out_features)
        self.weight = nn.Parameter(he_uniform((out_features, in_features), gain=1 / math.sqrt(3)))
        bound = 1 / math.sqrt(in_features)
        self.register_parameter(
            "bias", nn.Parameter(torch.empty(out_features).uniform_(-bound, bound)) if bias else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return `linear` of `x`, shape (..., I), with the module's parameters: shape (..., O)."""
        return linear(x, self.weight, self.bias)


def dropout(x: Tensor, p: float, *, training: bool, generator: Generator | None = None) -> Tensor:
    r"""While training, set each number to zero with probability p and enlarge the rest.

    $$y = \frac{m \odot x}{1 - p}, \qquad m_i \sim \text{Bernoulli}(1 - p)
    \qquad\Rightarrow\qquad \mathbb{E}[y] = x$$

    Enlarging what is kept ("inverted dropout") makes the layer the identity when not training.

    Args:
        x: Floating-point tensor of any shape.
        p: Probability that a number is dropped, from 0 to 1; with 1 all are.
        training: Whether anything is dropped at all.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        ValueError: If `x` is not a floating-point tensor or `p` is out of range.

    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout", JMLR 15, 2014,
        section 4; their section 10 has the scaling at training time.

    Differs from:
        `torch.nn.functional.dropout` draws other numbers from the same seed.
        The paper's text keeps the training signal and shrinks the weights at test time; its p is
        the probability of keeping.

    Examples:
        >>> dropout(torch.ones(6), 0.5, training=True, generator=torch.Generator().manual_seed(0))
        tensor([0., 2., 0., 0., 0., 2.])
        >>> dropout(torch.ones(6), 0.5, training=False)
        tensor([1., 1., 1., 1., 1., 1.])
    """
    check_floating(x=x)
    _check_probability("p", p)
    if not training or p == 0:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return torch.where(keep, x / (1 - p), 0.0) if p < 1 else 0.0 * x


class Dropout(nn.Module):
    """Drop numbers at random in training mode, and nothing after `.eval()`.

    Args:
        p: Probability that a number is dropped, from 0 to 1.

    Raises:
        ValueError: If `p` is out of range.

    Examples:
        >>> Dropout(0.9).eval()(torch.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        _check_probability("p", p)
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return `dropout` of `x`, any shape."""
        return dropout(x, self.p, training=self.training)


def batch_statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return the mean and variance of each channel over the batch and all positions.

    $$\mu_c = \frac{1}{n} \sum_{i=1}^{n} x_{ic}, \qquad
    \sigma^2_c = \frac{1}{n} \sum_{i=1}^{n} (x_{ic} - \mu_c)^2$$

    with $n = B$ for features and $n = B \cdot H \cdot W$ for images. This is the biased variance,
    divided by $n$.

    Args:
        x: Shape (B, C) or (B, C, *positions), such as (B, C, H, W), at least one value a channel.

    Returns:
        The mean and the variance, each of shape (C,).

    Raises:
        ValueError: If `x` is not a floating-point tensor, has fewer than two axes, or no value.

    Source:
        Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167, algorithm 1 and section 3.2
        (for images).

    Differs from:
        `torch.Tensor.var` divides by $n - 1$ unless told otherwise.

    Examples:
        >>> batch_statistics(torch.tensor([[1.0, 0.0], [3.0, 0.0]]))
        (tensor([2., 0.]), tensor([1., 0.]))
    """
    check_floating(x=x)
    if x.ndim < 2 or x.numel() == 0:
        raise ValueError(f"x must have shape (B, C) or (B, C, *positions) and hold values, got {tuple(x.shape)}")
    values = x.transpose(0, 1).flatten(1)  # (C, n)
    mean = values.mean(1)
    return mean, (values - mean[:, None]).square().mean(1)


def batch_norm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    r"""Standardise each channel by a mean and a variance, then scale and shift it.

    $$y_c = \gamma_c\, \frac{x_c - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}} + \beta_c$$

    In training $\mu$ and $\sigma^2$ are `batch_statistics(x)`, and gradients flow through them;
    afterwards they are averages kept from training, and the layer is a fixed linear map.

    Args:
        x: Shape (B, C) or (B, C, *positions), such as (B, C, H, W).
        mean: $\mu$, shape (C,).
        variance: $\sigma^2$, shape (C,), at least 0.
        weight: $\gamma$, shape (C,); None for 1.
        bias: $\beta$, shape (C,); None for 0.
        eps: $\varepsilon$, inside the root, above 0.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        ValueError: If an argument is not a floating-point tensor, if dtypes differ, shapes do not
            fit together, or `eps` is not above 0.

    Source:
        Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167, algorithm 1.

    Differs from:
        `torch.nn.functional.batch_norm` chooses the statistics by `training` and changes the
        running ones in place; given the same statistics it returns the same.
        Keras has $\varepsilon = 10^{-3}$ and channels last.

    Examples:
        >>> x = torch.tensor([[1.0], [3.0]])
        >>> batch_norm(x, *batch_statistics(x))
        tensor([[-1.0000],
                [ 1.0000]])
    """
    check_floating(x=x, mean=mean, variance=variance, weight=weight, bias=bias)
    if x.ndim < 2:
        raise ValueError(f"x must have shape (B, C) or (B, C, *positions), got {tuple(x.shape)}")
    per_channel = {"mean": mean, "variance": variance, "weight": weight, "bias": bias}
    check_shapes(**{name: (tensor, str(x.shape[1])) for name, tensor in per_channel.items()})
    _check_positive("eps", eps)
    scale = torch.rsqrt(variance + eps) if weight is None else weight * torch.rsqrt(variance + eps)
    channel = (-1, *[1] * (x.ndim - 2))  # (C,) lined up with axis 1 of x
    y = (x - mean.view(channel)) * scale.view(channel)
    return y if bias is None else y + bias.view(channel)


class BatchNorm(nn.Module):
    r"""Normalise each channel over the batch, and remember the statistics for later.

    In training mode the batch's own statistics are used, and the running ones move towards them,

    $$r \leftarrow (1 - \text{momentum})\, r + \text{momentum} \cdot \text{batch's value}$$

    After `.eval()` the running ones are used. The batch is normalised by the biased variance,
    divided by $n$; the running variance takes the unbiased one, divided by $n - 1$.

    Args:
        num_features: C, at least 1.
        eps: Added to the variance inside the root, above 0.
        momentum: Weight of the new value, from 0 to 1: a small one remembers long.

    Attributes:
        weight: $\gamma$, shape (C,), starts at 1.
        bias: $\beta$, shape (C,), starts at 0.
        running_mean: Shape (C,), starts at 0. A buffer: saved, but not trained.
        running_var: Shape (C,), starts at 1. A buffer.
        num_batches_tracked: How many batches were seen in training mode. A buffer.

    Raises:
        ValueError: If `num_features` is below 1, `eps` not above 0, or `momentum` out of range.

    Source:
        Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167, algorithms 1 and 2.

    Differs from:
        `torch.nn.BatchNorm1d`, `torch.nn.BatchNorm2d`: nothing but that this one takes both
        shapes. Keras' `momentum` is the weight of the *old* value, 0.99 by default: torch's 0.1
        is Keras' 0.9; and its running variance is the biased one.

    Examples:
        >>> layer = BatchNorm(1)
        >>> layer(torch.tensor([[1.0], [3.0]])).tolist()  # mean 2, variance 1
        [[-0.9999949932098389], [0.9999949932098389]]
        >>> layer.running_mean, layer.running_var  # 0.1 × 2 and 0.9 × 1 + 0.1 × 2
        (tensor([0.2000]), tensor([1.1000]))
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, *, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        _check_sizes(num_features=num_features)
        _check_positive("eps", eps)
        _check_probability("momentum", momentum)
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """Return `batch_norm` of `x`, shape (B, C) or (B, C, *positions).

        Raises:
            ValueError: In training mode, if there is only one value a channel.
        """
        if not self.training:
            return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.eps)
        mean, variance = batch_statistics(x)
        y = batch_norm(x, mean, variance, self.weight, self.bias, self.eps)
        self._remember(mean.detach(), variance.detach(), x.numel() // x.shape[1])
        return y

    def _remember(self, mean: Tensor, variance: Tensor, n: int) -> None:
        if n < 2:
            raise ValueError(f"x must hold at least 2 values a channel in training mode, got {n}")
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * n / (n - 1), self.momentum)
        self.num_batches_tracked.add_(1)


def layer_norm(x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5) -> Tensor:
    r"""Standardise each example over its own features, then scale and shift them.

    $$y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta, \qquad
    \mu = \frac1D \sum_d x_d, \qquad \sigma^2 = \frac1D \sum_d (x_d - \mu)^2$$

    Nothing depends on the rest of the batch, so it does the same in training and afterwards.

    Args:
        x: Shape (..., D).
        weight: $\gamma$, shape (D,); None for 1.
        bias: $\beta$, shape (D,); None for 0.
        eps: $\varepsilon$, inside the root, above 0.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        ValueError: If an argument is not a floating-point tensor, if dtypes differ, shapes do not
            fit together, or `eps` is not above 0.

    Source:
        Ba, Kiros and Hinton, "Layer Normalization", arXiv 1607.06450, equation 3.

    Differs from:
        `torch.nn.functional.layer_norm` can normalise over several last axes; over one it
        returns the same.

    Examples:
        >>> layer_norm(torch.tensor([[1.0, 3.0], [10.0, 30.0]]))
        tensor([[-1.0000,  1.0000],
                [-1.0000,  1.0000]])
    """
    check_floating(x=x, weight=weight, bias=bias)
    check_shapes(x=(x, "... D"), weight=(weight, "D"), bias=(bias, "D"))
    _check_positive("eps", eps)
    centred = x - x.mean(-1, keepdim=True)
    y = centred * torch.rsqrt(centred.square().mean(-1, keepdim=True) + eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


class LayerNorm(nn.Module):
    """Own the scale and shift of a layer norm.

    Args:
        features: D, at least 1.
        eps: Added to the variance inside the root, above 0.

    Attributes:
        weight: Shape (D,), starts at 1.
        bias: Shape (D,), starts at 0.

    Raises:
        ValueError: If `features` is below 1 or `eps` is not above 0.

    Differs from:
        `torch.nn.LayerNorm`: nothing, for one axis.

    Examples:
        >>> LayerNorm(2)(torch.tensor([5.0, 9.0])).detach()
        tensor([-1.0000,  1.0000])
    """

    def __init__(self, features: int, *, eps: float = 1e-5) -> None:
        super().__init__()
        _check_sizes(features=features)
        _check_positive("eps", eps)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, x: Tensor) -> Tensor:
        """Return `layer_norm` of `x`, shape (..., D)."""
        return layer_norm(x, self.weight, self.bias, self.eps)


def embedding(tokens: Tensor, weight: Tensor) -> Tensor:
    r"""Look up a vector for each token.

    $$y_t = W_{k_t} = e_{k_t}^\top W$$

    with $k_t$ the number of the token at place $t$ and $e_k$ the vector with a one at place $k$:
    a linear layer without bias on one-hot inputs, without multiplying by the zeros.

    Args:
        tokens: Numbers from 0 to V − 1, int64, any shape.
        weight: One row for each token, shape (V, D).

    Returns:
        Tensor of shape (*tokens.shape, D).

    Raises:
        ValueError: If `tokens` are not int64 or out of range, or `weight` is not a
            floating-point matrix.

    Source:
        Bengio, Ducharme, Vincent and Jauvin, "A Neural Probabilistic Language Model", JMLR 3,
        2003, section 2.

    Differs from:
        `torch.nn.functional.embedding` has options for padding, norms and sparse gradients.

    Examples:
        >>> embedding(torch.tensor([2, 0]), torch.tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]))
        tensor([[0.5000, 0.6000],
                [0.1000, 0.2000]])
    """
    check_floating(weight=weight)
    check_shapes(weight=(weight, "V D"))
    check_labels("tokens", tokens, len(weight))
    return weight[tokens]


class Embedding(nn.Module):
    """Own a vector for each token of a vocabulary.

    Args:
        num_embeddings: V, at least 1.
        embedding_dim: D, at least 1.

    Attributes:
        weight: Shape (V, D), drawn from N(0, 1), as torch does.

    Raises:
        ValueError: If a size is below 1.

    Differs from:
        `torch.nn.Embedding`: as `embedding`.

    Examples:
        >>> Embedding(27, 8)(torch.tensor([[1, 2, 3]])).shape
        torch.Size([1, 3, 8])
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        _check_sizes(num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))

    def forward(self, tokens: Tensor) -> Tensor:
        """Return `embedding` of `tokens`, int64 of any shape: shape (*tokens.shape, D)."""
        return embedding(tokens, self.weight)
