r"""Convolution and pooling, from their definitions, in order of increasing difficulty.

Images are tensors of shape (B, C, H, W): batch, channels, rows, columns. A size, stride, padding or
dilation is one whole number for both directions, or a pair (rows, columns). What deep learning calls
convolution is a cross-correlation: the kernel is not flipped.

Everything here is one idea: cut the image into patches, multiply all of them by one matrix. Its
adjoint, adding patches up into an image, is the transposed convolution.
"""

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from dlref.checks import check_floating, check_shapes
from dlref.initializers import he_uniform

__all__ = [
    "AvgPool2d",
    "Conv2d",
    "ConvTranspose2d",
    "MaxPool2d",
    "avg_pool2d",
    "conv2d",
    "conv_transpose2d",
    "cross_correlate2d",
    "max_pool2d",
    "output_size",
    "receptive_field",
]

Pair: TypeAlias = int | tuple[int, int]


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    r"""Count the places at which a kernel fits, along one direction.

    $$\left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1$$

    A kernel of $k$ elements spans $d(k-1)+1$; what is left over, divided by the stride, are the
    steps that it can take.

    Args:
        size: $n$, rows or columns of the input, at least 0.
        kernel: $k$, rows or columns of the kernel, at least 1.
        stride: $s$, how far the kernel moves in each step, at least 1.
        padding: $p$, how many elements are added on each side, at least 0.
        dilation: $d$, the distance between two neighbouring elements of the kernel, at least 1.

    Returns:
        Rows or columns of the output, at least 1.

    Raises:
        ValueError: If a number is out of its range, or the kernel does not fit at all.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285,
        relationships 6 and 15.

    Differs from:
        torch's layers: nothing. Its pooling can round up instead (`ceil_mode`), which this cannot.

    Examples:
        >>> output_size(28, kernel=5), output_size(28, kernel=5, padding=2)
        (24, 28)
        >>> output_size(28, kernel=2, stride=2)
        14
    """
    _check_whole(0, size=size, padding=padding)
    _check_whole(1, kernel=kernel, stride=stride, dilation=dilation)
    span = dilation * (kernel - 1) + 1
    if size + 2 * padding < span:
        raise ValueError(
            f"a kernel of {kernel} with dilation {dilation} spans {span}, more than the {size + 2 * padding} "
            f"that there are: size {size} and padding {padding} on both sides"
        )
    return (size + 2 * padding - span) // stride + 1


def receptive_field(layers: Iterable[tuple[int, int]]) -> tuple[int, int]:
    r"""Compute how much of the input one output of a stack of layers can see, along one direction.

    $$r_l = r_{l-1} + (k_l - 1)\, j_{l-1}, \qquad j_l = j_{l-1} s_l, \qquad r_0 = j_0 = 1$$

    $j$, the jump, is the distance in the input between what two neighbouring outputs see: in these
    units each kernel widens the field.

    Args:
        layers: (kernel, stride) of each convolution or pooling, first layer first. A dilated kernel
            counts with its span, $d(k-1)+1$.

    Returns:
        The size of the receptive field and the jump, both in elements of the input.

    Raises:
        ValueError: If a kernel or a stride is not a whole number of at least 1.

    Source:
        Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
        Distill 2019, doi 10.23915/distill.00021.

    Examples:
        >>> receptive_field([(3, 1), (3, 1), (2, 2), (3, 1)])
        (10, 2)
    """
    size = jump = 1
    for kernel, stride in layers:
        _check_whole(1, kernel=kernel, stride=stride)
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump


