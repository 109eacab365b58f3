"""Each loss by hand, by its invariants, by finite differences, beside its twin in torch, and beyond its edges."""

import inspect
import itertools
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from dlref import losses
from dlref.activations import log_softmax, softmax
from dlref.losses import (
    binary_cross_entropy,
    binary_hinge,
    cross_entropy,
    ctc,
    hinge,
    huber,
    kl_divergence,
    mean_absolute_error,
    mean_squared_error,
    triplet,
)

Function = Callable[..., Tensor]
PUBLIC = [getattr(losses, name) for name in losses.__all__]
ln = math.log
seeds = st.integers(0, 2**31 - 1)
moderate = st.floats(-30, 30, width=64)


def double(*values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def labels(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.int64)


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def close(actual: Tensor, expected: Tensor | float, tolerance: float = 1e-13) -> None:
    expected = torch.as_tensor(expected, dtype=actual.dtype)
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def value_and_slopes(function: Function, *inputs: Tensor) -> tuple[Tensor, ...]:
    leaves = [x.clone().requires_grad_() for x in inputs]
    value = function(*leaves)
    return value.detach(), *torch.autograd.grad(value, leaves)


# Worked by hand


def test_squared_and_absolute_error_by_hand() -> None:
    prediction, target = double([1, 2], [3, 4]), double([1, 0], [6, 5])  # errors 0, 2, -3, -1
    assert mean_squared_error(prediction, target).item() == (4 + 9 + 1) / 4
    assert mean_absolute_error(prediction, target).item() == (2 + 3 + 1) / 4


def test_huber_by_hand_inside_at_and_beyond_delta() -> None:
    zero = double(0)
    for error, value in [(1.0, 0.5), (2.0, 2.0), (5.0, 2 * (5 - 1)), (-5.0, 8.0)]:
        assert huber(double(error), zero, delta=2.0).item() == value
    assert huber(double(1, 5), double(0, 0), delta=2.0).item() == (0.5 + 8) / 2


def test_binary_cross_entropy_by_hand() -> None:
    # sigmoid(ln 3) = 3/4: the surprise at yes is ln(4/3), at no ln 4
    close(binary_cross_entropy(double(ln(3), ln(3)), double(1, 0)), (ln(4 / 3) + ln(4)) / 2)
    close(binary_cross_entropy(double(ln(3)), double(0.25)), 0.25 * ln(4 / 3) + 0.75 * ln(4))


def test_cross_entropy_by_hand() -> None:
    logits = double([0, ln(2), ln(5)], [ln(6), 0, 0])  # shares 1/8 2/8 5/8 and 6/8 1/8 1/8
    close(cross_entropy(logits, labels(1, 0)), (ln(4) + ln(4 / 3)) / 2)


def test_hinge_by_hand_sums_over_the_wrong_classes_and_averages_over_the_examples() -> None:
    scores = double([3, 2.5, 1, 4], [0, 5, 0, 0])
    assert hinge(scores, labels(0, 1)).item() == (0.5 + 0 + 2) / 2
    assert hinge(scores, labels(0, 1), margin=3.0).item() == (2.5 + 1 + 4) / 2


def test_binary_hinge_by_hand() -> None:
    assert binary_hinge(double(2, 0.5, 0.5, -2), double(1, 1, -1, -1)).item() == (0 + 0.5 + 1.5 + 0) / 4


def test_kl_divergence_by_hand_in_both_orders() -> None:
    p, q = double(1 / 2, 1 / 2), double(3 / 4, 1 / 4)
    close(kl_divergence(p.log(), q.log()), ln(2 / 3) / 2 + ln(2) / 2)
    close(kl_divergence(q.log(), p.log()), 3 / 4 * ln(3 / 2) - ln(2) / 4)


def test_what_never_happens_adds_nothing_to_the_divergence_and_what_was_impossible_makes_it_infinite() -> None:
    certain, fair = double(1, 0).log(), double(1 / 2, 1 / 2).log()
    value, *slopes = value_and_slopes(kl_divergence, certain, fair)
    close(value, ln(2))
    assert all(slope.isfinite().all() for slope in slopes)
    assert kl_divergence(certain, certain) == 0
    assert kl_divergence(fair, certain) == math.inf


def test_triplet_by_hand() -> None:
    anchor, positive = double([0, 0], [1, 1]), double([3, 4], [1, 1])
    negative = double([0, 5.5], [1, 3])  # distances 5 against 5.5, and 0 against 2
    assert triplet(anchor, positive, negative).item() == (0.5 + 0) / 2
    assert triplet(anchor, positive, negative, margin=3.0).item() == (2.5 + 1) / 2


def test_ctc_by_hand() -> None:
    p = double([0.5, 0.3, 0.2], [0.1, 0.6, 0.3]).log()  # blank, a, b at two steps
    close(ctc(p, labels(1)).exp(), 1 / (0.3 * 0.6 + 0.3 * 0.1 + 0.5 * 0.6))  # aa, a_, _a
    close(ctc(p, labels(1, 2)).exp(), 1 / (0.3 * 0.3))
    close(ctc(p, labels()).exp(), 1 / (0.5 * 0.1))
    three = torch.cat([p, double([0.2, 0.7, 0.1]).log()])
    close(ctc(three, labels(1, 1)).exp(), 1 / (0.3 * 0.1 * 0.7))  # a_a alone


# Invariants


@given(seeds, moderate)
def test_a_shift_of_all_scores_changes_neither_cross_entropy_nor_hinge(seed: int, shift: float) -> None:
    scores, target = normal(seed, 5, 4), labels(0, 1, 2, 3, 1)
    close(cross_entropy(scores + shift, target), cross_entropy(scores, target), 1e-11)
    close(hinge(scores + shift, target), hinge(scores, target), 1e-11)


@given(seeds, st.floats(0.1, 5))
def test_huber_is_half_the_square_when_delta_is_large_and_never_more(seed: int, delta: float) -> None:
    prediction, target = normal(seed, 20), normal(seed + 1, 20)
    half_square = mean_squared_error(prediction, target) / 2
    close(huber(prediction, target, delta=100.0), half_square)
    value = huber(prediction, target, delta=delta)
    assert value <= half_square + 1e-12
    assert value <= delta * mean_absolute_error(prediction, target) + 1e-12


@given(seeds)
def test_the_best_constant_is_the_mean_for_squares_and_the_median_for_sizes(seed: int) -> None:
    y = normal(seed, 9).exp()
    grid = torch.cat([y.mean()[None], y.median()[None], torch.linspace(0, 5, 101).double()])
    squares = torch.stack([mean_squared_error(c.expand(9), y) for c in grid])
    sizes = torch.stack([mean_absolute_error(c.expand(9), y) for c in grid])
    assert squares[0] <= squares.min() + 1e-12
    assert sizes[1] <= sizes.min() + 1e-12


@given(seeds)
def test_the_slope_of_cross_entropy_is_prediction_minus_truth(seed: int) -> None:
    logits, target = normal(seed, 6, 3), labels(0, 1, 2, 2, 1, 0)
    _, slope = value_and_slopes(partial(cross_entropy, target=target), logits)
    close(slope, (softmax(logits) - functional.one_hot(target, 3)) / 6)


@given(moderate, st.floats(0, 1))
def test_binary_cross_entropy_is_cross_entropy_with_a_second_logit_of_zero(z: float, y: float) -> None:
    two = double([0, z], [0, z])
    both = [cross_entropy(two[:1], labels(k)) for k in (0, 1)]
    close(binary_cross_entropy(double(z), double(y)), (1 - y) * both[0] + y * both[1])


@given(seeds)
def test_binary_hinge_is_hinge_of_two_opposite_halves(seed: int) -> None:
    score, target = normal(seed, 8), labels(0, 1, 1, 0, 1, 0, 0, 1)
    two = torch.stack([-score / 2, score / 2], dim=1)
    close(binary_hinge(score, 2.0 * target.double() - 1), hinge(two, target))


@given(seeds)
def test_cross_entropy_is_divergence_plus_entropy_and_divergence_is_never_negative(seed: int) -> None:
    log_p, log_q = log_softmax(normal(seed, 4, 5)), log_softmax(normal(seed + 1, 4, 5))
    entropy = -(log_p.exp() * log_p).sum(-1).mean()
    cross = -(log_p.exp() * log_q).sum(-1).mean()
    close(kl_divergence(log_p, log_q), cross - entropy)
    assert kl_divergence(log_p, log_q) > 0
    assert kl_divergence(log_p, log_p) == 0
    one_hot = double([1, 0, 0, 0, 0]).log()
    close(kl_divergence(one_hot.expand(4, 5), log_q), cross_entropy(log_q, labels(0, 0, 0, 0)))


@given(seeds, moderate)
def test_triplet_ignores_where_the_embeddings_are_and_collapses_to_the_margin(seed: int, shift: float) -> None:
    a, p, n = normal(seed, 3, 4, 2)
    close(triplet(a + shift, p + shift, n + shift), triplet(a, p, n), 1e-11)
    assert triplet(a, a, a, margin=0.7).item() == 0.7


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(label for label, _ in itertools.groupby(path) if label != 0)


@pytest.mark.parametrize(("steps", "classes"), [(1, 2), (4, 3), (5, 3), (6, 2)])
def test_ctc_equals_the_sum_over_all_paths_and_all_targets_together_have_probability_one(
    steps: int, classes: int
) -> None:
    p = softmax(2 * normal(steps, steps, classes))
    by_target: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(classes), repeat=steps):
        probability = math.prod(p[t, c].item() for t, c in enumerate(path))
        by_target[collapse(path)] = by_target.get(collapse(path), 0.0) + probability
    assert () in by_target
    assert steps < 3 or (1, 1) in by_target
    total = 0.0
    for target, probability in by_target.items():
        found = (-ctc(p.log(), labels(*target))).exp()
        close(found, probability)
        total += found.item()
    assert total == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("steps", "target"), [(2, (1, 1)), (2, (1, 2, 1)), (4, (2, 2, 2)), (1, (1, 2))])
