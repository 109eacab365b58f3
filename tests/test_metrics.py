"""Each metric by hand, by its definition counted out, by its invariants, and beside scikit-learn."""

import inspect
import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs
from torch import Tensor

from dlref import metrics
from dlref.metrics import accuracy, confusion_matrix, expected_calibration_error, roc_auc, roc_curve

nan, inf = math.nan, math.inf
examples = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=12).filter(
    lambda pairs: len({positive for _, positive in pairs}) == 2
)


def tensors(pairs: list[tuple[int, bool]]) -> tuple[Tensor, Tensor]:
    """Return scores with many ties, and targets."""
    scores, targets = zip(*pairs, strict=True)
    return torch.tensor(scores, dtype=torch.float64), torch.tensor(targets).long()


# By hand


def test_accuracy_and_the_confusion_matrix_of_five_examples_by_hand() -> None:
    scores = torch.tensor([[3.0, 1, 0], [0, 2, 1], [0, 2, 1], [5, 5, 0], [-3, -2, -1]])
    target = torch.tensor([0, 1, 2, 1, 2])  # the tie goes to class 0
    assert accuracy(scores, target) == 3 / 5
    assert confusion_matrix(scores, target).tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]


def test_one_logit_means_class_one_above_zero_and_only_above() -> None:
    scores = torch.tensor([0.1, 0.0, -0.1, 7.0])
    for target in (torch.tensor([1, 0, 1, 0]), torch.tensor([1.0, 0, 1, 0]), torch.tensor([True, False, True, False])):
        assert accuracy(scores, target) == 1 / 2
        assert confusion_matrix(scores, target).tolist() == [[1, 1], [1, 1]]


def test_a_prediction_of_nan_is_never_right() -> None:
    assert accuracy(torch.tensor([[nan, 1.0], [0, 1]]), torch.tensor([0, 1])) == 1 / 2
    assert accuracy(torch.tensor([nan, -1.0]), torch.tensor([0, 0])) == 1 / 2
    assert confusion_matrix(torch.tensor([nan, -1.0]), torch.tensor([0, 0])).tolist() == [[1, 0], [0, 0]]
    assert confusion_matrix(torch.tensor([nan]), torch.tensor([0])).tolist() == [[0, 0], [0, 0]]


def test_classes_along_time_are_counted_like_a_longer_batch() -> None:
    scores = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(0))
    target = scores.argmax(-1)
    target[0, 0] = (target[0, 0] + 1) % 5
    assert accuracy(scores, target) == 11 / 12
    assert torch.equal(confusion_matrix(scores, target), confusion_matrix(scores.flatten(0, 1), target.flatten()))


def test_the_roc_curve_of_five_examples_by_hand() -> None:
    scores, target = torch.tensor([0.9, 0.8, 0.8, 0.3, 0.1]), torch.tensor([1, 0, 1, 0, 1])
    curve = roc_curve(scores, target)
    torch.testing.assert_close(curve.false_positive_rate, torch.tensor([0, 0, 1 / 2, 1, 1]).double())
    torch.testing.assert_close(curve.true_positive_rate, torch.tensor([0, 1 / 3, 2 / 3, 2 / 3, 1]).double())
    torch.testing.assert_close(curve.threshold, torch.tensor([inf, 0.9, 0.8, 0.3, 0.1]))
    # Of six pairs three are in order and one is a tie.
    assert roc_auc(scores, target) == pytest.approx(3.5 / 6)


def test_the_calibration_error_of_two_bins_by_hand() -> None:
    confidence = torch.tensor([0.6, 0.8, 0.5, 0.3, 1.0])
    correct = torch.tensor([1, 0, 1, 1, 1])
    # Below 1/2: one prediction, 0.7 too modest. The rest: 3 of 4 right, mean confidence 0.725.
    expected = 1 / 5 * 0.7 + 4 / 5 * 0.025
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(expected)
    assert expected_calibration_error(confidence, correct.bool(), bins=1) == pytest.approx(0.8 - 0.64)


def test_a_confidence_on_an_edge_belongs_to_the_bin_above_and_one_to_the_last() -> None:
    both = torch.tensor([0.5, 1.0])
    assert expected_calibration_error(both, torch.tensor([0, 1]), bins=2) == pytest.approx(0.5 / 2)
    assert expected_calibration_error(both, torch.tensor([0, 1]), bins=4) == pytest.approx(0.5 / 2)
    below = torch.tensor([0.49, 1.0])  # now in another bin than 1
    assert expected_calibration_error(below, torch.tensor([1, 0]), bins=2) == pytest.approx((0.51 + 1) / 2)


# Definitions, counted out, and scikit-learn


@given(examples)
def test_the_area_is_the_share_of_pairs_in_order_and_what_lies_under_the_curve(pairs: list[tuple[int, bool]]) -> None:
    scores, target = tensors(pairs)
    ordered = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high, low in product(scores[target == 1].tolist(), scores[target == 0].tolist())
    ]
    curve = roc_curve(scores, target)
    assert roc_auc(scores, target) == pytest.approx(sum(ordered) / len(ordered))
    area = torch.trapezoid(curve.true_positive_rate, curve.false_positive_rate).item()
    assert area == pytest.approx(roc_auc(scores, target))


@given(examples)
def test_each_point_of_the_curve_is_the_share_at_or_above_its_threshold(pairs: list[tuple[int, bool]]) -> None:
    scores, target = tensors(pairs)
    curve = roc_curve(scores, target)
    assert curve.threshold.tolist() == [inf, *sorted(set(scores.tolist()), reverse=True)]
    for false, true, threshold in zip(*curve, strict=True):
        above = scores >= threshold
        torch.testing.assert_close(false, above[target == 0].double().mean())
        torch.testing.assert_close(true, above[target == 1].double().mean())