def cross_correlate2d(image: Tensor, kernel: Tensor) -> Tensor:
    r"""Slide a kernel over an image, by loops: the definition.

    $$y_{ij} = \sum_{u=0}^{k-1} \sum_{v=0}^{l-1} x_{i+u,\,j+v}\, w_{uv}$$

    Args:
        image: $x$, shape (H, W), floating point.
        kernel: $w$, shape (k, l), floating point, not larger than the image.

    Returns:
        $y$, shape (H - k + 1, W - l + 1): one number for each place where the kernel fits.

    Raises:
        ValueError: If a tensor is not floating point or not two-dimensional, the dtypes differ, or
            the kernel does not fit into the image.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", MIT Press 2016, equation 9.6.

    Differs from:
        Mathematics, and `scipy.signal.convolve2d`: a convolution flips the kernel in both
        directions first, here `kernel.flip(0, 1)`.

    Examples:
        >>> image = torch.arange(9.0).reshape(3, 3)
        >>> cross_correlate2d(image, torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
        tensor([[19., 25.],
                [37., 43.]])
    """
    check_floating(image=image, kernel=kernel)
    check_shapes(image=(image, "H W"), kernel=(kernel, "k l"))
    k, l = kernel.shape  # noqa: E741 (the letters of the equation)
    rows, columns = output_size(image.shape[0], k), output_size(image.shape[1], l)
    y = [(image[i : i + k, j : j + l] * kernel).sum() for i in range(rows) for j in range(columns)]
    return torch.stack(y).reshape(rows, columns)


def max_pool2d(x: Tensor, kernel_size: Pair, *, stride: Pair | None = None, padding: Pair = 0) -> Tensor:
    r"""Keep the largest number of each patch.

    $$y_{bcij} = \max_{0 \le u < k,\ 0 \le v < l} x_{b,\,c,\,si+u,\,sj+v}$$

    The gradient goes to that number alone; of several equal ones, to the first.

    Args:
        x: Shape (B, C, H, W), floating point.
        kernel_size: Rows and columns of a patch.
        stride: Distance between two patches; None stands for `kernel_size`, which tiles the image.
        padding: Rows and columns added on each side, at most half of `kernel_size`. They are minus
            infinity, so that they never win.

    Returns:
        Shape (B, C, H', W') with the sizes that `output_size` gives.

    Raises:
        ValueError: If `x` is not floating point or not of that shape, or a number is out of range.

    Source:
        Scherer, Müller and Behnke, "Evaluation of Pooling Operations in Convolutional Architectures
        for Object Recognition", ICANN 2010.

    Differs from:
        `torch.nn.functional.max_pool2d`: nothing, except that it also knows `dilation` and
        `ceil_mode`, takes a single image without the batch, and has positional arguments.

    Examples:
        >>> x = torch.arange(16.0).reshape(1, 1, 4, 4)
        >>> max_pool2d(x, 2)
        tensor([[[[ 5.,  7.],
                  [13., 15.]]]])
    """
    kernel, strides, border = _pooling(x, kernel_size, stride, padding)
    return _patches(x, kernel, strides, border, fill=-math.inf).flatten(2, 3).max(dim=2).values