def test_a_target_that_does_not_fit_costs_infinity_without_a_gradient(steps: int, target: tuple[int, ...]) -> None:
    value, slope = value_and_slopes(lambda z: ctc(log_softmax(z), labels(*target)), normal(0, steps, 3))
    assert value == math.inf
    assert (slope == 0).all()
    needed = len(target) + sum(a == b for a, b in itertools.pairwise(target))
    assert ctc(log_softmax(normal(0, needed, 3)), labels(*target)).isfinite()


def test_ctc_survives_impossible_classes_and_long_sequences() -> None:
    p = double([0.5, 0.5, 0], [0.5, 0.5, 0])
    assert ctc(p.log(), labels(2)) == math.inf
    close(ctc(p.log(), labels(1)), ln(4 / 3))
    flat = torch.zeros(2000, 30).log_softmax(-1)  # probabilities of 30^-2000
    assert ctc(flat, labels(*[1, 2, 3] * 100)).isfinite()


# Finite differences and twins

A_TARGET = labels(0, 3, 1, 1, 2)
SHAPE = (5, 4)
SIGNS = 2 * (normal(9, *SHAPE) > 0).double() - 1
SHARES = softmax(normal(8, *SHAPE))


def torch_ctc(logits: Tensor, target: Tensor) -> Tensor:
    log_p = functional.log_softmax(logits, dim=-1)[:, None]
    steps, length = torch.tensor([len(logits)]), torch.tensor([len(target)])
    return functional.ctc_loss(log_p, target[None], steps, length, reduction="none")[0]


