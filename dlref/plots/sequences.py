"""What happens over time: a recurrent step unrolled, and forecasts beside what came."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from numpy.typing import ArrayLike

from dlref.plots.frame import LINE_STYLES, finish, finite, new_figure, numbered, vector

LONGEST = 6  # steps side by side that can be read on a phone
RADIUS = 0.32  # of a circle, where steps are 1 apart
ROWS = {"output": 1.15, "state": 0.0, "input": -1.15}


def unrolled(inputs: ArrayLike, states: ArrayLike, outputs: ArrayLike) -> Figure:
    """Draw a recurrent network of one unit, step beside step, with its numbers in circles.

    Arrows lead from each input and from the state before it to the state, and from the state to
    the output. None leads from an output anywhere.

    Args:
        inputs: One number for each step, shape (T,), at most six.
        states: The state before the first step and after each, shape (T + 1,).
        outputs: What is read off after each step, shape (T,).

    Returns:
        A figure with 3 T + 1 circles; the state before the first step stands on the left.

    Raises:
        ValueError: If there are no steps or more than six, if a number is not finite, or if
            lengths do not fit.

    Examples:
        >>> figure = unrolled([1, 0], [0, 0.5, 0.25], [5, 2.5])
        >>> [text.get_text() for text in figure.axes[0].texts][:4]
        ['0.00', '1.00', '0.50', '5.00']
    """
    x = finite("inputs", inputs)
    if len(x) > LONGEST:
        raise ValueError(f"inputs must hold at most {LONGEST} steps to be drawn, got {len(x)}")
    h, y = vector("states", states, length=len(x) + 1), vector("outputs", outputs, length=len(x))
    if not (np.isfinite(h).all() and np.isfinite(y).all()):
        raise ValueError(f"states and outputs must be finite, got {h} and {y}")
    figure, axes = new_figure("", "")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    _number(axes, 0, ROWS["state"], h[0], "C2")
    for step, (given, state, read) in enumerate(zip(x, h[1:], y, strict=True), start=1):
        for row, value, color in (("input", given, "C0"), ("state", state, "C2"), ("output", read, "C1")):
            _number(axes, step, ROWS[row], value, color)
        for tail in ((step, ROWS["input"]), (step - 1, ROWS["state"])):
            _arrow(axes, tail, (step, ROWS["state"]))
        _arrow(axes, (step, ROWS["state"]), (step, ROWS["output"]))
    axes.set_xticks(range(len(h)), ["start", *(f"step {step}" for step in range(1, len(h)))])
    axes.set_yticks(list(ROWS.values()), list(ROWS))
    axes.set(xlim=(-0.5, len(x) + 0.5), ylim=(-1.6, 1.6), aspect="equal")
    return figure


def forecast(
    time: ArrayLike, actual: ArrayLike, forecasts: Mapping[str, ArrayLike], *, start: float, xlabel: str, ylabel: str
) -> Figure:
    """Draw a series and what was forecast of it; from ``start`` on the series was not known.

    Args:
        time: Shape (T,).
        actual: What came, shape (T,), drawn with a point for each value.
        forecasts: From one to seven arrays of shape (T,) by label; NaN where nothing was forecast.
        start: The time from which on the forecasters had not seen the series while they were made.
        xlabel: Name of the time axis, with its unit if it has one.
        ylabel: Name of the series, with its unit if it has one.

    Returns:
        A figure with the series as the first line and one line for each forecast; what was not
            known lies on a shaded ground.

    Raises:
        ValueError: If a shape differs, if there is no forecast or more than seven, or if ``start``
            is outside of the time.

    Examples:
        >>> figure = forecast([0, 1], [5, 6], {"naive": [float("nan"), 5]}, start=1, xlabel="t", ylabel="y")
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['actual', 'naive']
    """
    t = finite("time", time)
    if not t[0] <= start <= t[-1]:
        raise ValueError(f"start must lie in the time, from {t[0]:g} to {t[-1]:g}, got {start:g}")
    if not forecasts:
        raise ValueError("forecasts must hold at least one entry, got none")
    figure, axes = new_figure(xlabel, ylabel)
    for index, label in numbered({"actual": actual, **forecasts}):
        y = vector(label, forecasts[label] if index else actual, length=len(t))
        style = {"linestyle": LINE_STYLES[index], "linewidth": 1.6} if index else {"marker": "o", "markersize": 3}
        axes.plot(t, y, color=f"C{index}", label=label, **style)
    if start > t[0]:
        axes.axvspan(start, t[-1], color="C0", alpha=0.08, linewidth=0)
    return finish(figure, axes)


def _number(axes: Axes, x: float, y: float, value: float, color: str) -> None:
    """Write a number into a circle."""
    axes.add_patch(Circle((x, y), RADIUS, facecolor="none", edgecolor=color, linewidth=1.5))
    axes.text(x, y, f"{value:.2f}".replace("-", "−"), ha="center", va="center", fontsize=9)


def _arrow(axes: Axes, tail: tuple[float, float], head: tuple[float, float]) -> None:
    """Draw an arrow from circle to circle."""
    toward = np.subtract(head, tail) / np.hypot(*np.subtract(head, tail)) * (RADIUS + 0.02)
    ends = np.add(tail, toward), np.subtract(head, toward)
    color = plt.rcParams["axes.edgecolor"]
    axes.add_patch(FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=8, color=color, shrinkA=0, shrinkB=0))
