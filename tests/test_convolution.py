"""Convolution and pooling by hand, by their invariants, by finite differences, beside their twins in torch."""

import ast
import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from dlref import convolution
from dlref.convolution import (
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    MaxPool2d,
    avg_pool2d,
    conv2d,
    conv_transpose2d,
    cross_correlate2d,
    max_pool2d,
    output_size,
    receptive_field,
)

Options = dict[str, Any]

close = partial(torch.testing.assert_close, rtol=1e-10, atol=1e-10)

# (C, O, kernel, options), each on images of 9 × 7
CONVOLUTIONS: dict[str, tuple[int, int, tuple[int, int], Options]] = {
    "plain": (2, 3, (3, 3), {}),
    "1 × 1": (4, 2, (1, 1), {}),
    "even kernel": (2, 3, (2, 4), {"padding": 1}),
    "kernel as large as the image": (1, 2, (9, 7), {}),
    "stride": (2, 3, (3, 3), {"stride": 2}),
    "stride above the kernel": (2, 3, (2, 2), {"stride": 3}),
    "padding": (1, 2, (5, 5), {"padding": 2}),
    "padding above the kernel": (1, 1, (2, 2), {"padding": 3}),
    "dilation": (2, 2, (3, 3), {"dilation": 2}),
    "groups": (4, 6, (3, 3), {"groups": 2}),
    "depthwise": (3, 3, (3, 3), {"groups": 3, "padding": 1}),
    "depthwise, two kernels a channel": (3, 6, (3, 3), {"groups": 3}),
    "pairs": (2, 3, (3, 2), {"stride": (2, 1), "padding": (0, 2), "dilation": (1, 3)}),
    "everything": (4, 8, (3, 2), {"stride": (3, 2), "padding": (2, 1), "dilation": (2, 3), "groups": 4}),
}
OUTPUT_PADDINGS: list[Options] = [{"stride": 3, "output_padding": 2}, {"stride": (2, 1), "output_padding": (1, 0)}]
POOLS: dict[str, tuple[int | tuple[int, int], Options]] = {
    "tiles": (2, {}),
    "overlapping": (3, {"stride": 1}),
    "gaps": (2, {"stride": 3}),
    "padding": (3, {"padding": 1}),
    "pairs": ((2, 3), {"stride": (1, 2), "padding": (0, 1)}),
}


def table(cases: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases.values(), ids=cases)


def double(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def tensors(case: tuple[int, int, tuple[int, int], Options]) -> tuple[Tensor, Tensor, Tensor]:
    """Return random images, kernels and biases for a case of the table."""
    C, O, kernel, options = case  # noqa: E741
    torch.manual_seed(0)
    return double(2, C, 9, 7), double(O, C // options.get("groups", 1), *kernel), double(O)


def same_values_and_gradients(
    ours: Callable[..., Tensor], theirs: Callable[..., Tensor], *inputs: Tensor, **options: Any
) -> None:
    results = []
    for function in (ours, theirs):
        y = function(*inputs, **options)
        signal = torch.linspace(-1, 2, y.numel(), dtype=y.dtype).reshape(y.shape)
        results.append((y, *torch.autograd.grad(y, inputs, signal)))
    close(*results)


# By hand


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ((5, 3), 3),
        ((5, 3, 2), 2),
        ((6, 3, 2), 2),
        ((7, 3, 2), 3),
        ((5, 3, 1, 1), 5),
        ((28, 5, 1, 2), 28),
        ((7, 3, 1, 0, 3), 1),
        ((8, 2, 5), 2),
        ((1, 1), 1),
        ((0, 2, 1, 1), 1),
    ],
)
def test_output_size_by_hand(arguments: tuple[int, ...], size: int) -> None:
    assert output_size(*arguments) == size


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([], (1, 1)),
        ([(3, 1)], (3, 1)),
        ([(3, 1), (3, 1)], (5, 1)),
        ([(3, 2), (3, 1)], (7, 2)),
        ([(5, 1), (2, 2), (5, 1), (2, 2)], (16, 4)),  # LeNet: 5, 6, 14, 16
        ([(7, 2), (3, 2), (1, 1)], (11, 4)),
        ([(2, 3), (2, 3)], (5, 9)),
    ],
)
def test_receptive_field_by_hand(layers: list[tuple[int, int]], field: tuple[int, int]) -> None:
    assert receptive_field(layers) == field


