"""Curves, bars, histograms and regions: one pair of axes each."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from dlref.plots.frame import LINE_STYLES, MARKERS, Array, check_log, finish, finite, new_figure, numbered, vector


def function_and_slope(x: ArrayLike, value: ArrayLike, slope: ArrayLike, *, name: str) -> Figure:
    """Draw a function and its derivative on one pair of axes.

    Args:
        x: Inputs, shape (N,).
        value: The function at ``x``, shape (N,).
        slope: Its derivative at ``x``, shape (N,).
        name: What the legend calls the function.

    Returns:
        A figure with two lines: the function solid, its slope dashed.

    Raises:
        ValueError: If ``x`` is not one-dimensional, or another array has another shape.

    Examples:
        >>> figure = function_and_slope([-1, 0, 1], [1, 0, 1], [-2, 0, 2], name="square")
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['square', 'its slope']
    """
    return curves(x, {name: value, "its slope": slope}, xlabel="input", ylabel="")


def curves(
    x: ArrayLike, series: Mapping[str, ArrayLike], *, xlabel: str, ylabel: str, log_x: bool = False, log_y: bool = False
) -> Figure:
    """Draw several curves over the same inputs, each in its own colour and line style.

    Args:
        x: Inputs, shape (N,).
        series: From one to eight arrays of shape (N,) by label; NaN leaves a gap.
        xlabel: Name of the horizontal axis, with its unit if it has one.
        ylabel: Name of the vertical axis, with its unit if it has one.
        log_x: Whether the horizontal axis is logarithmic; then every input must be positive.
        log_y: Whether the vertical axis is logarithmic; then every value must be positive.

    Returns:
        A figure with one line for each entry of ``series``, and a legend if there are several.

    Raises:
        ValueError: If a shape differs, if there are no series or more than eight, or if a
            logarithmic axis meets a number that is not positive.

    Examples:
        >>> figure = curves([0, 1], {"a": [1, 2], "b": [2, 4]}, xlabel="t, s", ylabel="d, m")
        >>> figure.axes[0].lines[1].get_ydata().tolist()
        [2.0, 4.0]
    """
    inputs = vector("x", x)
    check_log("x", inputs, log=log_x)
    figure, axes = new_figure(xlabel, ylabel)
    for index, label in numbered(series):
        y = vector(label, series[label], length=len(inputs))
        check_log(label, y, log=log_y)
        axes.plot(inputs, y, color=f"C{index}", linestyle=LINE_STYLES[index], label=label)
    return finish(figure, axes, log_x=log_x, log_y=log_y)


def training_curves(series: Mapping[str, ArrayLike], *, xlabel: str, ylabel: str, log_y: bool = False) -> Figure:
    """Draw the median over runs as a line and the range over runs as a band.

    Args:
        series: From one to eight arrays of shape (runs, steps) by label. Column k is drawn
            at k, so column 0 is the state before training if you recorded it.
        xlabel: Name of the horizontal axis, such as ``"epoch"``.
        ylabel: Name of the vertical axis, with its unit if it has one.
        log_y: Whether the vertical axis is logarithmic; then every value must be positive.

    Returns:
        A figure with one line and one band for each entry of ``series``, and a legend if there
            are several.

    Raises:
        ValueError: If an array is not two-dimensional or is empty, if there are no series or
            more than eight, or if ``log_y`` meets a value that is not positive.

    Examples:
        >>> runs = [[4, 2, 1], [4, 3, 2], [4, 3, 3]]
        >>> figure = training_curves({"SGD": runs}, xlabel="epoch", ylabel="loss, nats")
        >>> figure.axes[0].lines[0].get_ydata().tolist()
        [4.0, 3.0, 2.0]
    """
    figure, axes = new_figure(xlabel, ylabel)
    for index, label in numbered(series):
        runs = np.asarray(series[label], dtype=np.float64)
        if runs.ndim != 2 or runs.size == 0:
            raise ValueError(f"{label!r} must have shape (runs, steps), got {runs.shape}")
        check_log(label, runs, log=log_y)
        steps, color = np.arange(runs.shape[1]), f"C{index}"
        axes.fill_between(steps, runs.min(0), runs.max(0), color=color, alpha=0.2, linewidth=0)
        axes.plot(steps, np.median(runs, 0), color=color, linestyle=LINE_STYLES[index], label=label)
    return finish(figure, axes, log_y=log_y)


def layer_histograms(layers: Mapping[str, ArrayLike], *, xlabel: str, bins: int = 60) -> Figure:
    """Stack one histogram for each layer, first layer on top, over one shared axis.

    All layers share their bin edges; each histogram is scaled to its own highest bin, so that
    shapes and positions can be compared and heights cannot.

    Args:
        layers: One-dimensional arrays of any length by layer name, in the network's order.
        xlabel: What is counted, with its unit if it has one.
        bins: How many bins of equal width span all the values, at least one.

    Returns:
        A figure with one filled outline for each layer, at heights from n - 1 down to 0.

    Raises:
        ValueError: If there is no layer, if one is not a non-empty vector of finite numbers
            (such as the logarithm of a gradient that is exactly zero), or if ``bins`` < 1.

    Examples:
        >>> figure = layer_histograms({"1": [0, 0, 1], "2": [1, 1, 1]}, xlabel="output", bins=2)
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['1', '2']
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    values = {label: finite(label, array) for label, array in layers.items()}
    if not values:
        raise ValueError("layers must hold at least one layer, got none")
    edges = np.histogram_bin_edges(np.concatenate(list(values.values())), bins)
    figure, axes = new_figure(xlabel, "", height=max(3.2, 0.8 + 0.33 * len(values)))
    rows = range(len(values) - 1, -1, -1)
    for row, array in zip(rows, values.values(), strict=True):
        counts = np.histogram(array, edges)[0]
        heights = row + 0.9 * counts / counts.max()
        axes.stairs(heights, edges, baseline=row, fill=True, color="C0", alpha=0.35)
        axes.stairs(heights, edges, baseline=row, color="C0", linewidth=1)
    axes.set_yticks(list(rows), list(values))
    axes.tick_params(axis="y", length=0)
    return figure


