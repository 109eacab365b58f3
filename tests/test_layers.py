"""Each layer by hand, by its invariants, by finite differences, beside its twin in torch."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from dlref import layers
from dlref.layers import (
    BatchNorm,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    batch_norm,
    batch_statistics,
    dropout,
    embedding,
    layer_norm,
    linear,
)

sizes = st.integers(1, 6)


def double(*values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-10, atol=1e-10)


# Worked by hand


def test_linear_by_hand() -> None:
    weight, bias = double([1, 2, 3], [4, 5, 6]), double(10, 20)
    assert linear(double([1, 0, -1], [1, 1, 1]), weight, bias).tolist() == [[8, 18], [16, 35]]
    assert linear(double(1, 0, 0), weight).tolist() == [1, 4]


def test_dropout_keeps_or_drops_and_enlarges_what_it_keeps() -> None:
    y = dropout(double(3, -6, 9), 0.25, training=True, generator=torch.Generator().manual_seed(1))
    assert all(value in (0, scaled) for value, scaled in zip(y.tolist(), (4, -8, 12), strict=True))
    assert dropout(double(3, -6), 1.0, training=True).tolist() == [0, 0]
    assert dropout(double(3, -6), 0.0, training=True).tolist() == [3, -6]
    assert dropout(double(3, -6), 0.9, training=False).tolist() == [3, -6]


def test_batch_statistics_by_hand() -> None:
    mean, variance = batch_statistics(double([1, 10], [3, 10], [5, 40]))
    close(mean, double(3, 20))
    close(variance, double(8 / 3, 200))
    mean, variance = batch_statistics(double([[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]))  # (2, 1, 2, 2)
    close(mean, double(4.5))
    close(variance, double(5.25))


def test_batch_norm_by_hand() -> None:
    x = double([1, 7], [5, 7])
    y = batch_norm(x, double(3, 5), double(4, 16), double(10, 100), double(0.5, -1), eps=1e-12)
    close(y, double([-9.5, 49], [10.5, 49]))


def test_the_running_variance_is_the_unbiased_one_and_the_output_uses_the_biased_one() -> None:
    layer = BatchNorm(1, momentum=0.25, eps=1e-12).double()
    close(layer(double([2.0], [6.0])).detach(), double([-1.0], [1.0]))  # mean 4, variance 4
    close(layer.running_mean, double(1))  # 0.75 × 0 + 0.25 × 4
    close(layer.running_var, double(2.75))  # 0.75 × 1 + 0.25 × 8
    close(layer.eval()(double([1.0])).detach(), double([0.0]))
    assert layer.num_batches_tracked == 1


def test_layer_norm_by_hand() -> None:
    y = layer_norm(double([2, 6], [5, 3]), double(10, 100), double(1, 2), eps=1e-12)
    close(y, double([-9, 102], [11, -98]))


def test_embedding_by_hand() -> None:
    weight = double([0, 1], [10, 11], [20, 21])
    assert embedding(torch.tensor([[2, 0], [1, 1]]), weight).tolist() == [[[20, 21], [0, 1]], [[10, 11], [10, 11]]]


# Invariants


@given(sizes, sizes, sizes, st.floats(-3, 3))
def test_linear_is_linear(B: int, I: int, O: int, a: float) -> None:  # noqa: E741 (the docstring's letters)
    x, y, weight = random(B, I), random(B, I, seed=1), random(O, I, seed=2)
    close(linear(a * x + y, weight), a * linear(x, weight) + linear(y, weight))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_the_share_p_and_keeps_the_mean(p: float) -> None:
    generator = torch.Generator().manual_seed(0)
    y = dropout(torch.ones(200_000), p, training=True, generator=generator)
    assert (y == 0).float().mean().item() == pytest.approx(p, abs=0.005)
    assert y.mean().item() == pytest.approx(1, abs=0.03)
    assert torch.unique(y).tolist() == pytest.approx([0, 1 / (1 - p)])


def test_dropout_lets_the_gradient_through_where_it_lets_the_value_through() -> None:
    x = random(50).requires_grad_()
    y = dropout(x, 0.4, training=True)
    (slope,) = torch.autograd.grad(y.sum(), x)
    close(slope, (y != 0).double() / 0.6)
    (slope,) = torch.autograd.grad(dropout(x, 1.0, training=True).sum(), x)
    assert (slope == 0).all()


@given(st.integers(2, 8), sizes, st.floats(0.5, 20), st.floats(-100, 100))
def test_batch_norm_in_training_ignores_scale_and_shift_of_a_channel(B: int, C: int, a: float, b: float) -> None:
    def normal(x: Tensor) -> Tensor:
        return batch_norm(x, *batch_statistics(x), eps=1e-14)

    x = random(B, C, 3, 2)
    torch.testing.assert_close(normal(a * x + b), normal(x), rtol=1e-6, atol=1e-6)
    mean, variance = batch_statistics(normal(x))
    torch.testing.assert_close(mean, torch.zeros(C).double(), rtol=0, atol=1e-10)
    torch.testing.assert_close(variance, torch.ones(C).double(), rtol=1e-8, atol=0)


def test_images_are_normalised_as_if_every_position_were_an_example() -> None:
    x = random(4, 3, 5, 2)
    flat = x.permute(0, 2, 3, 1).reshape(-1, 3)
    ours = batch_norm(x, *batch_statistics(x)).permute(0, 2, 3, 1).reshape(-1, 3)
    close(ours, batch_norm(flat, *batch_statistics(flat)))


@given(sizes, st.integers(2, 8), st.floats(0.5, 20), st.floats(-100, 100))
def test_layer_norm_ignores_scale_and_shift_of_an_example_and_the_other_examples(
    B: int, D: int, a: float, b: float
) -> None:
    x = random(B, D)
    y = layer_norm(x, eps=1e-14)
    torch.testing.assert_close(layer_norm(a * x + b, eps=1e-14), y, rtol=1e-5, atol=1e-5)
    close(layer_norm(x[:1], eps=1e-14), y[:1])
    torch.testing.assert_close(y.mean(-1), torch.zeros(B).double(), rtol=0, atol=1e-9)


def test_layer_norm_is_batch_norm_of_the_transpose() -> None:
    x = random(5, 4)
    close(layer_norm(x), batch_norm(x.T, *batch_statistics(x.T)).T)


def test_embedding_is_a_linear_layer_on_one_hot_vectors() -> None:
    tokens, weight = torch.randint(0, 7, (3, 5)), random(7, 4)
    close(embedding(tokens, weight), linear(functional.one_hot(tokens, 7).double(), weight.T))


# Finite differences


def test_gradients_match_finite_differences() -> None:
    def normalised(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return batch_norm(x, *batch_statistics(x), weight, bias)

    def three(*shapes: tuple[int, ...]) -> list[Tensor]:
        return [random(*shape, seed=k).requires_grad_() for k, shape in enumerate(shapes)]

    check = torch.autograd.gradcheck
    assert check(linear, three((2, 3), (4, 3), (4,)))
    assert check(normalised, three((4, 3), (3,), (3,)))
    assert check(normalised, three((2, 3, 2, 2), (3,), (3,)))
    assert check(layer_norm, three((4, 3), (3,), (3,)))
    assert check(lambda weight: embedding(torch.tensor([1, 1, 3]), weight), three((4, 2)))
    x, mean, _, weight, bias = three((4, 3), (3,), (3,), (3,), (3,))
    variance = double(0.5, 1, 2).requires_grad_()
    assert check(batch_norm, (x, mean, variance, weight, bias))


# Twins


def same_steps(ours: nn.Module, theirs: nn.Module, inputs: list[Tensor], *, rate: float = 0.1) -> None:
    """Give both torch's parameters; compare outputs, gradients and state over steps of descent."""
    ours.double(), theirs.double()
    with torch.no_grad():
        for k, parameter in enumerate(theirs.parameters()):
            parameter.copy_(1 + random(*parameter.shape, seed=100 + k))
    ours.load_state_dict(theirs.state_dict())
    for k, x in enumerate(inputs):
        results = []
        for module in (ours, theirs):
            module.zero_grad()
            given = x.clone().requires_grad_(x.is_floating_point())
            y = module(given)
            (y * random(*y.shape, seed=200 + k)).sum().backward()
            with torch.no_grad():
                for parameter in module.parameters():
                    assert parameter.grad is not None
                    parameter.sub_(rate * parameter.grad)
            results.append([y.detach(), given.grad, *module.state_dict().values()])
        for own, twin in zip(*results, strict=True):
            assert own is twin if own is None else True
            if own is not None:
                close(own, twin)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 5, 3)])