def test_cross_correlation_by_hand() -> None:
    image = torch.tensor([[1.0, 2, 0], [0, 3, -1]])
    kernel = torch.tensor([[1.0, -1], [2, 10]])
    assert cross_correlate2d(image, kernel).tolist() == [[1 - 2 + 0 + 30, 2 - 0 + 6 - 10]]


def test_convolution_by_hand_adds_channels_and_the_bias() -> None:
    x = torch.tensor([[[[1.0, 2, 3]], [[10, 20, 30]]]])
    weight = torch.tensor([[[[1.0, 0]], [[0, 1]]], [[[0, 0]], [[1, -1]]]])
    assert conv2d(x, weight, torch.tensor([100.0, 0])).tolist() == [[[[121, 132]], [[-10, -10]]]]
    assert conv2d(x[:, :1], weight[:1, :1], padding=(0, 1), stride=(1, 2)).tolist() == [[[[0, 2]]]]
    assert conv2d(x[:, :1], weight[:1, 1:], dilation=(1, 2)).tolist() == [[[[3]]]]
    assert conv2d(x, torch.tensor([[[[2.0]]], [[[3]]]]), groups=2).tolist() == [[[[2, 4, 6]], [[30, 60, 90]]]]


def test_transposed_convolution_by_hand_stamps_and_adds_up() -> None:
    x, stamp = torch.tensor([[[[1.0, 10]]]]), torch.tensor([[[[1.0, 2, 3]]]])
    assert conv_transpose2d(x, stamp).tolist() == [[[[1, 12, 23, 30]]]]
    assert conv_transpose2d(x, stamp, torch.tensor([0.5])).tolist() == [[[[1.5, 12.5, 23.5, 30.5]]]]
    assert conv_transpose2d(x, stamp, padding=(0, 1)).tolist() == [[[[12, 23]]]]
    assert conv_transpose2d(x, stamp, stride=(1, 4)).tolist() == [[[[1, 2, 3, 0, 10, 20, 30]]]]
    assert conv_transpose2d(x, stamp, stride=(1, 2), output_padding=(0, 1)).tolist() == [[[[1, 2, 13, 20, 30, 0]]]]
    assert conv_transpose2d(x, stamp, dilation=(1, 2)).tolist() == [[[[1, 10, 2, 20, 3, 30]]]]


def test_pooling_by_hand() -> None:
    x = torch.tensor([[[[-1.0, -2, -3, -4], [-5, -6, -8, -7]]]])
    assert max_pool2d(x, 2).tolist() == [[[[-1, -3]]]]
    assert max_pool2d(x, 2, stride=1).tolist() == [[[[-1, -2, -3]]]]
    assert max_pool2d(x, (1, 2), padding=(0, 1)).tolist() == [[[[-1, -2, -4], [-5, -6, -7]]]]
    assert avg_pool2d(x, 2).tolist() == [[[[-3.5, -5.5]]]]
    assert avg_pool2d(x, (1, 2), padding=(0, 1)).tolist() == [[[[-0.5, -2.5, -2], [-2.5, -7, -3.5]]]]
    whole = avg_pool2d(x, (1, 2), padding=(0, 1), count_include_pad=False)
    assert whole.tolist() == [[[[-1, -2.5, -4], [-5, -7, -7]]]]


def test_of_several_largest_numbers_the_first_gets_the_gradient_as_in_torch() -> None:
    for pool in (partial(max_pool2d, kernel_size=2), partial(functional.max_pool2d, kernel_size=2)):
        x = torch.zeros(1, 1, 2, 2, requires_grad=True)
        (gradient,) = torch.autograd.grad(pool(x).sum(), x)
        assert gradient.tolist() == [[[[1, 0], [0, 0]]]]


# Invariants

sizes = st.integers(1, 6)