def bars(groups: Mapping[str, ArrayLike], *, ylabel: str) -> Figure:
    """Draw each group's mean as a bar, its standard deviation as a whisker, its values as points.

    Args:
        groups: One-dimensional arrays, one value for each seed, by label.
        ylabel: What was measured, with its unit if it has one.

    Returns:
        A figure with one bar for each group. The axis starts at zero. The whisker is the
            sample standard deviation (n - 1) to either side of the mean, absent for one value.

    Raises:
        ValueError: If there is no group, or if one is not a non-empty vector of finite numbers.

    Examples:
        >>> figure = bars({"ReLU": [2, 4], "tanh": [5, 5]}, ylabel="errors, %")
        >>> [float(bar.get_height()) for bar in figure.axes[0].patches]
        [3.0, 5.0]
    """
    if not groups:
        raise ValueError("groups must hold at least one group, got none")
    figure, axes = new_figure("", ylabel)
    axes.grid(visible=False, axis="x")
    for place, (label, array) in enumerate(groups.items()):
        values = finite(label, array)
        axes.bar(place, values.mean(), width=0.7, color="C0", alpha=0.35)
        if len(values) > 1:
            axes.errorbar(place, values.mean(), values.std(ddof=1), color="C0", capsize=5)
        offsets = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else np.zeros(1)
        axes.plot(place + offsets, values, color="C1", linestyle="none", marker="o")
    axes.set_xticks(range(len(groups)), list(groups))
    return figure


