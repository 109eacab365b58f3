"""What every figure begins and ends with, and the checks of what is drawn."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]

LINE_STYLES = ("-", "--", "-.", ":", (0, (7, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (9, 2, 2, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def new_figure(xlabel: str, ylabel: str, height: float | None = None) -> tuple[Figure, Axes]:
    """Make a figure with one pair of axes and their names."""
    figure, axes = plt.subplots(layout="constrained")
    if height is not None:
        figure.set_figheight(height)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return figure, axes


def finish(figure: Figure, axes: Axes, *, log_x: bool = False, log_y: bool = False) -> Figure:
    """Set the scales, and a legend if there is more than one line."""
    # Numbers as plain text: matplotlib's own choice for logarithmic axes are little formulas.
    if log_x:
        axes.set_xscale("log")
    if log_y:
        axes.set_yscale("log")
    for axis in [axes.xaxis] * log_x + [axes.yaxis] * log_y:
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(LogFormatter(minor_thresholds=(1, 0.4)))  # within one power of ten
    if len(axes.lines) > 1:  # one line is named by its axis
        axes.legend()
    return figure


def numbered(series: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Enumerate the labels, refusing more than there are distinguishable styles."""
    if not 1 <= len(series) <= len(LINE_STYLES):
        raise ValueError(f"series must hold from 1 to {len(LINE_STYLES)} entries, got {len(series)}")
    return enumerate(series)


def vector(name: str, array: ArrayLike, length: int | None = None) -> Array:
    """Return the array as a vector of 64-bit numbers, refusing other shapes."""
    values = np.asarray(array, dtype=np.float64)
    if values.ndim != 1 or length not in (None, len(values)):
        expected = "(N,)" if length is None else f"({length},)"
        raise ValueError(f"{name!r} must have shape {expected}, got {values.shape}")
    return values


def finite(name: str, array: ArrayLike) -> Array:
    """Return the array as a vector of at least one number, all finite."""
    values = vector(name, array)
    bad = np.count_nonzero(~np.isfinite(values))
    if bad or not len(values):
        raise ValueError(
            f"{name!r} must hold at least one number, all finite; got {len(values)} numbers, {bad} of them not finite"
        )
    return values


def check_log(name: str, array: Array, *, log: bool) -> None:
    """Refuse what a logarithmic axis cannot show."""
    if log and (array <= 0).any():
        raise ValueError(f"{name!r} must be positive on a logarithmic axis, got {np.nanmin(array):g}")