@given(size=st.integers(1, 20), kernel=sizes, stride=sizes, padding=st.integers(0, 4), dilation=st.integers(1, 4))
def test_output_size_counts_the_places_where_the_kernel_fits(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    span = dilation * (kernel - 1) + 1
    places = [start for start in range(-padding, size + padding, stride) if start + span <= size + padding]
    assume(places)
    assert output_size(size, kernel, stride, padding, dilation) == len(places)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=4))
@settings(max_examples=40)
def test_the_receptive_field_is_where_the_gradient_is_not_zero(layers: list[tuple[int, int]]) -> None:
    size, jump = receptive_field(layers)
    x = torch.ones(1, 1, size + jump, 1, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride in layers:
        y = conv2d(y, torch.ones(1, 1, kernel, 1, dtype=torch.float64), stride=stride)
    for place in range(2):
        (gradient,) = torch.autograd.grad(y[0, 0, place, 0], x, retain_graph=True)
        seen = gradient.flatten().nonzero().flatten()
        assert [seen.min().item(), seen.max().item()] == [place * jump, place * jump + size - 1]


@table(CONVOLUTIONS)
def test_the_transposed_convolution_is_the_adjoint(case: tuple[int, int, tuple[int, int], Options]) -> None:
    x, weight, _ = tensors(case)
    y = torch.randn_like(conv2d(x, weight, **case[-1]))
    # What the stride's division leaves over says which of the possible input sizes is meant.
    exact = conv_transpose2d(y, weight, **case[-1]).shape[2:]
    left_over = (x.shape[2] - exact[0], x.shape[3] - exact[1])
    back = conv_transpose2d(y, weight, **case[-1], output_padding=left_over)
    close((conv2d(x, weight, **case[-1]) * y).sum(), (x * back).sum())


@given(st.data())
@settings(max_examples=30)
def test_the_matrix_product_gives_what_the_loops_give(data: st.DataObject) -> None:
    kernel = data.draw(st.tuples(sizes, sizes))
    image = data.draw(st.tuples(*(st.integers(k, 8) for k in kernel)))
    x, weight = torch.randn(image, dtype=torch.float64), torch.randn(kernel, dtype=torch.float64)
    close(conv2d(x[None, None], weight[None, None])[0, 0], cross_correlate2d(x, weight))


@given(shift=st.tuples(st.integers(-4, 4), st.integers(-4, 4)))
@settings(max_examples=20)
def test_a_shifted_image_gives_the_shifted_output(shift: tuple[int, int]) -> None:
    # The image is surrounded by enough zeros for nothing to reach the border.
    x, weight = torch.zeros(1, 1, 20, 20, dtype=torch.float64), double(1, 1, 3, 3)
    x[..., 8:12, 8:12] = torch.randn(4, 4)
    moved = conv2d(x.roll(shift, (2, 3)), weight, padding=1)
    assert torch.equal(moved, conv2d(x, weight, padding=1).roll(shift, (2, 3)))


def test_a_kernel_with_a_single_one_picks_that_element() -> None:
    x = double(2, 1, 6, 5)
    for u, v in [(0, 0), (2, 1)]:
        weight = torch.zeros(1, 1, 3, 2, dtype=torch.float64)
        weight[0, 0, u, v] = 1
        assert torch.equal(conv2d(x, weight), x[:, :, u : u + 4, v : v + 4])


@table(POOLS)
def test_average_pooling_is_a_convolution_of_each_channel_with_a_constant(case: tuple[Any, Options]) -> None:
    kernel, options = case
    rows, columns = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    weight = torch.full((3, 1, rows, columns), 1 / (rows * columns), dtype=torch.float64)
    x = double(2, 3, 8, 9)
    close(avg_pool2d(x, kernel, **options), conv2d(x, weight, **{"stride": kernel, **options}, groups=3))


@table(POOLS)
def test_the_largest_is_at_least_the_mean_and_of_equal_numbers_both_are_that_number(case: tuple[Any, Options]) -> None:
    kernel, options = case
    x = double(2, 3, 8, 9)
    mean = avg_pool2d(x, kernel, **options, count_include_pad=False)
    assert (max_pool2d(x, kernel, **options) >= mean).all()
    x = torch.full_like(x, -7.0)
    close(max_pool2d(x, kernel, **options), torch.full_like(mean, -7.0))
    close(avg_pool2d(x, kernel, **options, count_include_pad=False), torch.full_like(mean, -7.0))


# Finite differences


def test_gradients_match_finite_differences() -> None:
    check = partial(torch.autograd.gradcheck, eps=1e-6, atol=1e-8, rtol=1e-6)
    torch.manual_seed(0)
    options: Options = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    down, up, bias = double(4, 1, 2, 2), double(2, 2, 2, 2), double(4)
    assert check(partial(conv2d, **options), (double(1, 2, 4, 4), down, bias))
    assert check(partial(conv_transpose2d, **options, output_padding=(1, 0)), (double(1, 2, 2, 3), up, bias))
    assert check(cross_correlate2d, (double(4, 3), double(2, 2)))
    distinct = torch.randperm(40).double().reshape(1, 2, 4, 5).requires_grad_()
    for pool in (max_pool2d, avg_pool2d, partial(avg_pool2d, count_include_pad=False)):
        assert check(partial(pool, kernel_size=(3, 2), stride=1, padding=1), (distinct,))


# Twins


@table(CONVOLUTIONS)
def test_convolution_matches_torch(case: tuple[int, int, tuple[int, int], Options]) -> None:
    same_values_and_gradients(conv2d, functional.conv2d, *tensors(case), **case[-1])


@table(CONVOLUTIONS)
def test_transposed_convolution_matches_torch(case: tuple[int, int, tuple[int, int], Options]) -> None:
    _, weight, _ = tensors(case)
    options, channels = case[-1], case[0]
    x, bias = double(2, len(weight), 7, 6), double(channels)
    same_values_and_gradients(conv_transpose2d, functional.conv_transpose2d, x, weight, bias, **options)


@pytest.mark.parametrize("options", OUTPUT_PADDINGS)
def test_output_padding_matches_torch(options: Options) -> None:
    x, weight, bias = double(2, 3, 4, 5), double(3, 2, 3, 3), double(2)
    same_values_and_gradients(conv_transpose2d, functional.conv_transpose2d, x, weight, bias, **options, padding=1)


@table(POOLS)
def test_pooling_matches_torch(case: tuple[Any, Options]) -> None:
    kernel, options = case
    x = double(2, 3, 8, 9)
    same_values_and_gradients(
        partial(max_pool2d, kernel_size=kernel), partial(functional.max_pool2d, kernel_size=kernel), x, **options
    )
    for counted in (True, False):
        options = options | {"count_include_pad": counted}
        same_values_and_gradients(
            partial(avg_pool2d, kernel_size=kernel), partial(functional.avg_pool2d, kernel_size=kernel), x, **options
        )


def test_nan_stays_nan_and_single_precision_stays_single() -> None:
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 1, 2] = math.nan
    assert max_pool2d(x, 2).isnan().tolist() == [[[[False, True], [False, False]]]]
    assert conv2d(x, torch.ones(1, 1, 3, 3)).isnan().all()
    for y in (conv2d(x, x), conv_transpose2d(x, x), avg_pool2d(x, 2)):
        assert y.dtype == torch.float32


