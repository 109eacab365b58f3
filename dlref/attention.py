r"""Attention and the Transformer block, batch first: (B, T, D).

A mask is a boolean tensor, True where a query *may* attend to a key, as in
`torch.nn.functional.scaled_dot_product_attention`. In `torch.nn.MultiheadAttention` and
`torch.nn.TransformerEncoderLayer` a boolean mask says the opposite: True where it may *not*.
"""

import math

import torch
from torch import Tensor, nn

from dlref.activations import gelu, softmax
from dlref.checks import check_floating, check_shapes
from dlref.initializers import xavier_uniform
from dlref.layers import Dropout, LayerNorm, Linear, linear

__all__ = ["MultiHeadAttention", "TransformerBlock", "attention_weights", "causal_mask", "scaled_dot_product_attention"]


def causal_mask(length: int) -> Tensor:
    """Let each place attend to itself and to what came before.

    Args:
        length: T, the number of places, at least 1.

    Returns:
        Boolean tensor of shape (T, T), True on and below the diagonal.

    Raises:
        ValueError: If `length` is below 1.

    Source:
        Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, section 3.2.3.

    Differs from:
        `torch.nn.Transformer.generate_square_subsequent_mask` gives numbers to add to the
        scores, 0 and -inf.

    Examples:
        >>> causal_mask(3).int()
        tensor([[1, 0, 0],
                [1, 1, 0],
                [1, 1, 1]], dtype=torch.int32)
    """
    if length < 1:
        raise ValueError(f"length must be at least 1, got {length}")
    return torch.ones(length, length, dtype=torch.bool).tril()


def attention_weights(query: Tensor, key: Tensor, mask: Tensor | None = None) -> Tensor:
    r"""Say how much each query attends to each key.

    $$A = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt D}\right)$$

    with the softmax over the keys that the query may attend to. The root keeps the scores' variance
    at one when the entries of queries and keys are independent with variance one.

    Args:
        query: Shape (..., T, D).
        key: Shape (..., S, D), the same leading axes.
        mask: Boolean, True where a query may attend to a key; shape (T, S), or any that
            broadcasts to (..., T, S). None lets every query attend to every key.

    Returns:
        Tensor of shape (..., T, S), in $[0, 1]$; each row sums to one, but is all zero if its
            query may attend to nothing.

    Raises:
        ValueError: If `query` or `key` is not a floating-point tensor, if dtypes differ, shapes do
            not fit together, or `mask` is not boolean.

    Source:
        Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, equation 1.

    Differs from:
        `torch.nn.MultiheadAttention` returns weights averaged over its heads, and NaN where there
        is nothing to attend to.

    Examples:
        >>> query, key = torch.tensor([[1.0]]), torch.tensor([[0.0], [math.log(3)]])
        >>> attention_weights(query, key)
        tensor([[0.2500, 0.7500]])
        >>> attention_weights(query, key, torch.tensor([[True, False]]))
        tensor([[1., 0.]])
    """
    check_floating(query=query, key=key)
    check_shapes(query=(query, "... T D"), key=(key, "... S D"))
    if query.shape[:-2] != key.shape[:-2]:
        raise ValueError(f"query and key must have the same leading axes, got {tuple(query.shape)}, {tuple(key.shape)}")
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is None:
        return softmax(scores)
    _check_mask(mask, scores)
    # Not -inf: in a row where nothing is allowed, NaN would stand on the way to the zeros.
    allowed = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    return torch.where(mask, softmax(allowed), 0.0)


def _check_mask(mask: Tensor, scores: Tensor) -> None:
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be boolean, True where a query may attend, got {mask.dtype}")
    shape, whole = tuple(mask.shape), tuple(scores.shape)
    pairs = zip(reversed(shape), reversed(whole), strict=False)
    if len(shape) > len(whole) or any(size not in (1, full) for size, full in pairs):
        raise ValueError(f"mask must broadcast to (..., T, S) = {whole}, got {shape}")


def scaled_dot_product_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    r"""Give each query the average of the values, weighted by how well their keys match it.

    $$\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt D}\right) V$$

    Without a mask, the order of the keys with their values does not matter.

    Args:
        query: Shape (..., T, D).
        key: Shape (..., S, D).
        value: Shape (..., S, E); for self-attention E is D.
        mask: Boolean, True where a query may attend to a key; shape (T, S), or any that
            broadcasts to (..., T, S). None lets every query attend to every key.

    Returns:
        Tensor of shape (..., T, E); a row of zeros for a query that may attend to nothing.

    Raises:
        ValueError: If an argument is not a floating-point tensor, if dtypes differ, shapes do not
            fit together, or `mask` is not boolean.

    Source:
        Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, equation 1.

    Differs from:
        `torch.nn.functional.scaled_dot_product_attention`: nothing on values, rows with nothing to
        attend to included; it also takes a mask of numbers to add, drops weights at random, and
        never stores the (T, S) weights where it can avoid it.

    Examples:
        >>> query, key = torch.tensor([[1.0]]), torch.tensor([[0.0], [math.log(3)]])
        >>> scaled_dot_product_attention(query, key, torch.tensor([[4.0], [8.0]]))
        tensor([[7.0000]])
    """
    check_floating(query=query, key=key, value=value)
    check_shapes(key=(key, "... S D"), value=(value, "... S E"))
    return attention_weights(query, key, mask) @ value