def ours_ctc(logits: Tensor, target: Tensor) -> Tensor:
    return ctc(log_softmax(logits), target)


def torch_kl(log_p: Tensor, log_q: Tensor) -> Tensor:
    return functional.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


TWINS: dict[str, tuple[Function, Function, int]] = {
    "mean_squared_error": (mean_squared_error, functional.mse_loss, 2),
    "mean_absolute_error": (mean_absolute_error, functional.l1_loss, 2),
    "huber": (huber, functional.huber_loss, 2),
    "huber, 0.3": (partial(huber, delta=0.3), partial(functional.huber_loss, delta=0.3), 2),
    "binary_cross_entropy": (
        lambda z: binary_cross_entropy(z, SHARES),
        lambda z: functional.binary_cross_entropy_with_logits(z, SHARES),
        1,
    ),
    "binary_cross_entropy, targets": (
        lambda y: binary_cross_entropy(3 * SIGNS, y.sigmoid()),
        lambda y: functional.binary_cross_entropy_with_logits(3 * SIGNS, y.sigmoid()),
        1,
    ),
    "cross_entropy": (lambda z: cross_entropy(3 * z, A_TARGET), lambda z: functional.cross_entropy(3 * z, A_TARGET), 1),
    "hinge": (lambda s: hinge(s, A_TARGET), lambda s: 4 * functional.multi_margin_loss(s, A_TARGET), 1),
    "hinge, 0.3": (
        lambda s: hinge(s, A_TARGET, margin=0.3),
        lambda s: 4 * functional.multi_margin_loss(s, A_TARGET, margin=0.3),
        1,
    ),
    "binary_hinge": (lambda s: binary_hinge(s, SIGNS), lambda s: (1 - SIGNS * s).clamp(min=0).mean(), 1),
    "kl_divergence": (
        lambda a, b: kl_divergence(log_softmax(a), log_softmax(b)),
        lambda a, b: torch_kl(a.log_softmax(-1), b.log_softmax(-1)),
        2,
    ),
    "triplet": (triplet, partial(functional.triplet_margin_loss, eps=0.0), 3),
    "triplet, 0.2": (partial(triplet, margin=0.2), partial(functional.triplet_margin_loss, margin=0.2, eps=0.0), 3),
    "ctc": (partial(ours_ctc, target=labels(1, 3)), partial(torch_ctc, target=labels(1, 3)), 1),
    "ctc, repeats": (partial(ours_ctc, target=labels(2, 2, 1)), partial(torch_ctc, target=labels(2, 2, 1)), 1),
    "ctc, one": (partial(ours_ctc, target=labels(3)), partial(torch_ctc, target=labels(3)), 1),
    "ctc, silence": (partial(ours_ctc, target=labels()), partial(torch_ctc, target=labels()), 1),
}
each_twin = pytest.mark.parametrize(("ours", "theirs", "inputs"), TWINS.values(), ids=TWINS.keys())


