"""Each initialiser by its variance, by what it keeps alive, and beside its twin in torch."""

import inspect
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from dlref import initializers
from dlref.activations import relu, tanh
from dlref.initializers import he_normal, he_uniform, xavier_normal, xavier_uniform

Initializer = Callable[..., Tensor]
PUBLIC = [getattr(initializers, name) for name in initializers.__all__]
TWINS: dict[Initializer, Callable[..., Tensor]] = {
    xavier_uniform: nn.init.xavier_uniform_,
    xavier_normal: nn.init.xavier_normal_,
    he_uniform: nn.init.kaiming_uniform_,
    he_normal: nn.init.kaiming_normal_,
}
every = pytest.mark.parametrize("function", PUBLIC)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# Worked by hand: (O, I) = (300, 100) and kernels of 3×5 for 20 → 40 channels, 300 terms in and 600 out


@pytest.mark.parametrize(
    ("function", "shape", "variance"),
    [
        (xavier_uniform, (300, 100), 2 / 400),
        (xavier_normal, (300, 100), 2 / 400),
        (he_uniform, (300, 100), 2 / 100),
        (he_normal, (300, 100), 2 / 100),
        (xavier_uniform, (40, 20, 3, 5), 2 / 900),
        (xavier_normal, (40, 20, 3, 5), 2 / 900),
        (he_uniform, (40, 20, 3, 5), 2 / 300),
        (he_normal, (40, 20, 3, 5), 2 / 300),
    ],
)
def test_the_variance_is_the_one_in_the_docstring(
    function: Initializer, shape: tuple[int, ...], variance: float
) -> None:
    draws = torch.stack([function(shape, generator=seeded(seed)) for seed in range(20)])
    assert draws.shape == (20, *shape)
    assert draws.var().item() == pytest.approx(variance, rel=0.02)
    assert draws.mean().abs().item() < 0.01 * math.sqrt(variance)
    spread = function(shape, gain=3.0, generator=seeded()).std() / function(shape, gain=1.0, generator=seeded()).std()
    assert spread.item() == pytest.approx(3, rel=1e-5)


@pytest.mark.parametrize(
    ("function", "bound"), [(xavier_uniform, math.sqrt(6 / 400)), (he_uniform, math.sqrt(6 / 100))]
)
def test_uniform_draws_fill_their_range_evenly_and_normal_ones_do_not_end_there(
    function: Initializer, bound: float
) -> None:
    draws = function((300, 100), generator=seeded())
    assert 0.999 * bound < draws.abs().max().item() <= bound
    assert (draws.abs() < bound / 2).float().mean().item() == pytest.approx(0.5, abs=0.02)
    normal = xavier_normal if function is xavier_uniform else he_normal
    inside = (normal((300, 100), generator=seeded()).abs() < bound / math.sqrt(3)).float().mean().item()
    assert inside == pytest.approx(0.6827, abs=0.02)


# Invariants


def root_mean_square(x: Tensor) -> float:
    return x.square().mean().sqrt().item()


@pytest.mark.parametrize("function", [he_uniform, he_normal])
def test_he_keeps_a_signals_size_through_thirty_layers_of_relu_and_xavier_loses_it(function: Initializer) -> None:
    x, generator = torch.randn(64, 256, generator=seeded(1)), seeded()
    for _ in range(30):
        x = relu(x @ function((256, 256), generator=generator).T)
    assert 0.3 < root_mean_square(x) < 3
    x = torch.randn(64, 256, generator=seeded(1))
    for _ in range(30):
        x = relu(x @ xavier_normal((256, 256), generator=generator).T)
    assert root_mean_square(x) < 1e-3


@pytest.mark.parametrize("function", [xavier_uniform, xavier_normal])
def test_xavier_keeps_signal_and_gradient_through_linear_layers(function: Initializer) -> None:
    x = torch.randn(64, 256, generator=seeded(1)).requires_grad_()
    y, generator = x, seeded()
    for _ in range(20):
        y = y @ function((256, 256), generator=generator).T
    (slope,) = torch.autograd.grad(y, x, torch.randn(64, 256, generator=seeded(2)))
    assert 0.5 < root_mean_square(y) < 2
    assert 0.5 < root_mean_square(slope) < 2


def test_small_weights_lose_a_signal_in_tanh_and_xavier_keeps_most_of_it() -> None:
    x, generator = torch.randn(64, 256, generator=seeded(1)), seeded()
    small = kept = x
    for _ in range(10):
        kept = tanh(kept @ xavier_normal((256, 256), generator=generator).T)
        small = tanh(small @ (0.01 * torch.randn(256, 256, generator=generator)).T)
    assert root_mean_square(kept) > 0.15
    assert root_mean_square(small) < 1e-6


@every
@given(out=st.integers(1, 9), into=st.integers(1, 9), kernel=st.lists(st.integers(1, 4), max_size=2))
def test_one_generator_gives_the_same_numbers_again(
    function: Initializer, out: int, into: int, kernel: list[int]
) -> None:
    shape = (out, into, *kernel)
    first, again = function(shape, generator=seeded(3)), function(shape, generator=seeded(3))
    assert torch.equal(first, again)
    assert (first.shape, first.dtype, first.requires_grad) == (shape, torch.float32, False)


# Twins


@every
@pytest.mark.parametrize("shape", [(30, 10), (8, 4, 3, 5), (6, 5, 7)])
def test_the_numbers_are_torchs(function: Initializer, shape: tuple[int, ...]) -> None:
    options = {"nonlinearity": "relu"} if "kaiming" in TWINS[function].__name__ else {}
    expected = TWINS[function](torch.empty(shape), generator=seeded(5), **options)
    torch.testing.assert_close(function(shape, generator=seeded(5)), expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("layer", [nn.Linear(200, 300), nn.Conv2d(40, 50, 3)])
def test_torchs_default_has_a_sixth_of_hes_variance(layer: nn.Module) -> None:
    weight = layer.get_parameter("weight").detach()
    terms = weight[0].numel()
    assert weight.var().item() == pytest.approx(1 / 3 / terms, rel=0.05)
    ours = he_uniform(weight.shape, gain=1 / math.sqrt(3))
    assert ours.abs().max().item() == pytest.approx(1 / math.sqrt(terms), rel=1e-3)
    assert weight.abs().max().item() == pytest.approx(1 / math.sqrt(terms), rel=1e-3)


# Bad input


@every
@pytest.mark.parametrize("shape", [(), (3,), (0, 4), (4, 3, 0)])
def test_a_shape_that_is_no_weights_is_refused(function: Initializer, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape must be \(out, in\) or \(out, in, \*kernel\).*, got \("):
        function(shape)


@every
@pytest.mark.parametrize("gain", [0.0, -1.0, math.nan])
def test_a_gain_that_is_not_above_zero_is_refused(function: Initializer, gain: float) -> None:
    with pytest.raises(ValueError, match=f"gain must be above 0, got {gain}"):
        function((2, 2), gain=gain)


@every
def test_every_function_is_documented(function: Initializer) -> None:
    doc = inspect.getdoc(function) or ""
    for section in ("Args", "Returns", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
