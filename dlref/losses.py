r"""Loss functions, from their equations, in order of increasing difficulty.

Every function returns one number: the mean over the batch, except for `ctc`, which takes one sequence.
Class scores have the classes in the last dimension. Losses of a classifier take its raw scores, the
logits, and stay finite for logits up to ±10,000. Logarithms are natural, so that losses are in nats;
divide by ln 2 for bits.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from dlref.activations import log_softmax, relu, softplus
from dlref.checks import check_floating, check_labels, check_shapes

__all__ = [
    "binary_cross_entropy",
    "binary_hinge",
    "cross_entropy",
    "ctc",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "triplet",
]


def _check_pair(**pair: Tensor) -> None:
    """Refuse two tensors that do not match entry by entry, and empty ones."""
    check_floating(**pair)
    (first, a), (second, b) = pair.items()
    if a.shape != b.shape:
        raise ValueError(f"{first} and {second} must have one shape, got {tuple(a.shape)} and {tuple(b.shape)}")
    if not a.numel():
        raise ValueError(f"{first} must hold at least one number, got shape {tuple(a.shape)}")


def _check_scores(name: str, scores: Tensor, target: Tensor) -> None:
    """Refuse what is not scores of shape (..., C) with class numbers of shape (...)."""
    check_floating(**{name: scores})
    classes = check_shapes(**{name: (scores, "... C")})["C"]
    check_labels("target", target, classes)
    if target.shape != scores.shape[:-1]:
        expected = tuple(scores.shape[:-1])
        raise ValueError(
            f"target must have the shape of {name} without its last, {expected}, got {tuple(target.shape)}"
        )
    if not target.numel():
        raise ValueError(f"{name} must hold at least one example, got shape {tuple(scores.shape)}")


def _check_log_probabilities(name: str, x: Tensor) -> None:
    """Refuse rows whose exponentials do not add up to one: logits, for example, or probabilities."""
    totals = x.detach().double().exp().sum(-1)
    if not ((totals - 1).abs() < 0.01).all():
        worst = totals.flatten()[(totals - 1).abs().argmax()].item()
        raise ValueError(
            f"{name} must hold logarithms of probabilities that add up to one, got a sum of {worst:.3g}; "
            "log_softmax makes them from logits"
        )


def _check_margin(margin: float) -> None:
    if not 0 < margin < math.inf:
        raise ValueError(f"margin must be above 0 and finite, got {margin}")


def mean_squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    r"""Average the squares of the errors.

    $$L = \frac{1}{n} \sum_{i=1}^{n} (\hat y_i - y_i)^2, \qquad
    \frac{\partial L}{\partial \hat y_i} = \frac{2}{n}\,(\hat y_i - y_i)$$

    Up to a factor and a constant it is the negative log-likelihood of Gaussian noise of one size.

    Args:
        prediction: Floating-point tensor of any shape with at least one entry.
        target: The truth, of the shape and dtype of `prediction`.

    Returns:
        Scalar, in $[0, \infty)$, in the square of the target's unit.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, or if one is not floating-point.

    Source:
        Legendre, "Nouvelles méthodes pour la détermination des orbites des comètes", 1805, appendix;
        Bishop, "Pattern Recognition and Machine Learning", 2006, section 3.1.1.

    Differs from:
        `torch.nn.functional.mse_loss` broadcasts different shapes, with a warning: predictions (n, 1)
        and targets (n,) make n² errors.
        Many textbooks and papers put ½ in front, for a slope without the 2. `huber` has that ½, too.

    Examples:
        >>> mean_squared_error(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0]))
        tensor(4.5000)
    """
    _check_pair(prediction=prediction, target=target)
    return (prediction - target).square().mean()


def mean_absolute_error(prediction: Tensor, target: Tensor) -> Tensor:
    r"""Average the sizes of the errors.

    $$L = \frac{1}{n} \sum_{i=1}^{n} |\hat y_i - y_i|$$

    The best constant prediction is the median, where that of squared error is the mean. The slope at an
    error of exactly 0 is taken as 0.

    Args:
        prediction: Floating-point tensor of any shape with at least one entry.
        target: The truth, of the shape and dtype of `prediction`.

    Returns:
        Scalar, in $[0, \infty)$, in the target's unit.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, or if one is not floating-point.

    Source:
        Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, section 10.6.

    Differs from:
        `torch.nn.functional.l1_loss` broadcasts different shapes, with a warning.

    Examples:
        >>> mean_absolute_error(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0]))
        tensor(1.5000)
    """
    _check_pair(prediction=prediction, target=target)
    return (prediction - target).abs().mean()


def huber(prediction: Tensor, target: Tensor, delta: float = 1.0) -> Tensor:
    r"""Average errors that count squared while they are small, and by their size beyond.

    $$h(e) = \begin{cases} \tfrac12 e^2 & |e| \le \delta \\
    \delta\,\bigl(|e| - \tfrac12 \delta\bigr) & |e| > \delta \end{cases}
    \;=\; c\,\bigl(e - \tfrac12 c\bigr), \qquad c = \min(\delta, \max(-\delta, e))$$

    Its slope is $c$, the error cut off at $\pm\delta$: no single example pulls harder than that.

    Args:
        prediction: Floating-point tensor of any shape with at least one entry.
        target: The truth, of the shape and dtype of `prediction`.
        delta: Where the square ends, in the target's unit, above 0.

    Returns:
        Scalar, in $[0, \infty)$.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, if one is not floating-point,
            or if `delta` is not above 0.

    Source:
        Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35, 1964.

    Differs from:
        `torch.nn.functional.huber_loss`: nothing but broadcasting.
        `torch.nn.functional.smooth_l1_loss` is this divided by its `beta`, our `delta`: the same at 1,
        and where this one becomes half the squared error as `delta` grows, that one vanishes.

    Examples:
        >>> huber(torch.tensor([0.5, 3.0]), torch.tensor([0.0, 0.0]))
        tensor(1.3125)
    """
    _check_pair(prediction=prediction, target=target)
    if not delta > 0:
        raise ValueError(f"delta must be above 0, got {delta}")
    error = prediction - target
    cut = error.clamp(-delta, delta)
    return (cut * (error - cut / 2)).mean()


def binary_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    r"""Average the surprise at a yes or no, given its logit.

    $$L = -\frac1n \sum_i \bigl( y_i \ln \sigma(z_i) + (1 - y_i) \ln (1 - \sigma(z_i)) \bigr)
    = \frac1n \sum_i \bigl( y_i\,s(-z_i) + (1 - y_i)\,s(z_i) \bigr)$$

    with $s$ the softplus, so that no probability is ever formed. The slope is
    $(\sigma(z_i) - y_i) / n$.

    Args:
        logits: Floating-point tensor of any shape with at least one entry.
        target: 1 for yes and 0 for no, or a probability between, of the shape and dtype of `logits`.

    Returns:
        Scalar, in $[0, \infty)$, in nats; for targets between 0 and 1 at least their entropy.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, if one is not floating-point,
            or if a target is outside $[0, 1]$.

    Source:
        Cox, "The Regression Analysis of Binary Sequences", Journal of the Royal Statistical Society B
        20(2), 1958; Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.90.

    Differs from:
        `torch.nn.functional.binary_cross_entropy_with_logits`: nothing.
        `torch.nn.functional.binary_cross_entropy`, of this name, takes probabilities, and cuts their
        logarithms off at -100.

    Examples:
        >>> binary_cross_entropy(torch.tensor([0.0, 10_000.0]), torch.tensor([1.0, 1.0]))
        tensor(0.3466)
    """
    _check_pair(logits=logits, target=target)
    if not ((target >= 0) & (target <= 1)).all():
        raise ValueError(f"target must be from 0 to 1, got {target.min().item():g} to {target.max().item():g}")
    return (target * softplus(-logits) + (1 - target) * softplus(logits)).mean()


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    r"""Average the surprise at the true class, given the scores of all classes.

    $$L = -\frac1n \sum_i \ln p_{i, y_i}, \qquad
    \frac{\partial L}{\partial z_{ij}} = \frac{1}{n} \bigl( p_{ij} - [j = y_i] \bigr), \qquad
    p_i = \operatorname{softmax}(z_i)$$

    Args:
        logits: Scores before any softmax, floating-point, shape (..., C).
        target: Numbers of the true classes from 0 to C - 1, int64, shape (...).

    Returns:
        Scalar, in $[0, \infty)$, in nats; $\ln C$ if all scores are equal.

    Raises:
        ValueError: If a shape or dtype differs from these, if a class is out of range, or if there are
            no examples.

    Source:
        Bridle, "Training Stochastic Model Recognition Algorithms as Networks can Lead to Maximum Mutual
        Information Estimation of Parameters", NIPS 1989; Goodfellow, Bengio and Courville, "Deep
        Learning", 2016, section 6.2.2.3.

    Differs from:
        `torch.nn.functional.cross_entropy` wants the classes in dimension 1, so (B, C, T) where this
        takes (B, T, C), and also takes class probabilities as targets.
        `keras.losses.CategoricalCrossentropy` takes probabilities unless told `from_logits=True`.

    Examples:
        >>> cross_entropy(torch.tensor([[0.0, 0.0], [10_000.0, 0.0]]), torch.tensor([1, 0]))
        tensor(0.3466)
    """
    _check_scores("logits", logits, target)
    return -log_softmax(logits).gather(-1, target[..., None]).mean()


def hinge(scores: Tensor, target: Tensor, margin: float = 1.0) -> Tensor:
    r"""Ask the true class to lead every other by a margin, and count what is missing.

    $$L = \frac1n \sum_i \sum_{j \ne y_i} \max(0,\; m + s_{ij} - s_{i, y_i})$$

    with $m$ the margin: the sum over the wrong classes, the mean over the examples. Where the lead is
    exactly the margin, the slope is taken as 0.

    Args:
        scores: Any scores, floating-point, shape (..., C).
        target: Numbers of the true classes from 0 to C - 1, int64, shape (...).
        margin: The lead that is asked for, above 0.

    Returns:
        Scalar, in $[0, \infty)$.

    Raises:
        ValueError: If a shape or dtype differs from these, if a class is out of range, if there are no
            examples, or if `margin` is not above 0 and finite.

    Source:
        Weston and Watkins, "Support Vector Machines for Multi-Class Pattern Recognition", ESANN 1999.

    Differs from:
        `torch.nn.functional.multi_margin_loss` divides by the number of classes C as well.
        `torch.nn.HingeEmbeddingLoss` is something else: it takes distances, not scores.
        `keras.losses.CategoricalHinge` and Crammer and Singer (2001) count only the worst class.

    Examples:
        >>> hinge(torch.tensor([[3.0, 2.5, 1.0]]), torch.tensor([0]))
        tensor(0.5000)
    """
    _check_scores("scores", scores, target)
    _check_margin(margin)
    missing = relu(margin + scores - scores.gather(-1, target[..., None]))
    return missing.scatter(-1, target[..., None], 0.0).sum(-1).mean()


def binary_hinge(score: Tensor, target: Tensor) -> Tensor:
    r"""Ask the score to be beyond 1 on the right side of zero, and count what is missing.

    $$L = \frac1n \sum_i \max(0,\; 1 - y_i s_i), \qquad y_i \in \{-1, 1\}$$

    Args:
        score: Floating-point tensor of any shape with at least one entry.
        target: -1 or 1, of the shape and dtype of `score`.

    Returns:
        Scalar, in $[0, \infty)$; never below the share of examples with the wrong sign.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, if one is not floating-point,
            or if a target is neither -1 nor 1.

    Source:
        Cortes and Vapnik, "Support-Vector Networks", Machine Learning 20, 1995.

    Differs from:
        torch has no such function. `torch.nn.functional.hinge_embedding_loss` is something else: for
        targets of 1 it returns its input as it is.
        scikit-learn's `LinearSVC` squares it by default.

    Examples:
        >>> binary_hinge(torch.tensor([2.0, 0.5, 0.5]), torch.tensor([1.0, 1.0, -1.0]))
        tensor(0.6667)
    """
    _check_pair(score=score, target=target)
    if not (target.abs() == 1).all():
        wrong = target[target.abs() != 1][0].item()
        raise ValueError(f"target must be -1 or 1, got {wrong:g}; 2 * target - 1 makes them from 0 and 1")
    return relu(1 - target * score).mean()


def kl_divergence(log_p: Tensor, log_q: Tensor) -> Tensor:
    r"""Measure what it costs to believe q where p is the truth.

    $$D(p \,\|\, q) = \sum_j p_j \,(\ln p_j - \ln q_j)$$

    The mean over all but the last dimension. It is 0 exactly where $p = q$, and not symmetric. With the
    entropy of $p$ added, it is the cross-entropy of $q$ under $p$. A class with $p_j = 0$ adds nothing.

    Args:
        log_p: Logarithms of the true probabilities, floating-point, shape (..., C), as `log_softmax`
            gives them; -inf is allowed.
        log_q: Logarithms of the believed ones, of the shape and dtype of `log_p`.

    Returns:
        Scalar, in $[0, \infty]$, in nats; infinite where something happens that $q$ calls impossible.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, if one is not floating-point,
            or if probabilities do not add up to one, within 0.01.

    Source:
        Kullback and Leibler, "On Information and Sufficiency", Annals of Mathematical Statistics 22,
        1951.

    Differs from:
        `torch.nn.functional.kl_div(input, target)` has the order reversed: `input` is our `log_q`, and
        `target` is $p$, its logarithm only with `log_target=True`. Its default reduction divides by
        the number of entries; `"batchmean"` gives ours.

    Examples:
        >>> p, q = torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log()
        >>> kl_divergence(p, q), kl_divergence(q, p)
        (tensor(0.5108), tensor(0.3681))
    """
    _check_pair(log_p=log_p, log_q=log_q)
    check_shapes(log_p=(log_p, "... C"))
    _check_log_probabilities("log_p", log_p)
    _check_log_probabilities("log_q", log_q)
    gap = torch.where(log_p == -math.inf, 0.0, log_p - log_q)
    return (log_p.exp() * gap).sum(-1).mean()


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0) -> Tensor:
    r"""Ask what belongs together to be nearer than what does not, by a margin.

    $$L = \frac1n \sum_i \max\bigl(0,\; m + \lVert a_i - p_i \rVert - \lVert a_i - n_i \rVert\bigr)$$

    with the Euclidean length, whose slope at distance 0 is taken as 0, and $m$ the margin.

    Args:
        anchor: Embeddings, floating-point, shape (B, D).
        positive: Embeddings of what is the same as the anchors, shape (B, D).
        negative: Embeddings of what is not, shape (B, D).
        margin: By how much nearer, above 0, in the unit of the embeddings.

    Returns:
        Scalar, in $[0, \infty)$. If everything is embedded at one point, it is `margin`.

    Raises:
        ValueError: If shapes or dtypes differ, if there are no entries, if one is not floating-point,
            or if `margin` is not above 0 and finite.

    Source:
        Schroff, Kalenichenko and Philbin, "FaceNet", arXiv 1503.03832, section 3.1, which squares the
        distances; Weinberger and Saul, Journal of Machine Learning Research 10, 2009.

    Differs from:
        `torch.nn.functional.triplet_margin_loss` adds 1e-6 to each coordinate of a difference.

    Examples:
        >>> a, p, n = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 5.5]])
        >>> triplet(a, p, n)
        tensor(0.5000)
    """
    check_floating(anchor=anchor, positive=positive, negative=negative)
    check_shapes(anchor=(anchor, "B D"), positive=(positive, "B D"), negative=(negative, "B D"))
    _check_pair(anchor=anchor, positive=positive)
    _check_margin(margin)
    near = torch.linalg.vector_norm(anchor - positive, dim=-1)
    far = torch.linalg.vector_norm(anchor - negative, dim=-1)
    return relu(margin + near - far).mean()


def _log_sum(x: Tensor) -> Tensor:
    """Add up along the first dimension what x are the logarithms of; nothing at all has gradient 0."""
    something = (x > -math.inf).any(0)
    # torch.logsumexp of nothing but -inf has a gradient of NaN, which where() would not stop.
    return torch.where(something, torch.where(something, x, 0.0).logsumexp(0), -math.inf)


def ctc(log_probabilities: Tensor, target: Tensor) -> Tensor:
    r"""Return the surprise at a sequence of labels, whatever the times at which they were emitted.

    A path names one class for each time step. Merging its repeats and then dropping its blanks turns it
    into labels, as `a a _ a b` into `a a b`. The probability of the target is the sum over all paths
    that turn into it, by dynamic programming over the target with a blank around each label,
    $l' = (\_, l_1, \_, \dots, l_S, \_)$:

    $$\alpha_t(s) = p_t(l'_s)\,\bigl( \alpha_{t-1}(s) + \alpha_{t-1}(s-1)
    + [\,l'_s \ne \_ \text{ and } l'_s \ne l'_{s-2}\,]\;\alpha_{t-1}(s-2) \bigr)$$

    $$L = -\ln \bigl( \alpha_T(2S + 1) + \alpha_T(2S) \bigr)$$

    computed with logarithms throughout. Class 0 is the blank. Equal neighbours in the target need a blank
    between them, so T must be at least S plus the number of such pairs.

    Args:
        log_probabilities: Logarithms of the class probabilities at each step, floating-point, shape
            (T, C), as `log_softmax` gives them.
        target: Labels from 1 to C - 1, int64, shape (S,); none are allowed, and mean silence.

    Returns:
        Scalar, in $[0, \infty]$, in nats; infinite if the target does not fit, with a gradient of 0.

    Raises:
        ValueError: If a shape or dtype differs from these, if a label is the blank or out of range, if
            there are no steps, or if probabilities do not add up to one, within 0.01.

    Source:
        Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification", ICML 2006,
        section 4.1.

    Differs from:
        `torch.nn.functional.ctc_loss` takes a batch; its default reduction divides each loss by the
        length of its target before it averages, and `reduction="none"` gives ours. Its gradient is
        right only for log-probabilities that come from `log_softmax`; infinite losses have NaN there.

    Examples:
        >>> step = torch.tensor([0.5, 0.5]).log()  # blank and one label, at each of two steps
        >>> ctc(step.repeat(2, 1), torch.tensor([1])).exp()  # 4/3: three of the four paths
        tensor(1.3333)
    """
    check_floating(log_probabilities=log_probabilities)
    sizes = check_shapes(log_probabilities=(log_probabilities, "T C"))
    check_labels("target", target, sizes["C"])
    check_shapes(target=(target, "S"))
    if not sizes["T"]:
        raise ValueError(f"log_probabilities must hold at least one step, got shape {tuple(log_probabilities.shape)}")
    if (target == 0).any():
        raise ValueError("target must not hold class 0, the blank; labels start at 1")
    _check_log_probabilities("log_probabilities", log_probabilities)

    states = torch.zeros(2 * len(target) + 1, dtype=torch.int64, device=target.device)
    states[1::2] = target
    # Two blanks are two apart and equal, so that no path skips a label.
    may_skip = pad(states[2:] != states[:-2], (min(2, len(states)), 0))
    impossible = -math.inf
    emitted = log_probabilities[:, states]  # (T, 2S + 1)
    alpha = torch.where(torch.arange(len(states), device=target.device) < 2, emitted[0], impossible)
    for step in emitted[1:]:
        before = pad(alpha, (2, 0), value=impossible)
        skipped = torch.where(may_skip, before[:-2], impossible)
        alpha = step + _log_sum(torch.stack([alpha, before[1:-1], skipped]))
    return -_log_sum(alpha[-2:])