def decision_regions(
    x_grid: ArrayLike,
    y_grid: ArrayLike,
    scores: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    *,
    xlabel: str = "first input",
    ylabel: str = "second input",
) -> Figure:
    """Colour the plane by the class that wins there, and draw the examples on top.

    Args:
        x_grid: Horizontal positions, shape (W,).
        y_grid: Vertical positions, shape (H,).
        scores: Either shape (H, W), one logit: class 1 where it is positive, class 0 elsewhere;
            or shape (C, H, W), a logit for each of C classes: the largest wins.
        points: Examples, shape (N, 2).
        labels: Their classes, shape (N,), whole numbers from 0 to C - 1.
        xlabel: Name of the first input.
        ylabel: Name of the second input.

    Returns:
        A figure with filled regions, their boundaries, and the examples; each class has its
            own colour and marker.

    Raises:
        ValueError: If shapes do not fit together, if there are more than eight classes, or if
            a label is not one of the classes.

    Examples:
        >>> grid = [0.0, 1.0]
        >>> figure = decision_regions(grid, grid, [[-1, 1], [-1, 1]], [[0.9, 0.5]], [1])
        >>> figure.axes[0].lines[0].get_label()
        'class 1'
    """
    x, y = vector("x_grid", x_grid), vector("y_grid", y_grid)
    logits = np.asarray(scores, dtype=np.float64)
    if logits.ndim not in (2, 3) or logits.shape[-2:] != (len(y), len(x)):
        expected = f"({len(y)}, {len(x)}) or (C, {len(y)}, {len(x)})"
        raise ValueError(f"scores must have shape {expected}, got {logits.shape}")
    margins = np.stack([-logits, logits]) if logits.ndim == 2 else _margins(logits)
    examples = np.asarray(points, dtype=np.float64)
    classes = vector("labels", labels)
    if examples.shape != (len(classes), 2):
        raise ValueError(f"points must have shape ({len(classes)}, 2), got {examples.shape}")
    if not np.isin(classes, np.arange(len(margins))).all():
        raise ValueError(f"labels must be whole numbers from 0 to {len(margins) - 1}, got {np.unique(classes)}")

    figure, axes = new_figure(xlabel, ylabel)
    axes.grid(visible=False)
    axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    for index, margin in enumerate(margins):
        if margin.max() > 0:
            axes.contourf(x, y, margin, [0, margin.max()], colors=[f"C{index}"], alpha=0.2)
        if margin.min() < 0 < margin.max():
            edge = plt.rcParams["axes.edgecolor"]
            axes.contour(x, y, margin, [0], colors=[edge], linewidths=1)
        own = examples[classes == index]
        if len(own):
            color, label = f"C{index}", f"class {index}"
            axes.plot(*own.T, MARKERS[index], color=color, markersize=4, label=label)
    return figure


def reliability_diagram(series: Mapping[str, tuple[ArrayLike, ArrayLike]], *, bins: int = 10) -> Figure:
    """Draw how often a classifier is right against how sure it says it is.

    Predictions are put into bins of equal width by their confidence; bin k holds confidences
    from k / bins up to, but without, (k + 1) / bins, and the last bin holds 1 as well. A point
    stands at the bin's mean confidence and its share of correct predictions, its area growing
    with the number of predictions. On the diagonal, confidence is honest.

    Args:
        series: From one to eight pairs by label: the confidence of each prediction, shape (N,)
            in [0, 1], and whether the prediction is correct, shape (N,).
        bins: Number of bins, at least 1. Empty bins have no point.

    Returns:
        A figure with the diagonal and one marked line for each entry of ``series``.

    Raises:
        ValueError: If the two shapes of a pair differ, if a confidence is not in [0, 1], if
            ``bins`` < 1, or if there are no series or more than eight.

    Source:
        Guo et al., On Calibration of Modern Neural Networks, arXiv 1706.04599, section 2.

    Examples:
        >>> sure = ([0.9, 0.9, 0.6], [True, False, True])
        >>> figure = reliability_diagram({"network": sure})
        >>> figure.axes[0].lines[1].get_ydata().tolist()
        [1.0, 0.5]
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    figure, axes = new_figure("confidence", "share correct")
    edge = plt.rcParams["axes.edgecolor"]
    axes.plot([0, 1], [0, 1], color=edge, linewidth=1, label="honest")
    for index, label in numbered(series):
        confidence = vector(f"{label}: confidence", series[label][0])
        correct = vector(f"{label}: correct", series[label][1], length=len(confidence))
        if not ((confidence >= 0) & (confidence <= 1)).all():
            given = f"{confidence.min():g} to {confidence.max():g}"
            raise ValueError(f"{label!r}: confidence must be in [0, 1], got {given}")
        which = np.minimum((confidence * bins).astype(int), bins - 1)
        filled, counts = np.unique(which, return_counts=True)
        mean = np.array([confidence[which == k].mean() for k in filled])
        share = np.array([correct[which == k].mean() for k in filled])
        color, marker = f"C{index}", MARKERS[index]
        axes.plot(mean, share, color=color, linestyle=LINE_STYLES[index], linewidth=1.2)
        area = 15 + 150 * counts / len(confidence)
        axes.scatter(mean, share, area, color=color, marker=marker, label=label)
    axes.set_xlim(0, 1.03)
    axes.set_ylim(0, 1.05)
    axes.legend()
    return figure


def _margins(logits: Array) -> Array:
    """Return how far each class's logit (C, H, W) stands above the best of the others."""
    if not 2 <= len(logits) <= len(MARKERS):
        raise ValueError(f"scores must hold from 2 to {len(MARKERS)} classes, got {len(logits)}")
    best_other = [np.delete(logits, k, axis=0).max(axis=0) for k in range(len(logits))]
    return np.stack([own - other for own, other in zip(logits, best_other, strict=True)])