@each_twin
@settings(max_examples=20)
@given(seed=seeds)
def test_values_and_slopes_match_torch(ours: Function, theirs: Function, inputs: int, seed: int) -> None:
    tensors = [normal(seed + k, *SHAPE) for k in range(inputs)]
    for mine, torchs in zip(value_and_slopes(ours, *tensors), value_and_slopes(theirs, *tensors), strict=True):
        close(mine, torchs, 1e-12)


@each_twin
def test_slopes_match_finite_differences(ours: Function, theirs: Function, inputs: int) -> None:
    tensors = [normal(100 + k, *SHAPE).requires_grad_() for k in range(inputs)]
    assert torch.autograd.gradcheck(ours, tensors, eps=1e-6, atol=1e-8, rtol=1e-6)


def test_longer_ctc_targets_match_torch_at_half_a_hundred_steps() -> None:
    logits, target = 2 * normal(3, 50, 8), labels(3, 3, 1, 7, 5, 5, 5, 2, 1, 1, 4)
    for mine, torchs in zip(
        value_and_slopes(partial(ours_ctc, target=target), logits),
        value_and_slopes(partial(torch_ctc, target=target), logits),
        strict=True,
    ):
        close(mine, torchs, 1e-11)


def test_classes_come_last_where_torch_has_them_second() -> None:
    logits, target = normal(0, 2, 3, 4), labels(0, 1, 2, 3, 0, 1).reshape(2, 3)
    close(cross_entropy(logits, target), functional.cross_entropy(logits.mT, target))
    close(hinge(logits, target), hinge(logits.reshape(6, 4), target.reshape(6)))
    close(cross_entropy(logits[0, 0], torch.tensor(2)), functional.cross_entropy(logits[0, 0], torch.tensor(2)))


