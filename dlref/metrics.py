r"""What to report about predictions: thin covers over scikit-learn that take tensors.

Scores are logits, probabilities or distances turned round: only their order counts. Where there
is a choice between two classes, one score stands for each example, and class 1 has the higher ones.
"""

from typing import Any, NamedTuple

import torch
from sklearn import metrics
from torch import Tensor

from dlref.checks import check_floating, check_labels

__all__ = ["RocCurve", "accuracy", "confusion_matrix", "expected_calibration_error", "roc_auc", "roc_curve"]


class RocCurve(NamedTuple):
    """Points of a receiver operating characteristic, from "nothing is positive" to "everything is".

    Attributes:
        false_positive_rate: Share of the negatives at or above the threshold, shape (K,), rising from 0 to 1.
        true_positive_rate: Share of the positives at or above the threshold, shape (K,), rising from 0 to 1.
        threshold: The scores in falling order, shape (K,); infinity comes first.
    """

    false_positive_rate: Tensor
    true_positive_rate: Tensor
    threshold: Tensor


def accuracy(scores: Tensor, target: Tensor) -> float:
    r"""Return the share of predictions that are right.

    $$\frac{1}{N} \sum_n \mathbb{1}\left[\arg\max_c s_{n,c} = y_n\right] \qquad\text{or}\qquad
    \frac{1}{N} \sum_n \mathbb{1}\left[(s_n > 0) = y_n\right]$$

    Args:
        scores: Logits: shape (..., C) with one for each of C classes, where the largest wins, the first of
            equals; or shape (...), one for each example, where above 0 means class 1. A prediction of NaN is wrong.
        target: The classes, shape (...): int64, and for one logit also 0 and 1 of any other type.

    Returns:
        A number from 0 to 1.

    Raises:
        ValueError: If scores are not floating-point, the shapes do not fit together, there is no example, there
            is a single class to choose from, or a target is not a class.

    Source:
        Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 7.2: one minus the 0-1 loss.

    Differs from:
        `sklearn.metrics.accuracy_score` takes predicted classes, not scores.

    Examples:
        >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]]), torch.tensor([0, 1, 1]))
        0.6666666666666666
        >>> accuracy(torch.tensor([0.5, -2.0]), torch.tensor([1, 0]))
        1.0
    """
    predicted, truth, _ = _predicted(scores, target)
    return float(metrics.accuracy_score(truth, predicted))


def confusion_matrix(scores: Tensor, target: Tensor) -> Tensor:
    """Count how often each class was taken for each other.

    Args:
        scores: Logits, shape (..., C) or (...), as for `accuracy`. A prediction of NaN is in no column.
        target: The classes, shape (...).

    Returns:
        Counts, int64 of shape (C, C), or (2, 2) for one logit: the true class is the row, the predicted one the
            column.

    Raises:
        ValueError: As for `accuracy`.

    Source:
        Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006, figure 1.

    Differs from:
        Fawcett's matrix has the true class as the column.
        `sklearn.metrics.confusion_matrix` takes predicted classes, and leaves out those that never occur.

    Examples:
        >>> confusion_matrix(torch.tensor([0.5, -2.0, 3.0]), torch.tensor([1, 0, 0]))
        tensor([[1, 1],
                [0, 1]])
    """
    predicted, truth, classes = _predicted(scores, target)
    known = predicted >= 0
    if not known.any():
        return torch.zeros(classes, classes, dtype=torch.int64)
    counts = metrics.confusion_matrix(truth[known], predicted[known], labels=range(classes))
    return torch.from_numpy(counts).long()


def roc_curve(scores: Tensor, target: Tensor) -> RocCurve:
    r"""Return the true positive rate against the false positive rate, over all thresholds.

    $$\mathrm{TPR}(t) = \frac{|\{n : s_n \ge t,\, y_n = 1\}|}{|\{n : y_n = 1\}|}, \qquad
    \mathrm{FPR}(t) = \frac{|\{n : s_n \ge t,\, y_n = 0\}|}{|\{n : y_n = 0\}|}$$

    Args:
        scores: One for each example, shape (N,), finite; the higher, the rather class 1.
        target: 0 or 1, shape (N,), of any type; both must occur.

    Returns:
        The curve at infinity and at each score that occurs.

    Raises:
        ValueError: If the shapes differ or are not (N,), a score is not finite, or a target is not 0 or 1, or all
            are the same.

    Source:
        Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006.

    Differs from:
        `sklearn.metrics.roc_curve` leaves out points on straight lines unless told not to.

    Examples:
        >>> curve = roc_curve(torch.tensor([3.0, 2.0, 1.0]), torch.tensor([1, 0, 1]))
        >>> curve.true_positive_rate
        tensor([0.0000, 0.5000, 0.5000, 1.0000], dtype=torch.float64)
        >>> curve.threshold
        tensor([inf, 3., 2., 1.])
    """
    truth = _two_classes(scores, target)
    curve = metrics.roc_curve(truth, scores.detach().double(), drop_intermediate=False)
    false_positive_rate, true_positive_rate, threshold = map(torch.from_numpy, curve)
    return RocCurve(false_positive_rate, true_positive_rate, threshold.to(scores.dtype))