def avg_pool2d(
    x: Tensor, kernel_size: Pair, *, stride: Pair | None = None, padding: Pair = 0, count_include_pad: bool = True
) -> Tensor:
    r"""Replace each patch by its mean.

    $$y_{bcij} = \frac{1}{kl} \sum_{u=0}^{k-1} \sum_{v=0}^{l-1} x_{b,\,c,\,si+u,\,sj+v}$$

    It is a convolution of each channel by itself with a constant kernel.

    Args:
        x: Shape (B, C, H, W), floating point.
        kernel_size: Rows and columns of a patch.
        stride: Distance between two patches; None stands for `kernel_size`, which tiles the image.
        padding: Rows and columns of zeros added on each side, at most half of `kernel_size`.
        count_include_pad: Whether those zeros count: divide by $kl$ as above, or only by how many
            elements of the image lie in the patch.

    Returns:
        Shape (B, C, H', W') with the sizes that `output_size` gives.

    Raises:
        ValueError: If `x` is not floating point or not of that shape, or a number is out of range.

    Source:
        LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proceedings of the
        IEEE 86, 1998, section II.A: there the mean is also scaled and shifted by two learned numbers.

    Differs from:
        `torch.nn.functional.avg_pool2d`: nothing, counting the padding is its default as well. It
        also knows `ceil_mode` and `divisor_override`. Keras does not count the padding.

    Examples:
        >>> x = torch.arange(16.0).reshape(1, 1, 4, 4)
        >>> avg_pool2d(x, 2)
        tensor([[[[ 2.5000,  4.5000],
                  [10.5000, 12.5000]]]])
        >>> avg_pool2d(torch.ones(1, 1, 2, 2), 2, padding=1)
        tensor([[[[0.2500, 0.2500],
                  [0.2500, 0.2500]]]])
    """
    kernel, strides, border = _pooling(x, kernel_size, stride, padding)
    mean = _patches(x, kernel, strides, border).flatten(2, 3).mean(dim=2)
    if count_include_pad:
        return mean
    inside = _patches(torch.ones_like(x[:1, :1]), kernel, strides, border).flatten(2, 3).mean(dim=2)
    return mean / inside


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    r"""Cross-correlate every image of a batch with every kernel, by one matrix product.

    $$y_{boij} = \beta_o + \sum_{c} \sum_{u=0}^{k-1} \sum_{v=0}^{l-1}
    x_{b,\,c,\,si+du-p,\,sj+dv-p}\; w_{ocuv}$$

    with zeros for $x$ beyond the border. All patches become the columns of a matrix with
    $Ckl$ rows; the weights are a matrix of shape (O, $Ckl$); their product is the answer.

    Args:
        x: Images, shape (B, C, H, W), floating point.
        weight: $w$, kernels, shape (O, C / groups, k, l), of the dtype of `x`.
        bias: $\beta$, shape (O,), or None for zero.
        stride: $s$, how far a kernel moves in each step.
        padding: $p$, rows and columns of zeros added on each side.
        dilation: $d$, the distance between two neighbouring elements of a kernel.
        groups: Channels and kernels are split into this many groups; the kernels of one group see
            its channels only. With as many groups as channels it is called depthwise.

    Returns:
        Shape (B, O, H', W') with the sizes that `output_size` gives.

    Raises:
        ValueError: If a tensor is not floating point, dtypes or shapes do not fit together, a number
            is out of range, a kernel does not fit, or `groups` does not divide C and O.

    Source:
        LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proceedings of the
        IEEE 86, 1998; the matrix product: Chellapilla, Puri and Simard, "High Performance
        Convolutional Neural Networks for Document Processing", 2006; dilation: Yu and Koltun,
        arXiv 1511.07122; groups: Krizhevsky, Sutskever and Hinton, NIPS 2012.

    Differs from:
        `torch.nn.functional.conv2d`: nothing but rounding and speed; it also takes a single image
        without the batch, and padding as the words "same" and "valid". Keras puts the channels last.
        Mathematics: a convolution flips the kernels, `weight.flip(2, 3)`.

    Examples:
        >>> x = torch.arange(9.0).reshape(1, 1, 3, 3)
        >>> weight = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
        >>> conv2d(x, weight)
        tensor([[[[19., 25.],
                  [37., 43.]]]])
        >>> conv2d(x, weight, torch.tensor([1.0]), stride=2, padding=1)
        tensor([[[[ 1.,  9.],
                  [22., 44.]]]])
    """
    check_floating(x=x, weight=weight, bias=bias)
    sizes = check_shapes(x=(x, "B C H W"), weight=(weight, "O I k l"), bias=(bias, "O"))
    B, C, O, k, l = (sizes[name] for name in "BCOkl")  # noqa: E741 (the letters of the equation)
    _check_groups(groups, channels=C, kernels=O)
    if sizes["I"] * groups != C:
        shape = f"(O, C / groups, k, l) with C = {C} and groups = {groups}"
        raise ValueError(f"weight must have shape {shape}, got {tuple(weight.shape)}")
    strides, border, gaps = _pair("stride", stride, 1), _pair("padding", padding, 0), _pair("dilation", dilation, 1)
    patches = _patches(x, (k, l), strides, border, gaps)  # (B, C, k, l, H', W')
    rows, columns = patches.shape[4:]
    matrix = patches.reshape(B, groups, C // groups * k * l, rows * columns)
    y = (weight.reshape(groups, O // groups, -1) @ matrix).reshape(B, O, rows, columns)
    return y if bias is None else y + bias.reshape(-1, 1, 1)


def conv_transpose2d(  # noqa: PLR0913 (torch's arguments, by name)
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    output_padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    r"""Stamp a multiple of the kernel at each place, and add up what overlaps.

    $$y_{b,\,o,\,si+du-p,\,sj+dv-p} = \beta_o + \sum_{c,\,i,\,j,\,u,\,v} x_{bcij}\, w_{couv}$$

    summed over all that lands on the same element of $y$; what lands beyond the border is lost.
    It is the adjoint of `conv2d`, the product with the transposed matrix, and so what carries
    its gradient from output to input. It undoes the sizes of a convolution, not its values.

    Args:
        x: Shape (B, C, H, W), floating point.
        weight: $w$, shape (C, O / groups, k, l), of the dtype of `x`: the same tensor with which
            `conv2d` goes from O channels to C.
        bias: $\beta$, shape (O,), or None for zero.
        stride: $s$, distance between two stamps.
        padding: $p$, rows and columns cut off on each side.
        output_padding: Rows and columns added below and to the right, less than the stride or the
            dilation: a convolution with a stride gives several input sizes the same output size, and
            this says which of them is meant.
        dilation: $d$, the distance between two neighbouring elements of a kernel.
        groups: Channels and outputs are split into this many groups.

    Returns:
        Shape (B, O, H', W') with H' = s (H - 1) + d (k - 1) + 1 - 2 p + output_padding.

    Raises:
        ValueError: If a tensor is not floating point, dtypes or shapes do not fit together, a number
            is out of range, `groups` does not divide C, or nothing is left of the output.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285,
        section 4; Zeiler et al., "Deconvolutional Networks", CVPR 2010.

    Differs from:
        `torch.nn.functional.conv_transpose2d`: nothing but rounding and speed.
        Its nickname, deconvolution: in signal processing that is the inverse, not the adjoint.

    Examples:
        >>> x = torch.tensor([[[[1.0, 10.0]]]])
        >>> stamp = torch.tensor([[[[1.0, 2.0, 3.0]]]])
        >>> conv_transpose2d(x, stamp)
        tensor([[[[ 1., 12., 23., 30.]]]])
        >>> conv_transpose2d(x, stamp, stride=2)
        tensor([[[[ 1.,  2., 13., 20., 30.]]]])
    """
    check_floating(x=x, weight=weight, bias=bias)
    sizes = check_shapes(x=(x, "B C H W"), weight=(weight, "C I k l"))
    B, C, I, k, l = (sizes[name] for name in "BCIkl")  # noqa: E741 (the letters of the equation)
    _check_groups(groups, channels=C)
    O = I * groups  # noqa: E741
    check_shapes(bias=(bias, f"{O}"))
    strides, border, gaps = _pair("stride", stride, 1), _pair("padding", padding, 0), _pair("dilation", dilation, 1)
    extra = _pair("output_padding", output_padding, 0)
    if any(more >= max(step, gap) for more, step, gap in zip(extra, strides, gaps, strict=True)):
        raise ValueError(f"output_padding must be less than stride or dilation, got {output_padding} with {stride = }")
    matrix = weight.reshape(groups, C // groups, -1).transpose(1, 2) @ x.flatten(2).unflatten(1, (groups, -1))
    y = _add_patches(matrix.reshape(B, O, k, l, *x.shape[2:]), strides, border, gaps, extra)
    return y if bias is None else y + bias.reshape(-1, 1, 1)


class MaxPool2d(nn.Module):
    """Keep the largest number of each patch: `max_pool2d` as a layer.

    Args:
        kernel_size: Rows and columns of a patch.
        stride: Distance between two patches; None stands for `kernel_size`.
        padding: Rows and columns added on each side, which never win.

    Examples:
        >>> MaxPool2d(2)(torch.arange(4.0).reshape(1, 1, 2, 2))
        tensor([[[[3.]]]])
    """

    def __init__(self, kernel_size: Pair, *, stride: Pair | None = None, padding: Pair = 0) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """Pool images of shape (B, C, H, W)."""
        return max_pool2d(x, self.kernel_size, stride=self.stride, padding=self.padding)


class AvgPool2d(nn.Module):
    """Replace each patch by its mean: `avg_pool2d` as a layer.

    Args:
        kernel_size: Rows and columns of a patch.
        stride: Distance between two patches; None stands for `kernel_size`.
        padding: Rows and columns of zeros added on each side.
        count_include_pad: Whether those zeros count.

    Examples:
        >>> AvgPool2d(2)(torch.arange(4.0).reshape(1, 1, 2, 2))
        tensor([[[[1.5000]]]])
    """

    def __init__(
        self, kernel_size: Pair, *, stride: Pair | None = None, padding: Pair = 0, count_include_pad: bool = True
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        """Pool images of shape (B, C, H, W)."""
        return avg_pool2d(
            x, self.kernel_size, stride=self.stride, padding=self.padding, count_include_pad=self.count_include_pad
        )


class Conv2d(nn.Module):
    r"""Cross-correlate images with kernels that are learned: `conv2d` as a layer.

    Its $O C k l$ / groups weights and $O$ biases do not depend on the size of the image.

    Args:
        in_channels: C, channels of the images.
        out_channels: O, number of kernels, which is the number of channels that come out.
        kernel_size: Rows and columns of the kernels.
        stride: How far a kernel moves in each step.
        padding: Rows and columns of zeros added on each side.
        dilation: Distance between two neighbouring elements of a kernel.
        groups: Into how many groups the channels are split.
        bias: Whether there is one.

    Attributes:
        weight: Shape (O, C / groups, k, l), at first uniform within plus or minus one over the
            square root of $C k l$ / groups.
        bias: Shape (O,), at first uniform within the same limits, or None.

    Raises:
        ValueError: If a number is out of range, or `groups` does not divide the channels.

    Differs from:
        `torch.nn.Conv2d`: nothing in names, shapes and first values, so that its `state_dict` loads
        here; it knows other paddings than zeros.

    Examples:
        >>> layer = Conv2d(3, 8, kernel_size=5, padding=2)
        >>> layer(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 8, 32, 32])
        >>> sum(p.numel() for p in layer.parameters())
        608
    """

    def __init__(  # noqa: PLR0913 (torch's arguments, by name)
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        *,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        _check_groups(groups, in_channels=in_channels, out_channels=out_channels)
        shape = (out_channels, in_channels // groups, *_pair("kernel_size", kernel_size, 1))
        self.weight, self.bias = _parameters(shape, out_channels if bias else None)
        self.stride, self.padding = _pair("stride", stride, 1), _pair("padding", padding, 0)
        self.dilation, self.groups = _pair("dilation", dilation, 1), groups

    def forward(self, x: Tensor) -> Tensor:
        """Convolve images of shape (B, C, H, W)."""
        return conv2d(
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )


class ConvTranspose2d(nn.Module):
    """Stamp kernels that are learned: `conv_transpose2d` as a layer.

    Args:
        in_channels: C, channels that come in.
        out_channels: O, channels that come out.
        kernel_size: Rows and columns of the kernels.
        stride: Distance between two stamps.
        padding: Rows and columns cut off on each side.
        output_padding: Rows and columns added below and to the right.
        dilation: Distance between two neighbouring elements of a kernel.
        groups: Into how many groups the channels are split.
        bias: Whether there is one.

    Attributes:
        weight: Shape (C, O / groups, k, l), at first uniform within plus or minus one over the
            square root of O k l / groups.
        bias: Shape (O,), at first uniform within the same limits, or None.

    Raises:
        ValueError: If a number is out of range, or `groups` does not divide the channels.

    Differs from:
        `torch.nn.ConvTranspose2d`: nothing in names, shapes and first values, so that its
        `state_dict` loads here; it can be told the output's size in place of `output_padding`.

    Examples:
        >>> ConvTranspose2d(8, 3, kernel_size=4, stride=2, padding=1)(torch.zeros(1, 8, 16, 16)).shape
        torch.Size([1, 3, 32, 32])
    """

    def __init__(  # noqa: PLR0913 (torch's arguments, by name)
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        *,
        stride: Pair = 1,
        padding: Pair = 0,
        output_padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        _check_groups(groups, in_channels=in_channels, out_channels=out_channels)
        shape = (in_channels, out_channels // groups, *_pair("kernel_size", kernel_size, 1))
        self.weight, self.bias = _parameters(shape, out_channels if bias else None)
        self.stride, self.padding = _pair("stride", stride, 1), _pair("padding", padding, 0)
        self.output_padding = _pair("output_padding", output_padding, 0)
        self.dilation, self.groups = _pair("dilation", dilation, 1), groups

    def forward(self, x: Tensor) -> Tensor:
        """Stamp images of shape (B, C, H, W)."""
        return conv_transpose2d(
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
            groups=self.groups,
        )


_Two: TypeAlias = tuple[int, int]  # rows, columns


def _is_whole(number: Any, least: int) -> bool:
    return isinstance(number, int) and number >= least


def _check_whole(least: int, **numbers: int) -> None:
    """Refuse what is not a whole number, and less than the least."""
    for name, number in numbers.items():
        if not _is_whole(number, least):
            raise ValueError(f"{name} must be a whole number, {least} or more, got {number!r}")


def _pair(name: str, value: Any, least: int) -> _Two:
    """Return (rows, columns) of what was given as one number or two, refusing less than the least."""
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(_is_whole(number, least) for number in pair):
        raise ValueError(f"{name} must be a whole number or a pair of them, {least} or more, got {value!r}")
    return pair


def _check_groups(groups: int, **channels: int) -> None:
    """Refuse numbers of channels that cannot be split evenly."""
    _check_whole(1, groups=groups, **channels)
    for name, number in channels.items():
        if number % groups:
            raise ValueError(f"groups must divide {name}, got {groups} and {number}")


def _pooling(x: Tensor, kernel_size: Pair, stride: Pair | None, padding: Pair) -> tuple[_Two, _Two, _Two]:
    """Check the arguments of a pooling; return its kernel, stride and padding as pairs."""
    check_floating(x=x)
    check_shapes(x=(x, "B C H W"))
    kernel, border = _pair("kernel_size", kernel_size, 1), _pair("padding", padding, 0)
    if any(2 * more > size for more, size in zip(border, kernel, strict=True)):
        raise ValueError(f"padding must be at most half of kernel_size {kernel_size}, got {padding}")
    return kernel, kernel if stride is None else _pair("stride", stride, 1), border


def _slices(sizes: _Two, kernel: _Two, stride: _Two, dilation: _Two) -> list[tuple[slice, slice]]:
    """For each element of a kernel, row by row, say which of the image it meets in its steps."""
    rows, columns = (
        [slice(d * u, d * u + s * (n - 1) + 1, s) for u in range(k)]
        for n, k, s, d in zip(sizes, kernel, stride, dilation, strict=True)
    )
    return [(row, column) for row in rows for column in columns]


def _patches(
    x: Tensor, kernel: _Two, stride: _Two, padding: _Two, dilation: _Two = (1, 1), fill: float = 0.0
) -> Tensor:
    """Collect what a kernel sees at each of its places: shape (B, C, k, l, H', W')."""
    measures = zip(x.shape[2:], kernel, stride, padding, dilation, strict=True)
    rows, columns = (output_size(*measure) for measure in measures)
    padded = pad(x, (padding[1], padding[1], padding[0], padding[0]), value=fill)
    slices = _slices((rows, columns), kernel, stride, dilation)
    patches = torch.stack([padded[:, :, row, column] for row, column in slices], dim=2)
    return patches.reshape(*x.shape[:2], *kernel, rows, columns)


def _add_patches(patches: Tensor, stride: _Two, padding: _Two, dilation: _Two, extra: _Two) -> Tensor:
    """Add patches of shape (B, C, k, l, H, W) up where they lie: the adjoint of `_patches`."""
    B, C, k, l, H, W = patches.shape  # noqa: E741 (the letters of the equation)
    measures = zip((H, W), (k, l), stride, dilation, extra, strict=True)
    height, width = (s * (n - 1) + d * (kernel - 1) + 1 + more for n, kernel, s, d, more in measures)
    if height <= 2 * padding[0] or width <= 2 * padding[1]:
        raise ValueError(f"nothing is left of an output of size ({height}, {width}) after cutting off {padding = }")
    y = patches.new_zeros(B, C, height, width)
    slices = _slices((H, W), (k, l), stride, dilation)
    for (row, column), part in zip(slices, patches.flatten(2, 3).unbind(2), strict=True):
        y[:, :, row, column] += part
    return y[:, :, padding[0] : height - padding[0], padding[1] : width - padding[1]]


def _parameters(shape: tuple[int, ...], biases: int | None) -> tuple[nn.Parameter, nn.Parameter | None]:
    """Draw weights and biases as torch does, within plus or minus one over the root of what shape[1:] holds."""
    limit = 1 / math.sqrt(math.prod(shape[1:]))
    weight = nn.Parameter(he_uniform(shape, gain=1 / math.sqrt(3)))
    return weight, None if biases is None else nn.Parameter(torch.empty(biases).uniform_(-limit, limit))