@pytest.mark.filterwarnings("ignore:.*target size:UserWarning", "ignore:reduction:UserWarning")
def test_torch_differs_where_the_docstrings_say_so() -> None:
    a, b, shares = normal(0, 6), normal(1, 6), (log_softmax(normal(2, 3, 4)), log_softmax(normal(3, 3, 4)))
    assert functional.mse_loss(a[:, None], b).item() == pytest.approx((a[:, None] - b).square().mean().item())
    close(functional.smooth_l1_loss(a, b, beta=0.3), huber(a, b, delta=0.3) / 0.3)
    assert functional.binary_cross_entropy(double(0.0), double(1.0)) == 100
    assert functional.hinge_embedding_loss(double(0.3), double(1.0)).item() == 0.3
    close(functional.kl_div(shares[1], shares[0].exp()), kl_divergence(*shares) / 4)
    log_p = log_softmax(normal(4, 9, 3))
    theirs = functional.ctc_loss(log_p[:, None], labels(1, 2)[None], labels(9), labels(2))
    close(theirs, ctc(log_p, labels(1, 2)) / 2)
    mine = value_and_slopes(partial(ctc, target=labels(1, 2)), log_p)[1]
    steps = torch.tensor([9])
    torchs = value_and_slopes(lambda x: functional.ctc_loss(x[:, None], labels(1, 2)[None], steps, steps // 4), log_p)[
        1
    ]
    assert (mine.sum(-1) + 1).abs().max() < 1e-12  # one unit of probability passes through each step
    assert torchs.sum(-1).abs().max() < 1e-12
    assert value_and_slopes(partial(torch_ctc, target=labels(*[1] * 9)), log_p)[1].isnan().any()
    near = functional.triplet_margin_loss(double([0, 0]), double([0, 0]), double([9, 9]), margin=20.0)
    assert 1e-6 < near.item() - triplet(double([0, 0]), double([0, 0]), double([9, 9]), margin=20.0).item() < 1e-5


# Edges


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_logits_of_ten_thousand_give_finite_losses_and_slopes(dtype: torch.dtype) -> None:
    z = torch.tensor([1e4, -1e4, 0.0, 1e-8], dtype=dtype)
    pairs = torch.cartesian_prod(z, z)
    for target in (labels(*[0] * 16), labels(*[1] * 16)):
        for loss in (cross_entropy, hinge):
            value, slope = value_and_slopes(partial(loss, target=target), pairs)
            assert value.isfinite()
            assert slope.isfinite().all()
    for y in (0.0, 0.3, 1.0):
        value, slope = value_and_slopes(partial(binary_cross_entropy, target=torch.full_like(z, y)), z)
        assert value.isfinite()
        close(slope * 4, z.sigmoid() - y, 1e-6)
    value, slope = value_and_slopes(partial(ours_ctc, target=labels(1)), pairs)
    assert value.isfinite()
    assert slope.isfinite().all()


@pytest.mark.parametrize("z", [12.0, 20.0, 60.0])
def test_small_binary_losses_keep_their_digits_in_float32(z: float) -> None:
    for sign, target in [(1, 1.0), (-1, 0.0)]:
        small = binary_cross_entropy(torch.tensor([sign * z]), torch.tensor([target])).item()
        assert small == pytest.approx(math.log1p(math.exp(-z)), rel=1e-5, abs=0)


def test_slopes_at_the_corners_are_those_in_the_docstrings() -> None:
    zero, one = double(0.0), double(1.0)
    assert value_and_slopes(partial(mean_absolute_error, target=zero), zero)[1] == 0
    assert value_and_slopes(partial(binary_hinge, target=one), one)[1] == 0
    assert (value_and_slopes(partial(hinge, target=labels(0)), double([1.0, 0.0]))[1] == 0).all()
    same = double([1.0, 2.0])
    assert all(slope.isfinite().all() for slope in value_and_slopes(triplet, same, same, same))


# Bad input

F, D, Y = torch.zeros(2), torch.zeros(2, dtype=torch.float64), labels(0, 1)
ELEMENTWISE = [mean_squared_error, mean_absolute_error, huber, binary_cross_entropy, binary_hinge, kl_divergence]
SCORED = [cross_entropy, hinge]


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_pairs_that_do_not_match_are_refused(function: Function) -> None:
    first, second = list(inspect.signature(function).parameters)[:2]
    for bad, named in [
        ((F[:, None], F), rf"{first} and {second} must have one shape, got \(2, 1\) and \(2,\)"),
        ((F, D), rf"expected one dtype, got {first} torch.float32, {second} torch.float64"),
        ((F, Y), rf"{second} must be a floating-point torch tensor, got torch.int64"),
        ((F[:0], F[:0]), rf"{first} must hold at least one number, got shape \(0,\)"),
    ]:
        with pytest.raises(ValueError, match=named):
            function(*bad)


@pytest.mark.parametrize("function", SCORED)
def test_scores_and_classes_that_do_not_fit_are_refused(function: Function) -> None:
    scores = "logits" if function is cross_entropy else "scores"
    x = torch.zeros(2, 3)
    for bad, named in [
        ((Y, Y), rf"{scores} must be a floating-point torch tensor, got torch.int64"),
        ((torch.tensor(1.0), Y), rf"{scores} must have shape \(\.\.\., C\), got \(\)"),
        ((x, F), "target must be an int64 torch tensor, got torch.float32"),
        ((x, labels(0, 3)), "target must hold classes from 0 to 2, got 0 to 3"),
        ((x, Y[:, None]), rf"target must have the shape of {scores} without its last, \(2,\), got \(2, 1\)"),
        ((x[:0], Y[:0]), rf"{scores} must hold at least one example, got shape \(0, 3\)"),
    ]:
        with pytest.raises(ValueError, match=named):
            function(*bad)


LOG = torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log()
E = torch.ones(2, 3)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: huber(F, F, delta=0.0), "delta must be above 0, got 0.0"),
        (lambda: huber(F, F, delta=math.nan), "delta must be above 0, got nan"),
        (lambda: hinge(E, Y, margin=0.0), "margin must be above 0 and finite, got 0.0"),
        (lambda: hinge(E, Y, margin=math.inf), "margin must be above 0 and finite, got inf"),
        (lambda: triplet(E, E, E, margin=-1.0), "margin must be above 0 and finite, got -1.0"),
        (lambda: binary_cross_entropy(F, F - 1), "target must be from 0 to 1, got -1 to -1"),
        (lambda: binary_cross_entropy(F, F + math.nan), "target must be from 0 to 1, got nan to nan"),
        (lambda: binary_hinge(F, torch.tensor([1.0, 0.0])), "target must be -1 or 1, got 0; 2 "),
        (lambda: kl_divergence(LOG.exp(), LOG), "log_p must hold logarithms .* got a sum of 3.56; log_softmax makes"),
        (lambda: kl_divergence(LOG, LOG * 2), "log_q must hold logarithms of probabilities .* got a sum of 0.5"),
        (lambda: kl_divergence(torch.tensor(0.0), torch.tensor(0.0)), r"log_p must have shape \(\.\.\., C\), got \(\)"),
        (lambda: triplet(E, E, D), "expected one dtype"),
        (lambda: triplet(E, E, F), r"negative must have shape \(B, D\) with B = 2, D = 3, got \(2,\)"),
        (lambda: triplet(E[:0], E[:0], E[:0]), r"anchor must hold at least one number, got shape \(0, 3\)"),
        (lambda: ctc(Y, Y), "log_probabilities must be a floating-point torch tensor, got torch.int64"),
        (lambda: ctc(LOG[None], Y), r"log_probabilities must have shape \(T, C\), got \(1, 2, 2\)"),
        (lambda: ctc(LOG, F), "target must be an int64 torch tensor, got torch.float32"),
        (lambda: ctc(LOG, labels(2)), "target must hold classes from 0 to 1, got 2 to 2"),
        (lambda: ctc(LOG, labels(1)[None]), r"target must have shape \(S,\), got \(1, 1\)"),
        (lambda: ctc(LOG[:0], labels(1)), r"log_probabilities must hold at least one step, got shape \(0, 2\)"),
        (lambda: ctc(LOG, labels(1, 0)), "target must not hold class 0, the blank; labels start at 1"),
        (lambda: ctc(LOG.exp(), labels(1)), "log_probabilities must hold logarithms .* got a sum of 3.56"),
        (lambda: ctc(LOG + math.nan, labels(1)), "log_probabilities must hold logarithms .* got a sum of nan"),
    ],
)
def test_what_is_out_of_range_is_refused(call: Callable[[], Tensor], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        call()


@pytest.mark.parametrize("function", PUBLIC)
def test_every_loss_is_documented_and_calls_none_of_torchs(function: Function) -> None:
    doc = inspect.getdoc(function) or ""
    for section in ("Args", "Returns", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
    code = inspect.getsource(function).replace(function.__doc__ or "", "")
    assert not re.search(r"functional\.|_loss\(|kl_div\(|nn\.", code)