@given(examples)
def test_turning_the_scores_round_turns_the_area_round(pairs: list[tuple[int, bool]]) -> None:
    scores, target = tensors(pairs)
    assert roc_auc(-scores, target) == pytest.approx(1 - roc_auc(scores, target))
    assert roc_auc(scores.exp(), target) == pytest.approx(roc_auc(scores, target))  # only the order counts


@given(st.integers(2, 5), st.integers(0, 1000))
def test_accuracy_is_the_trace_of_the_confusion_matrix_as_in_scikit_learn(classes: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(20, classes, generator=generator)
    target = torch.randint(classes, (20,), generator=generator)
    matrix = confusion_matrix(scores, target)
    assert accuracy(scores, target) == pytest.approx(matrix.trace().item() / 20)
    assert accuracy(scores, target) == theirs.accuracy_score(target, scores.argmax(1))
    assert matrix.sum(1).tolist() == target.bincount(minlength=classes).tolist()
    assert matrix.sum(0).tolist() == scores.argmax(1).bincount(minlength=classes).tolist()


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=20), st.integers(1, 7))
def test_the_calibration_error_is_the_weighted_gap_bin_by_bin(pairs: list[tuple[float, bool]], bins: int) -> None:
    confidence, correct = (torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True))
    error = 0.0
    for k in range(bins):
        inside = ((confidence * bins).floor() == k) | ((confidence == 1) & (k == bins - 1))
        if inside.any():
            share = inside.double().mean().item()
            error += share * abs(correct[inside].mean().item() - confidence[inside].mean().item())
    assert expected_calibration_error(confidence, correct, bins=bins) == pytest.approx(error, abs=1e-12)
    assert 0 <= error <= 1


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_all_floating_types_and_scores_that_need_a_gradient_are_fine(dtype: torch.dtype) -> None:
    scores = torch.tensor([0.25, 0.75], dtype=dtype, requires_grad=True)
    target = torch.tensor([0, 1])
    assert accuracy(torch.stack([-scores, scores], 1), target) == accuracy(scores, target) == 1 / 2
    assert roc_auc(scores, target) == 1
    assert roc_curve(scores, target).threshold.dtype == dtype
    assert expected_calibration_error(scores, target, bins=1) == 0


# What is refused

five, classes = torch.zeros(5), torch.zeros(5, 3)
labels = torch.tensor([0, 1, 0, 1, 0])


@pytest.mark.parametrize("function", [accuracy, confusion_matrix])
@pytest.mark.parametrize(
    ("scores", "target", "message"),
    [
        ([1.0], labels, "scores must be a floating-point torch tensor, got list"),
        (labels, labels, r"scores must be a floating-point torch tensor, got torch\.int64"),
        (classes, labels[:4], r"target must have shape \(5, 3\) or \(5,\), as scores have \(5, 3\); got \(4,\)"),
        (classes, [0, 1], "target must have shape .*; got list"),
        (torch.zeros(3), torch.tensor(0), r"target must have shape \(3,\) or \(\), as scores have \(3,\); got \(\)"),
        (torch.zeros(0, 3), torch.zeros(0).long(), "expected at least one example, got none"),
        (five[:, None], labels, r"scores of shape \(5, 1\) choose from 1 class; a single logit has shape \(5,\)"),
        (classes, labels.float(), r"target must be an int64 torch tensor, got torch\.float32"),
        (classes, labels * 3, "target must hold classes from 0 to 2, got 0 to 3"),
        (five, labels * 2 - 1, "target must hold only 0 and 1, got -1 to 1"),
    ],
)
def test_scores_and_targets_that_do_not_fit_are_refused(function, scores, target, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(scores, target)


@pytest.mark.parametrize("function", [roc_curve, roc_auc])
@pytest.mark.parametrize(
    ("scores", "target", "message"),
    [
        (labels, labels, r"scores must be a floating-point torch tensor, got torch\.int64"),
        (classes, labels, r"scores and target must both have shape \(N,\), got \(5, 3\) and \(5,\)"),
        (five, [0, 1], r"scores and target must both have shape \(N,\), got \(5,\) and list"),
        (five[:0], labels[:0], "expected at least one example, got none"),
        (five, labels + 1, "target must hold only 0 and 1, got 1 to 2"),
        (five, labels * 0 + 1, "target must hold both 0 and 1, got only 1"),
        (torch.tensor([1, nan, inf, 0, 0]), labels, "scores must be finite, got 2 that are not"),
    ],
)
def test_what_has_no_curve_is_refused(function, scores, target, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function(scores, target)


@pytest.mark.parametrize(
    ("confidence", "correct", "bins", "message"),
    [
        (five, labels, 0, "bins must be at least 1, got 0"),
        (five, labels[:2], 15, r"confidence and correct must both have shape \(N,\), got \(5,\) and \(2,\)"),
        (five + 2, labels, 15, r"confidence must be in \[0, 1\], got 2 to 2"),
        (five + nan, labels, 15, r"confidence must be in \[0, 1\], got nan to nan"),
        (five, labels * 100, 15, "correct must hold only 0 and 1, got 0 to 100"),
    ],
)
def test_a_calibration_error_without_meaning_is_refused(confidence, correct, bins: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(confidence, correct, bins=bins)


@pytest.mark.parametrize("name", [name for name in metrics.__all__ if name.islower()])
def test_every_function_is_documented(name: str) -> None:
    doc = inspect.getdoc(getattr(metrics, name)) or ""
    for section in ("Args", "Returns", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