def test_an_empty_batch_gives_an_empty_batch() -> None:
    x, weight = torch.zeros(0, 2, 5, 5), torch.zeros(2, 2, 3, 3)
    assert conv2d(x, weight).shape == (0, 2, 3, 3)
    assert conv_transpose2d(x, weight).shape == (0, 2, 7, 7)
    assert max_pool2d(x, 2).shape == avg_pool2d(x, 2).shape == (0, 2, 2, 2)


LAYERS: list[tuple[Callable[..., nn.Module], Callable[..., nn.Module], Options]] = [
    (Conv2d, nn.Conv2d, {"stride": (2, 1), "padding": (0, 1), "dilation": 2, "groups": 2}),
    (Conv2d, nn.Conv2d, {"bias": False}),
    (ConvTranspose2d, nn.ConvTranspose2d, {"stride": 2, "padding": (0, 1), "output_padding": 1, "groups": 2}),
    (ConvTranspose2d, nn.ConvTranspose2d, {"bias": False, "dilation": 2}),
]


@pytest.mark.parametrize(("ours", "theirs", "options"), LAYERS)
def test_layers_start_like_torchs_load_its_state_and_train_alike(
    ours: Callable[..., nn.Module], theirs: Callable[..., nn.Module], options: Options
) -> None:
    torch.manual_seed(3)
    mine = ours(4, 6, (3, 2), **options)
    torch.manual_seed(3)
    twin = theirs(4, 6, (3, 2), **options)
    close(mine.state_dict(), twin.state_dict(), rtol=1e-6, atol=1e-7)
    torch.manual_seed(4)
    other = theirs(4, 6, (3, 2), **options)
    mine.load_state_dict(other.state_dict())
    optimizers = [torch.optim.SGD(layer.parameters(), lr=0.01) for layer in (mine, other)]
    for _ in range(3):
        x = torch.randn(2, 4, 6, 7)
        for layer, optimizer in zip((mine, other), optimizers, strict=True):
            optimizer.zero_grad()
            layer(x).square().mean().backward()
            optimizer.step()
    close(mine.state_dict(), other.state_dict(), rtol=1e-4, atol=1e-5)
    assert not torch.equal(mine.state_dict()["weight"], twin.state_dict()["weight"])