def roc_auc(scores: Tensor, target: Tensor) -> float:
    r"""Return the chance that a positive scores higher than a negative, ties counting one half.

    $$\frac{1}{P N} \sum_{y_i = 1} \sum_{y_j = 0}
    \left(\mathbb{1}[s_i > s_j] + \tfrac12 \mathbb{1}[s_i = s_j]\right)$$

    That is the area under `roc_curve`: 1 for a perfect order, one half for a random one.

    Args:
        scores: One for each example, shape (N,), finite; the higher, the rather class 1.
        target: 0 or 1, shape (N,), of any type; both must occur.

    Returns:
        A number from 0 to 1.

    Raises:
        ValueError: As for `roc_curve`.

    Source:
        Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
        Radiology 143, 1982.

    Differs from:
        `sklearn.metrics.roc_auc_score`: nothing but the refusal of what is not 0 or 1.

    Examples:
        >>> roc_auc(torch.tensor([3.0, 2.0, 1.0]), torch.tensor([1, 0, 1]))
        0.5
    """
    truth = _two_classes(scores, target)
    return float(metrics.roc_auc_score(truth, scores.detach().double()))


def expected_calibration_error(confidence: Tensor, correct: Tensor, bins: int = 15) -> float:
    r"""Return how far confidence and the share of correct predictions are apart, on average.

    $$\mathrm{ECE} = \sum_{k} \frac{|B_k|}{N}
    \left| \operatorname{acc}(B_k) - \operatorname{conf}(B_k) \right|$$

    Bin $B_k$ holds the predictions whose confidence is in $[k/K, (k+1)/K)$, the last one also 1, as in
    `dlref.plots.reliability_diagram`.

    Args:
        confidence: The probability that each prediction gives to its own class, shape (N,), in $[0, 1]$.
        correct: Whether each prediction is right, shape (N,): bool, or 0 and 1 of any type.
        bins: The number of bins $K$, at least 1.

    Returns:
        A number from 0 to 1; 0 where confidence is honest.

    Raises:
        ValueError: If the shapes differ or are not (N,), there is no prediction, a confidence is not in $[0, 1]$,
            `correct` is not 0 or 1, or `bins` is below 1.

    Source:
        Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", arXiv 1706.04599, equation 3.

    Differs from:
        The paper's bins are closed on the right, $(k/K, (k+1)/K]$.

    Examples:
        >>> sure = torch.tensor([0.9, 0.9, 0.9, 0.9])
        >>> round(expected_calibration_error(sure, torch.tensor([1, 1, 1, 0])), 4)
        0.15
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    right = _zeros_and_ones("correct", correct, "confidence", confidence).double()
    sure = confidence.detach().double()
    if not ((sure >= 0) & (sure <= 1)).all():
        raise ValueError(f"confidence must be in [0, 1], got {sure.min():g} to {sure.max():g}")
    which = (sure * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, which, right - sure)  # |B| (acc - conf)
    return float(gaps.abs().sum() / len(sure))


def _predicted(scores: Any, target: Any) -> tuple[Tensor, Tensor, int]:
    """Return the predicted classes, -1 where a score is NaN, the true ones, both flat, and how many there are."""
    check_floating(scores=scores)
    given = tuple(target.shape) if isinstance(target, Tensor) else type(target).__name__
    shape = tuple(scores.shape)
    if given not in (shape, shape[:-1]) or given == ():
        raise ValueError(f"target must have shape {shape} or {shape[:-1]}, as scores have {shape}; got {given}")
    if not target.numel():
        raise ValueError("expected at least one example, got none")
    if given == shape:
        truth = _zeros_and_ones("target", target.flatten(), "scores", scores.flatten())
        predicted, unknown, classes = (scores > 0).long(), scores.isnan(), 2
    else:
        classes = shape[-1]
        if classes < 2:
            raise ValueError(f"scores of shape {shape} choose from {classes} class; a single logit has shape {given}")
        check_labels("target", target, classes)
        truth = target
        predicted, unknown = scores.argmax(-1), scores.isnan().any(-1)
    return predicted.masked_fill(unknown, -1).flatten(), truth.flatten(), classes


def _two_classes(scores: Any, target: Any) -> Tensor:
    """Return the true classes, refusing what gives no curve."""
    truth = _zeros_and_ones("target", target, "scores", scores)
    if not scores.isfinite().all():
        raise ValueError(f"scores must be finite, got {int((~scores.isfinite()).sum())} that are not")
    if truth.min() == truth.max():
        raise ValueError(f"target must hold both 0 and 1, got only {int(truth[0])}")
    return truth


def _zeros_and_ones(name: str, labels: Any, other: str, scores: Any) -> Tensor:
    """Return labels as int64 zeros and ones, one for each score, refusing everything else."""
    check_floating(**{other: scores})
    given = tuple(labels.shape) if isinstance(labels, Tensor) else type(labels).__name__
    if scores.ndim != 1 or given != tuple(scores.shape):
        raise ValueError(f"{other} and {name} must both have shape (N,), got {tuple(scores.shape)} and {given}")
    if not len(scores):
        raise ValueError("expected at least one example, got none")
    if not ((labels == 0) | (labels == 1)).all():
        raise ValueError(f"{name} must hold only 0 and 1, got {labels.min().item():g} to {labels.max().item():g}")
    whole: Tensor = labels.long()
    return whole