def test_linear_matches_torch_for_three_steps(shape: tuple[int, ...], bias: bool) -> None:
    same_steps(Linear(3, 7, bias=bias), nn.Linear(3, 7, bias=bias), [random(*shape, seed=k) for k in range(3)])


def test_batch_norm_matches_torch_for_three_steps_on_features() -> None:
    steps = [k + (1 + k) * random(4, 3, seed=k) for k in range(3)]
    same_steps(BatchNorm(3), nn.BatchNorm1d(3), steps)
    same_steps(BatchNorm(3, eps=0.1, momentum=0.7), nn.BatchNorm1d(3, eps=0.1, momentum=0.7), steps)


def test_batch_norm_matches_torch_for_three_steps_on_images_and_after_training() -> None:
    steps = [k + (1 + k) * random(2, 3, 4, 5, seed=k) for k in range(3)]
    ours, theirs = BatchNorm(3), nn.BatchNorm2d(3)
    same_steps(ours, theirs, steps)
    ours.eval(), theirs.eval()
    close(ours(steps[0]), theirs(steps[0]))
    state = {name: value.clone() for name, value in ours.state_dict().items()}
    ours(steps[1])
    assert all(torch.equal(state[name], value) for name, value in ours.state_dict().items())


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 5, 3)])
def test_layer_norm_matches_torch_for_three_steps(shape: tuple[int, ...]) -> None:
    steps = [k + random(*shape, seed=k) for k in range(3)]
    same_steps(LayerNorm(3), nn.LayerNorm(3), steps)
    same_steps(LayerNorm(3, eps=0.1), nn.LayerNorm(3, eps=0.1), steps)


