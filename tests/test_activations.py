"""Each activation by hand, by its invariants, by finite differences, beside its twin in torch."""

import inspect
import math
import statistics
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from dlref import activations
from dlref.activations import elu, gelu, leaky_relu, log_softmax, relu, sigmoid, silu, softmax, softplus, tanh

Function = Callable[[Tensor], Tensor]

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
SMOOTH: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, torch.sigmoid),
    "tanh": (tanh, torch.tanh),
    "softplus": (softplus, partial(functional.softplus, threshold=40)),
    "softplus, beta 3": (partial(softplus, beta=3.0), partial(functional.softplus, beta=3.0, threshold=40)),
    "silu": (silu, functional.silu),
    "gelu": (gelu, functional.gelu),
    "gelu, tanh": (partial(gelu, approximate="tanh"), partial(functional.gelu, approximate="tanh")),
}
WITH_A_CORNER: dict[str, tuple[Function, Function]] = {
    "relu": (relu, torch.relu),
    "leaky_relu": (leaky_relu, functional.leaky_relu),
    "leaky_relu, 0.2": (partial(leaky_relu, negative_slope=0.2), partial(functional.leaky_relu, negative_slope=0.2)),
    "elu": (elu, functional.elu),
    "elu, alpha 2": (partial(elu, alpha=2.0), partial(functional.elu, alpha=2.0)),
}
ELEMENTWISE = SMOOTH | WITH_A_CORNER
ALONG_A_DIMENSION: dict[str, tuple[Function, Function]] = {
    "softmax": (softmax, partial(torch.softmax, dim=-1)),
    "softmax, dim 0": (partial(softmax, dim=0), partial(torch.softmax, dim=0)),
    "log_softmax": (log_softmax, partial(torch.log_softmax, dim=-1)),
    "log_softmax, dim 0": (partial(log_softmax, dim=0), partial(torch.log_softmax, dim=0)),
}
ALL = ELEMENTWISE | ALONG_A_DIMENSION
PUBLIC = [getattr(activations, name) for name in activations.__all__]

EDGES = [sign * size for size in (0.0, 1e-8, 0.5, 3.0, 12.0, 20.0, 100.0, 1e4) for sign in (1, -1)]
ln = math.log

any_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=str)
reals = st.floats(-1e4, 1e4, width=64)
moderate = st.floats(-30, 30, width=64)
scores = st.lists(moderate, min_size=1, max_size=6)