def test_pooling_layers_pass_every_option_on() -> None:
    x = double(1, 2, 7, 8)
    options: Options = {"stride": (1, 2), "padding": (0, 1)}
    close(MaxPool2d((2, 3), **options)(x), nn.MaxPool2d((2, 3), **options)(x))
    options["count_include_pad"] = False
    close(AvgPool2d((2, 3), **options)(x), nn.AvgPool2d((2, 3), **options)(x))
    close(AvgPool2d(2)(x), nn.AvgPool2d(2)(x))


# Bad input

X, W = torch.zeros(2, 4, 9, 7), torch.zeros(6, 4, 3, 3)
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: output_size(5, 0), "kernel must be a whole number, 1 or more, got 0"),
    (lambda: output_size(5, 3, 0), "stride must be a whole number, 1 or more, got 0"),
    (lambda: output_size(5, 3, 1, -1), "padding must be a whole number, 0 or more, got -1"),
    (lambda: output_size(5, 3, dilation=0), "dilation must be a whole number, 1 or more, got 0"),
    (lambda: output_size(2.5, 2), r"size must be a whole number, 0 or more, got 2\.5"),  # type: ignore[arg-type]
    (lambda: output_size(4, 3, padding=1, dilation=3), "spans 7, more than the 6 that there are: size 4 and padding 1"),
    (lambda: receptive_field([(3, 1), (0, 1)]), "kernel must be a whole number, 1 or more, got 0"),
    (lambda: receptive_field([(3, 0)]), "stride must be a whole number, 1 or more, got 0"),
    (lambda: cross_correlate2d(X[0, 0], W[0]), r"kernel must have shape \(k, l\), got \(4, 3, 3\)"),
    (lambda: cross_correlate2d(X[0, 0].double(), W[0, 0]), "expected one dtype, got image torch.float64, kernel"),
    (lambda: cross_correlate2d(W[0, 0], X[0, 0]), "a kernel of 9 with dilation 1 spans 9, more than the 3"),
    (lambda: conv2d(X.long(), W), r"x must be a floating-point torch tensor, got torch\.int64"),
    (lambda: conv2d(X, W.double()), "expected one dtype"),
    (lambda: conv2d(X[0], W), r"x must have shape \(B, C, H, W\), got \(4, 9, 7\)"),
    (lambda: conv2d(X, W[0]), r"weight must have shape \(O, I, k, l\), got \(4, 3, 3\)"),
    (lambda: conv2d(X, W, torch.zeros(4)), r"bias must have shape \(O,\) with O = 6, got \(4,\)"),
    (lambda: conv2d(X, W, groups=2), r"\(O, C / groups, k, l\) with C = 4 and groups = 2, got \(6, 4, 3, 3\)"),
    (lambda: conv2d(X, W, groups=4), "groups must divide kernels, got 4 and 6"),
    (lambda: conv2d(X, W, groups=3), "groups must divide channels, got 3 and 4"),
    (lambda: conv2d(X, W, groups=0), "groups must be a whole number, 1 or more, got 0"),
    (lambda: conv2d(X, W, stride=0), "stride must be a whole number or a pair of them, 1 or more, got 0"),
    (lambda: conv2d(X, W, padding=(1, -1)), r"padding must be .* 0 or more, got \(1, -1\)"),
    (lambda: conv2d(X, W, dilation=(1, 1, 1)), r"dilation must be .* 1 or more, got \(1, 1, 1\)"),  # type: ignore[arg-type]
    (lambda: conv2d(X, W, dilation=4), "a kernel of 3 with dilation 4 spans 9, more than the 7"),
    (lambda: conv_transpose2d(X, W), r"weight must have shape \(C, I, k, l\) with C = 4, got \(6, 4, 3, 3\)"),
    (lambda: conv_transpose2d(X.long(), W), r"x must be a floating-point torch tensor, got torch\.int64"),
    (lambda: conv_transpose2d(X, W[:4], torch.zeros(3)), r"bias must have shape \(4,\), got \(3,\)"),
    (lambda: conv_transpose2d(X, W[:4], groups=3), "groups must divide channels, got 3 and 4"),
    (lambda: conv_transpose2d(X, W[:4], stride=2, output_padding=(0, 2)), "output_padding must be less than stride or"),
    (lambda: conv_transpose2d(X, W[:4], padding=(0, 5)), r"nothing is left of an output of size \(11, 9\) .*\(0, 5\)"),
    (lambda: max_pool2d(X[0], 2), r"x must have shape \(B, C, H, W\), got \(4, 9, 7\)"),
    (lambda: max_pool2d(X.long(), 2), r"x must be a floating-point torch tensor, got torch\.int64"),
    (lambda: max_pool2d(X, 0), "kernel_size must be a whole number or a pair of them, 1 or more, got 0"),
    (lambda: avg_pool2d(X, 2, stride=0), "stride must be a whole number or a pair of them, 1 or more, got 0"),
    (lambda: avg_pool2d(X, 2, padding=-1), "padding must be a whole number or a pair of them, 0 or more, got -1"),
    (lambda: max_pool2d(X, (2, 3), padding=(1, 2)), r"at most half of kernel_size \(2, 3\), got \(1, 2\)"),
    (lambda: avg_pool2d(X, 10), "a kernel of 10 with dilation 1 spans 10, more than the 9"),
    (lambda: Conv2d(4, 6, 3, groups=3), "groups must divide in_channels, got 3 and 4"),
    (lambda: Conv2d(0, 6, 3), "in_channels must be a whole number, 1 or more, got 0"),
    (lambda: Conv2d(4, 6, (3, 0)), r"kernel_size must be .* 1 or more, got \(3, 0\)"),
    (lambda: Conv2d(4, 6, 3, stride=0), "stride must be .* 1 or more, got 0"),
    (lambda: ConvTranspose2d(4, 6, 3, groups=4), "groups must divide out_channels, got 4 and 6"),
    (lambda: ConvTranspose2d(4, 6, 3, output_padding=-1), "output_padding must be .* 0 or more, got -1"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_refused_with_the_expected_and_the_given(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# The module


@pytest.mark.parametrize("name", [name for name in convolution.__all__ if name[0].islower()])
def test_every_function_is_documented(name: str) -> None:
    doc = inspect.getdoc(getattr(convolution, name)) or ""
    for section in ("Args", "Returns", "Raises", "Source", "Examples"):
        assert f"\n{section}:\n" in doc


def test_nothing_here_calls_torchs_own() -> None:
    tree = ast.parse(inspect.getsource(convolution))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "functional" not in imported
    assert not (imported | called) & {"fold", "unfold", "ops", "_C", *convolution.__all__}