def test_embedding_matches_torch_for_three_steps_repeated_tokens_included() -> None:
    steps = [torch.tensor([[0, 4, 4], [1, 4, 0]]), torch.tensor([[2, 2]]), torch.tensor([[3]])]
    same_steps(Embedding(5, 3), nn.Embedding(5, 3), steps)


def test_dropout_after_training_is_torchs_and_in_training_has_its_distribution() -> None:
    x = random(1000)
    close(Dropout(0.3).eval()(x), nn.Dropout(0.3).eval()(x))
    torch.manual_seed(0)
    ours, theirs = Dropout(0.3)(torch.ones(100_000)), nn.Dropout(0.3)(torch.ones(100_000))
    assert torch.equal(ours.unique(), theirs.unique())
    assert ours.mean().item() == pytest.approx(theirs.mean().item(), abs=0.02)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: Linear(6, 4), lambda: nn.Linear(6, 4)),
        (lambda: Embedding(6, 4), lambda: nn.Embedding(6, 4)),
        (lambda: BatchNorm(4), lambda: nn.BatchNorm2d(4)),
        (lambda: LayerNorm(4), lambda: nn.LayerNorm(4)),
    ],
    ids=["Linear", "Embedding", "BatchNorm", "LayerNorm"],
)
def test_modules_start_from_torchs_numbers(ours: Callable[[], nn.Module], theirs: Callable[[], nn.Module]) -> None:
    states = []
    for make in (ours, theirs):
        torch.manual_seed(3)
        states.append(make().state_dict())
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], rtol=1e-6, atol=0)


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: linear(torch.ones(2, 3), torch.ones(4, 2)),
            r"weight must have shape \(O, I\) with I = 3, got \(4, 2\)",
        ),
        (lambda: linear(torch.ones(2), torch.ones(4, 2), torch.ones(3)), r"bias must have shape \(O,\) with O = 4"),
        (lambda: linear(torch.ones(2).int(), torch.ones(4, 2)), r"x must be a floating-point torch tensor"),
        (lambda: linear(torch.ones(2).double(), torch.ones(4, 2)), r"expected one dtype, got x torch.float64, weight"),
        (lambda: Linear(0, 2), "in_features must be at least 1, got 0"),
        (lambda: Linear(2, -1), "out_features must be at least 1, got -1"),
        (lambda: dropout(torch.ones(2), 1.5, training=True), "p must be from 0 to 1, got 1.5"),
        (lambda: dropout(torch.ones(2), -0.1, training=False), "p must be from 0 to 1, got -0.1"),
        (lambda: dropout(torch.ones(2).int(), 0.5, training=True), "x must be a floating-point torch tensor"),
        (lambda: Dropout(math.nan), "p must be from 0 to 1, got nan"),
        (lambda: batch_statistics(torch.ones(3)), r"x must have shape \(B, C\).*got \(3,\)"),
        (lambda: batch_statistics(torch.ones(0, 3)), r"x must have shape \(B, C\).*hold values, got \(0, 3\)"),
        (lambda: batch_norm(torch.ones(3), torch.ones(3), torch.ones(3)), r"x must have shape \(B, C\).*got \(3,\)"),
        (
            lambda: batch_norm(torch.ones(2, 3), torch.ones(2), torch.ones(3)),
            r"mean must have shape \(3,\), got \(2,\)",
        ),
        (lambda: batch_norm(torch.ones(2, 3), torch.ones(3), torch.ones(3), eps=0.0), "eps must be above 0, got 0.0"),
        (lambda: BatchNorm(0), "num_features must be at least 1, got 0"),
        (lambda: BatchNorm(2, momentum=1.1), "momentum must be from 0 to 1, got 1.1"),
        (lambda: BatchNorm(2, eps=-1), "eps must be above 0, got -1"),
        (lambda: BatchNorm(3)(torch.ones(1, 3)), r"at least 2 values a channel in training mode, got 1"),
        (lambda: BatchNorm(3)(torch.ones(4, 2)), r"weight must have shape \(2,\), got \(3,\)"),
        (lambda: layer_norm(torch.ones(2, 3), torch.ones(2)), r"weight must have shape \(D,\) with D = 3, got \(2,\)"),
        (lambda: layer_norm(torch.ones(2, 3), eps=0), "eps must be above 0, got 0"),
        (lambda: LayerNorm(0), "features must be at least 1, got 0"),
        (lambda: LayerNorm(2, eps=0), "eps must be above 0, got 0"),
        (lambda: embedding(torch.ones(2), torch.ones(3, 2)), "tokens must be an int64 torch tensor, got torch.float32"),
        (lambda: embedding(torch.tensor([3]), torch.ones(3, 2)), "tokens must hold classes from 0 to 2, got 3 to 3"),
        (lambda: embedding(torch.tensor([0]), torch.ones(3)), r"weight must have shape \(V, D\), got \(3,\)"),
        (lambda: Embedding(0, 2), "num_embeddings must be at least 1, got 0"),
        (lambda: Embedding(2, 0), "embedding_dim must be at least 1, got 0"),
    ],
)
def test_bad_input_is_refused_in_words_that_name_it(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_refused_batch_leaves_the_running_statistics_alone() -> None:
    layer = BatchNorm(3)
    with pytest.raises(ValueError, match=r"weight must have shape \(1,\), got \(3,\)"):
        layer(torch.ones(4, 1))
    assert layer.num_batches_tracked == 0
    assert layer.running_mean.tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", [name for name in layers.__all__ if name.islower()])
def test_every_function_is_documented_and_does_not_call_torchs_own(name: str) -> None:
    function = getattr(layers, name)
    doc = inspect.getdoc(function) or ""
    for section in ("Args", "Returns", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
    assert f"functional.{name}(" not in inspect.getsource(function).replace(function.__doc__ or "", "")