def pairs(table: dict[str, tuple[Function, Function]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("ours", "theirs"), table.values(), ids=table.keys())


def each(table: dict[str, tuple[Function, Function]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("ours", [ours for ours, _ in table.values()], ids=table.keys())


def double(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def close(actual: Tensor, expected: Tensor | float, **tolerance: float) -> None:
    expected = torch.as_tensor(expected, dtype=actual.dtype).broadcast_to(actual.shape)
    torch.testing.assert_close(actual, expected, **(tolerance or {"rtol": 1e-13, "atol": 1e-13}))  # type: ignore[arg-type]


def value_and_slope(function: Function, x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    y = function(x)
    y.backward(torch.linspace(0.5, 1.5, y.numel(), dtype=y.dtype).reshape(y.shape))
    assert x.grad is not None
    return y.detach(), x.grad


def samples(dtype: torch.dtype) -> Tensor:
    """Return a matrix of edge values and random ones, two rows of them."""
    generator = torch.Generator().manual_seed(0)
    random = 4 * torch.randn(48, generator=generator, dtype=torch.float64)
    return torch.cat([torch.tensor(EDGES, dtype=torch.float64), random]).reshape(2, -1).to(dtype)


# Worked by hand


def test_relu_by_hand() -> None:
    assert relu(double(-2, -0.5, 0, 0.5, 2)).tolist() == [0, 0, 0, 0.5, 2]


def test_leaky_relu_by_hand() -> None:
    assert leaky_relu(double(-2, 0, 3)).tolist() == [-0.02, 0, 3]
    assert leaky_relu(double(-2, 0, 3), negative_slope=0.25).tolist() == [-0.5, 0, 3]


def test_sigmoid_of_log_odds_is_the_probability() -> None:
    close(sigmoid(double(ln(3), 0, -ln(3), ln(9))), double(3 / 4, 1 / 2, 1 / 4, 9 / 10))


def test_tanh_by_hand() -> None:
    close(tanh(double(ln(2), -ln(2), 0)), double(3 / 5, -3 / 5, 0))  # (2 - 1/2) / (2 + 1/2)


def test_softplus_by_hand() -> None:
    close(softplus(double(0, ln(math.e - 1))), double(ln(2), 1))
    # 1 + e^(2 ln 3) = 10
    close(softplus(double(0, ln(3)), beta=2.0), double(ln(2) / 2, ln(10) / 2))


def test_elu_by_hand() -> None:
    close(elu(double(-ln(2), -ln(4), 0, 3)), double(-1 / 2, -3 / 4, 0, 3))
    close(elu(double(-ln(2), 3), alpha=2.0), double(-1, 3))


def test_silu_by_hand() -> None:
    close(silu(double(ln(3), -ln(3), 0)), double(3 / 4 * ln(3), -ln(3) / 4, 0))


def test_gelu_is_x_times_the_normal_distribution() -> None:
    x = [-2.0, -1.0, 0.0, 0.5, 3.0]
    close(gelu(double(*x)), double(*(value * statistics.NormalDist().cdf(value) for value in x)))


def test_gelu_in_its_tanh_form_by_hand() -> None:
    inner = [math.sqrt(2 / math.pi) * (x + 0.044715 * x**3) for x in (-1.0, 2.0)]
    by_hand = [-0.5 * (1 + math.tanh(inner[0])), 1 + math.tanh(inner[1])]
    close(gelu(double(-1, 2), approximate="tanh"), double(*by_hand))


def test_the_two_forms_of_gelu_differ_by_less_than_a_thousandth() -> None:
    x = torch.linspace(-8, 8, 10_001, dtype=torch.float64)
    gap = (gelu(x) - gelu(x, approximate="tanh")).abs().max().item()
    assert 1e-4 < gap < 1e-3


def test_softmax_by_hand() -> None:
    close(softmax(double(0, ln(2), ln(5))), double(1 / 8, 2 / 8, 5 / 8))
    x = torch.tensor([[0, 0], [ln(3), 0]], dtype=torch.float64)
    close(softmax(x), torch.tensor([[1 / 2, 1 / 2], [3 / 4, 1 / 4]]).double())
    close(softmax(x, dim=0), torch.tensor([[1 / 4, 1 / 2], [3 / 4, 1 / 2]]).double())


def test_log_softmax_by_hand() -> None:
    close(log_softmax(double(0, ln(2), ln(5))), double(-ln(8), -ln(4), ln(5 / 8)))
    x = torch.tensor([[0, 0], [ln(3), 0]], dtype=torch.float64)
    close(log_softmax(x, dim=0), torch.tensor([[-ln(4), -ln(2)], [ln(3 / 4), -ln(2)]], dtype=torch.float64))


# Invariants


@given(reals)
def test_relu_splits_a_number_into_its_two_parts(x: float) -> None:
    positive, negative = relu(double(x)), relu(double(-x))
    assert (positive - negative).item() == x
    assert (positive * negative).item() == 0
    assert relu(positive).item() == positive.item()


@given(reals, st.floats(0, 1))
def test_leaky_relu_lies_between_the_identity_and_relu(x: float, slope: float) -> None:
    value = leaky_relu(double(x), negative_slope=slope).item()
    assert x <= value <= relu(double(x)).item()
    assert leaky_relu(double(x), negative_slope=0.0).item() == relu(double(x)).item()
    assert leaky_relu(double(x), negative_slope=1.0).item() == x


@given(reals)
def test_sigmoid_of_minus_x_is_one_minus_sigmoid(x: float) -> None:
    close(sigmoid(double(-x)), 1 - sigmoid(double(x)))


@given(moderate)
def test_the_log_odds_undo_sigmoid(x: float) -> None:
    p = sigmoid(double(-abs(x)))
    close(torch.log(p) - torch.log1p(-p), -abs(x))


@given(reals, reals)
def test_the_squashing_functions_keep_the_order(x: float, y: float) -> None:
    smaller, larger = sorted([x, y])
    for function in (sigmoid, tanh):
        assert function(double(smaller)).item() <= function(double(larger)).item()


@given(reals)
def test_tanh_is_odd_and_a_sigmoid_stretched(x: float) -> None:
    assert tanh(double(-x)).item() == -tanh(double(x)).item()
    close(tanh(double(x)), 2 * sigmoid(double(2 * x)) - 1)


@given(reals, st.floats(0.1, 10))
def test_softplus_exceeds_relu_by_at_most_log_two_over_beta(x: float, beta: float) -> None:
    gap = (softplus(double(x), beta=beta) - relu(double(x))).item()
    assert -1e-11 <= gap <= ln(2) / beta + 1e-11
    close(softplus(double(x), beta=beta) - softplus(double(-x), beta=beta), x, rtol=1e-13, atol=1e-12)


@given(reals, st.floats(0.1, 10))
def test_the_slope_of_softplus_is_sigmoid(x: float, beta: float) -> None:
    _, slope = value_and_slope(lambda x: softplus(x, beta=beta), double(x))
    close(slope / 0.5, sigmoid(double(beta * x)))


@given(moderate, st.floats(0.1, 5))
def test_elu_stays_above_its_floor_and_follows_its_exponential(x: float, alpha: float) -> None:
    value = elu(double(x), alpha=alpha)
    assert value.item() >= -alpha
    close(value, max(x, 0.0) + alpha * math.expm1(min(x, 0.0)))


@each({name: ALL[name] for name in ("silu", "gelu", "gelu, tanh", "softplus")})
@given(x=reals)
def test_a_smooth_relu_split_into_its_two_parts_gives_x_back(ours: Function, x: float) -> None:
    close(ours(double(x)) - ours(double(-x)), x, rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize(("function", "floor", "at"), [(silu, -0.2785, -1.2785), (gelu, -0.1700, -0.7518)])
def test_silu_and_gelu_reach_the_floor_that_their_docstrings_name(function: Function, floor: float, at: float) -> None:
    x = torch.linspace(-10, 10, 200_001, dtype=torch.float64)
    lowest, where = function(x).min(dim=0)
    assert floor <= lowest.item() < floor + 1e-4
    assert x[where].item() == pytest.approx(at, abs=1e-4)


@given(scores)
def test_softmax_is_positive_and_sums_to_one(x: list[float]) -> None:
    p = softmax(double(*x))
    assert (p > 0).all()
    close(p.sum(), 1.0)


@given(scores, reals)
def test_softmax_ignores_a_constant_added_to_all_scores(x: list[float], shift: float) -> None:
    close(softmax(double(*x) + shift), softmax(double(*x)), rtol=1e-10, atol=1e-12)
    close(log_softmax(double(*x) + shift), log_softmax(double(*x)), rtol=1e-10, atol=1e-10)


@given(scores)
def test_softmax_does_not_care_about_the_order_of_the_scores(x: list[float]) -> None:
    close(softmax(double(*x).flip(0)), softmax(double(*x)).flip(0))


@given(moderate, moderate)
def test_softmax_of_two_scores_is_sigmoid_of_their_difference(x: float, y: float) -> None:
    close(softmax(double(x, y))[0], sigmoid(double(x - y))[0])


@given(scores)
def test_log_softmax_is_the_logarithm_of_softmax_and_twice_is_once(x: list[float]) -> None:
    once = log_softmax(double(*x))
    close(once, softmax(double(*x)).log(), rtol=1e-12, atol=1e-12)
    close(log_softmax(once), once, rtol=1e-12, atol=1e-12)


@given(scores)
def test_the_jacobian_of_softmax_is_p_times_delta_minus_p(x: list[float]) -> None:
    p = softmax(double(*x))
    jacobian = torch.autograd.functional.jacobian(softmax, double(*x))
    close(jacobian, torch.diag(p) - torch.outer(p, p))


# Finite differences


@each(SMOOTH)
def test_slopes_and_second_derivatives_match_finite_differences_zero_included(ours: Function) -> None:
    x = double(-6, -2.5, -1, -0.3, 0, 0.4, 1.7, 5).requires_grad_()
    assert torch.autograd.gradcheck(ours, x, eps=1e-6, atol=1e-8, rtol=1e-6)
    assert torch.autograd.gradgradcheck(ours, x, eps=1e-6, atol=1e-7, rtol=1e-6)


@each(WITH_A_CORNER)
def test_slopes_match_finite_differences_away_from_the_corner(ours: Function) -> None:
    x = double(-6, -2.5, -1, -0.3, 0.4, 1.7, 5).requires_grad_()
    assert torch.autograd.gradcheck(ours, x, eps=1e-6, atol=1e-8, rtol=1e-6)


@each(ALONG_A_DIMENSION)
def test_softmax_slopes_and_second_derivatives_match_finite_differences(ours: Function) -> None:
    with_a_tie = [[0.0, 1.5, -2.0], [3.0, 3.0, 0.1]]
    x = torch.tensor(with_a_tie, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(ours, x, eps=1e-6, atol=1e-8, rtol=1e-6)
    assert torch.autograd.gradgradcheck(ours, x, eps=1e-6, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (relu, 0),
        (leaky_relu, 0.01),
        (partial(elu, alpha=2.0), 2),
        (sigmoid, 1 / 4),
        (tanh, 1),
        (softplus, 1 / 2),
        (silu, 1 / 2),
        (gelu, 1 / 2),
    ],
)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_slope_at_zero_is_the_one_in_the_docstring(function: Function, slope: float, zero: float) -> None:
    x = double(zero).requires_grad_()
    function(x).sum().backward()
    assert x.grad is not None
    assert x.grad.item() == slope


# Twins


@any_dtype
@pairs(ALL)
def test_values_and_slopes_match_torch(ours: Function, theirs: Function, dtype: torch.dtype) -> None:
    x, eps = samples(dtype), torch.finfo(dtype).eps
    value, slope = value_and_slope(ours, x)
    # The twin works in double: in half precision torch's slopes come from its rounded outputs.
    their_value, their_slope = value_and_slope(theirs, x.double())
    torch.testing.assert_close(value, their_value.to(dtype), rtol=4 * eps, atol=eps)
    torch.testing.assert_close(slope, their_slope.to(dtype), rtol=4 * eps, atol=16 * eps)


@any_dtype
@pairs(ELEMENTWISE)
def test_at_infinity_values_match_torch_where_torch_has_one(
    ours: Function, theirs: Function, dtype: torch.dtype
) -> None:
    x = torch.tensor([math.inf, -math.inf, math.nan], dtype=dtype)
    expected = theirs(x)
    known = ~expected.isnan()
    assert ours(x)[known].tolist() == expected[known].tolist()
    assert ours(x)[2].isnan()


@pairs(ALONG_A_DIMENSION)
def test_a_score_of_minus_infinity_gets_no_share_and_no_gradient(ours: Function, theirs: Function) -> None:
    x = torch.tensor([[0.0, -math.inf, 1.0], [2.0, 0.5, -math.inf]], dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x))
    y = x.clone().requires_grad_()
    ours(y)[~torch.isinf(x)].sum().backward()
    assert y.grad is not None
    assert y.grad.isfinite().all()
    assert (y.grad[torch.isinf(x)] == 0).all()


def test_softplus_differs_from_torch_above_its_threshold_by_what_the_docstring_says() -> None:
    x = torch.linspace(15, 40, 2501, dtype=torch.float64)
    gap = (softplus(x) - functional.softplus(x)).max().item()
    assert 1.9e-9 < gap <= math.exp(-20)
    assert torch.equal(softplus(x.float()), functional.softplus(x.float()))


# Stability


@any_dtype
@each(ALL)
def test_values_slopes_and_second_derivatives_are_finite_up_to_ten_thousand(ours: Function, dtype: torch.dtype) -> None:
    far = torch.logspace(-8, 4, 121, dtype=torch.float64)
    x = torch.stack([far, -far.flip(0)]).to(dtype).requires_grad_()
    y = ours(x)
    (slope,) = torch.autograd.grad(y.double().square().sum() / 1e8, x, create_graph=True)
    (second,) = torch.autograd.grad(slope.double().sum(), x, allow_unused=True)
    assert y.isfinite().all()
    assert slope.isfinite().all()
    assert second.isfinite().all()


@pytest.mark.parametrize("x", [-30.0, -12.0, -6.0])
def test_the_left_tails_keep_their_digits_in_float32(x: float) -> None:
    single = torch.tensor([x])
    close(sigmoid(single), math.exp(x) / (1 + math.exp(x)), rtol=1e-6, atol=0.0)
    close(softplus(single), math.log1p(math.exp(x)), rtol=1e-6, atol=0.0)
    close(silu(single), x * math.exp(x) / (1 + math.exp(x)), rtol=1e-6, atol=0.0)
    if x > -13:
        close(gelu(single), x / 2 * math.erfc(-x / math.sqrt(2)), rtol=2e-5, atol=0.0)


@pytest.mark.parametrize("x", [1e-8, -1e-8, 1e-20])
def test_tiny_inputs_keep_their_digits_in_float32(x: float) -> None:
    single = torch.tensor([x])
    assert torch.equal(tanh(single), single)
    assert torch.equal(elu(single), single)


def test_softmax_over_more_entries_than_half_precision_can_count() -> None:
    # The exponentials add up to 70,000, and the largest float16 is 65,504.
    x = torch.zeros(70_000, dtype=torch.float16)
    close(softmax(x).double().sum(), 1.0, rtol=0.01, atol=0.0)
    close(log_softmax(x), -ln(70_000), rtol=1e-3, atol=0.0)


# Shapes, dtypes, bad input


@any_dtype
@each(ALL)
def test_shape_and_dtype_are_those_of_the_input_which_stays_as_it_was(ours: Function, dtype: torch.dtype) -> None:
    x = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0)).to(dtype).transpose(0, 2)
    before = x.clone()
    y = ours(x)
    assert (y.shape, y.dtype) == (x.shape, x.dtype)
    assert torch.equal(x, before)


@each(ELEMENTWISE)
def test_scalars_and_empty_tensors_are_fine_element_by_element(ours: Function) -> None:
    assert ours(torch.tensor(1.0)).shape == ()
    assert ours(torch.empty(0, 3)).shape == (0, 3)


def test_an_empty_batch_has_empty_shares() -> None:
    assert softmax(torch.empty(0, 3)).shape == (0, 3)
    assert log_softmax(torch.empty(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("function", PUBLIC)
@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ([1.0, 2.0], "list"),
        (1.0, "float"),
        (None, "NoneType"),
        (torch.tensor([1, 2]), r"torch\.int64"),
        (torch.tensor([True]), r"torch\.bool"),
        (torch.tensor([1j]), r"torch\.complex64"),
    ],
)
def test_what_is_not_a_floating_point_tensor_is_refused(
    function: Callable[[object], Tensor], bad: object, named: str
) -> None:
    name = getattr(function, "__name__", "")
    with pytest.raises(ValueError, match=rf"{name} expects a floating-point torch tensor, got {named}"):
        function(bad)


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("dim", [2, -3, 7])
def test_a_dimension_that_does_not_exist_is_refused(function: Callable[..., Tensor], dim: int) -> None:
    name = function.__name__
    with pytest.raises(ValueError, match=rf"{name} expects dim from -2 to 1 for a tensor of shape \(2, 3\), got {dim}"):
        function(torch.zeros(2, 3), dim=dim)


@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_shares_of_a_scalar_or_of_nothing_are_refused(function: Callable[..., Tensor]) -> None:
    name = function.__name__
    with pytest.raises(ValueError, match=rf"{name} expects a tensor with at least one dimension, got a scalar"):
        function(torch.tensor(1.0))
    with pytest.raises(ValueError, match=rf"{name} expects at least one number along dim -1, got shape \(3, 0\)"):
        function(torch.empty(3, 0))


def test_gelu_refuses_an_approximation_that_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="gelu expects approximate to be 'none' or 'tanh', got 'sigmoid'"):
        gelu(torch.zeros(1), approximate="sigmoid")


@pytest.mark.parametrize("beta", [0.0, -1.0, math.nan])
def test_softplus_refuses_a_beta_that_is_not_above_zero(beta: float) -> None:
    with pytest.raises(ValueError, match=f"softplus expects beta above 0, got {beta}"):
        softplus(torch.zeros(1), beta=beta)


# The module


@pytest.mark.parametrize("function", PUBLIC)
def test_every_function_is_documented_and_does_not_call_torchs_own(function: Callable[..., Tensor]) -> None:
    doc, name = inspect.getdoc(function) or "", function.__name__
    for section in ("Args", "Returns", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
    assert f"torch.{name}(" not in inspect.getsource(function).replace(function.__doc__ or "", "")