class MultiHeadAttention(nn.Module):
    r"""Attend several times at once, each head in its own part of the features.

    $$\operatorname{head}_h = \operatorname{Attention}(x W_h^Q, m W_h^K, m W_h^V), \qquad
    y = [\operatorname{head}_1, \dots, \operatorname{head}_H]\, W^O$$

    with $m = x$ in self-attention. Each head has D / H features.

    Args:
        features: D, a multiple of `heads`.
        heads: H, at least 1.

    Attributes:
        in_proj_weight: $W^Q$, $W^K$, $W^V$ above each other, shape (3D, D), by Xavier's rule.
        in_proj_bias: Shape (3D,), starts at 0.
        out_proj: A `Linear` for $W^O$, with the bias at 0.

    Raises:
        ValueError: If `heads` is below 1 or `features` is not a multiple of it.

    Source:
        Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, section 3.2.2 (without
        biases).

    Differs from:
        `torch.nn.MultiheadAttention` takes (T, B, D) unless `batch_first=True`, its boolean masks
        mean the opposite, it returns a pair, and gives NaN where there is nothing to attend to.
        Its `state_dict` loads into this.

    Examples:
        >>> x = torch.zeros(2, 5, 8)
        >>> MultiHeadAttention(8, 2)(x, mask=causal_mask(5)).shape
        torch.Size([2, 5, 8])
    """

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        if heads < 1 or features < 1 or features % heads:
            raise ValueError(f"features must be a multiple of heads, got {features} and {heads}")
        self.heads = heads
        self.out_proj = Linear(features, features)
        self.in_proj_weight = nn.Parameter(xavier_uniform((3 * features, features)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * features))
        nn.init.zeros_(self.out_proj.bias)  # type: ignore[arg-type]  # it has one

    def forward(self, x: Tensor, memory: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Return what each place of `x` gathers from `memory`.

        Args:
            x: Where the queries come from, shape (B, T, D).
            memory: Where keys and values come from, shape (B, S, D); None for `x` itself.
            mask: Boolean, True where a query may attend; it broadcasts to (B, H, T, S). One that
                differs between examples has shape (B, 1, T, S).

        Returns:
            Tensor of shape (B, T, D).
        """
        memory = x if memory is None else memory
        D = len(self.out_proj.weight)
        check_shapes(x=(x, f"B T {D}"), memory=(memory, f"B S {D}"))
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        query, key, value = (
            linear(source, weight, bias).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, H, T, D / H)
            for source, weight, bias in zip((x, memory, memory), weights, biases, strict=True)
        )
        gathered = scaled_dot_product_attention(query, key, value, mask)
        y: Tensor = self.out_proj(gathered.transpose(1, 2).flatten(2))
        return y


class TransformerBlock(nn.Module):
    r"""Let the places exchange features, then let each one think for itself; add both to what was there.

    $$x \leftarrow x + \operatorname{Attention}(\operatorname{norm}_1(x)), \qquad
    x \leftarrow x + W_2 \operatorname{gelu}(W_1 \operatorname{norm}_2(x) + b_1) + b_2$$

    The norms stand before the sublayers, so that a path from input to output stays free of them
    ("pre-norm", as in GPT-2).

    Args:
        features: D, a multiple of `heads`.
        heads: H, at least 1.
        hidden: Size of the layer between $W_1$ and $W_2$; 4D if left out.
        dropout: Probability of dropping what a sublayer adds, from 0 to 1.

    Raises:
        ValueError: If a size does not fit or `dropout` is out of range.

    Source:
        Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, section 3.1, with the norms
        after each sum ("post-norm") and ReLU; Radford et al., "Language Models are Unsupervised
        Multitask Learners", 2019, section 2.3, with the norms here and GELU.

    Differs from:
        `torch.nn.TransformerEncoderLayer` is post-norm with ReLU, hidden size 2048 and dropout 0.1
        unless told otherwise; with `norm_first=True, activation="gelu", batch_first=True` and
        dropout 0 it returns the same, and its `state_dict` loads into this. Its boolean masks mean
        the opposite, and its dropout acts on the attention weights and in the hidden layer too.
        GPT-2's own code has the tanh form of GELU.

    Examples:
        >>> block = TransformerBlock(8, 2)
        >>> block(torch.zeros(2, 5, 8), mask=causal_mask(5)).shape
        torch.Size([2, 5, 8])
    """

    def __init__(self, features: int, heads: int, hidden: int | None = None, *, dropout: float = 0.0) -> None:
        super().__init__()
        hidden = 4 * features if hidden is None else hidden
        self.self_attn = MultiHeadAttention(features, heads)
        self.linear1, self.linear2 = Linear(features, hidden), Linear(hidden, features)
        self.norm1, self.norm2 = LayerNorm(features), LayerNorm(features)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the new features of each place.

        Args:
            x: Shape (B, T, D).
            mask: Boolean, True where a place may attend to another; it broadcasts to (B, H, T, T).

        Returns:
            Tensor of shape (B, T, D).
        """
        x = x + self.dropout(self.self_attn(self.norm1(x), mask=mask))
        y: Tensor = x + self.dropout(self.linear2(gelu(self.linear1(self.norm2(x)))))
        return y
