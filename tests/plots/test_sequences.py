"""The figures over time show the numbers that they were given, and refuse those that they cannot show."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from dlref.plots.sequences import forecast, unrolled


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def circles(figure: Figure) -> dict[tuple[float, float], str]:
    """Return what is written in each circle, by its place."""
    axes = figure.axes[0]
    written = {(float(x), float(y)): text.get_text() for text in axes.texts for x, y in [text.get_position()]}
    places = [patch.center for patch in axes.patches if isinstance(patch, Circle)]
    assert len(places) == len(written)
    return {(float(x), float(y)): written[float(x), float(y)] for x, y in places}


def test_a_network_is_unrolled_with_its_numbers_in_rows_and_steps_in_columns() -> None:
    figure = unrolled([1, -2], [0.5, 0.25, -0.126], [9, 10.5])
    rows = {y: {x: text for (x, row), text in circles(figure).items() if row == y} for y in (1.15, 0.0, -1.15)}
    assert rows[-1.15] == {1: "1.00", 2: "−2.00"}
    assert rows[0.0] == {0: "0.50", 1: "0.25", 2: "−0.13"}
    assert rows[1.15] == {1: "9.00", 2: "10.50"}
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["output", "state", "input"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["start", "step 1", "step 2"]


def test_arrows_lead_into_and_out_of_states_and_none_leaves_an_output() -> None:
    figure = unrolled([1, 2], [0, 1, 2], [3, 4])
    figure.canvas.draw()
    ends = []
    for arrow in figure.axes[0].patches:
        if isinstance(arrow, FancyArrowPatch):
            (tail, head) = (tuple(np.round(point / 0.34) for point in arrow._posA_posB[k]) for k in (0, 1))  # type: ignore[attr-defined]
            ends.append((tail, head))
    assert len(ends) == 3 * 2
    # In thirds of a step: states at y = 0, inputs end below it, outputs begin above it.
    assert sum(head[1] > 1 for _, head in ends) == 2
    assert not any(tail[1] > 1 for tail, _ in ends)
    assert sum(tail[1] == head[1] == 0 and tail[0] < head[0] for tail, head in ends) == 2


@pytest.mark.parametrize(
    ("inputs", "states", "outputs", "message"),
    [
        ([], [0], [], "'inputs' must hold at least one number"),
        ([0] * 7, [0] * 8, [0] * 7, "inputs must hold at most 6 steps to be drawn, got 7"),
        ([0, 1], [0, 1], [0, 1], r"'states' must have shape \(3,\), got \(2,\)"),
        ([0, 1], [0, 1, 2], [0], r"'outputs' must have shape \(2,\), got \(1,\)"),
        ([np.nan], [0, 1], [0], "'inputs' must hold at least one number, all finite"),
        ([1], [0, np.inf], [0], r"states and outputs must be finite"),
        ([1], [0, 1], [np.nan], r"states and outputs must be finite"),
    ],
)
def test_an_unrolled_network_refuses_what_cannot_be_drawn(
    inputs: list[float], states: list[float], outputs: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        unrolled(inputs, states, outputs)


def test_a_forecast_stands_beside_what_came_on_a_shaded_ground() -> None:
    gap = float("nan")
    figure = forecast(
        [0, 1, 2, 3],
        [5, 6, 7, 8],
        {"naive": [gap, gap, 6, 7], "mean": [gap, gap, 5, 5]},
        start=1.5,
        xlabel="t",
        ylabel="y",
    )
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("t", "y")
    drawn = {str(line.get_label()): np.asarray(line.get_ydata())[2:].tolist() for line in axes.lines}
    assert drawn == {"actual": [7, 8], "naive": [6, 7], "mean": [5, 5]}
    assert [line.get_color() for line in axes.lines] == ["C0", "C1", "C2"]
    assert len({repr(line._unscaled_dash_pattern) for line in axes.lines}) == 3  # type: ignore[attr-defined]
    (ground,) = (patch for patch in axes.patches if isinstance(patch, Rectangle))
    assert (ground.get_x(), ground.get_x() + ground.get_width()) == (1.5, 3)
    assert ground.get_facecolor() == to_rgba("C0", 0.08)


def test_a_forecast_of_everything_has_no_ground() -> None:
    figure = forecast([0, 1], [5, 6], {"mean": [5, 5]}, start=0, xlabel="t", ylabel="y")
    assert not figure.axes[0].patches


@pytest.mark.parametrize(
    ("forecasts", "start", "message"),
    [
        ({}, 1, "forecasts must hold at least one entry, got none"),
        ({str(k): [0, 0] for k in range(8)}, 1, "from 1 to 8 entries, got 9"),
        ({"naive": [0]}, 1, r"'naive' must have shape \(2,\), got \(1,\)"),
        ({"naive": [0, 0]}, 3, "start must lie in the time, from 0 to 1, got 3"),
        ({"naive": [0, 0]}, -1, "start must lie in the time, from 0 to 1, got -1"),
    ],
)
def test_a_forecast_refuses_what_does_not_fit(forecasts: dict[str, list[float]], start: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        forecast([0, 1], [5, 6], forecasts, start=start, xlabel="t", ylabel="y")
    with pytest.raises(ValueError, match=r"'actual' must have shape \(2,\), got \(3,\)"):
        forecast([0, 1], [5, 6, 7], {"naive": [0, 0]}, start=0, xlabel="t", ylabel="y")
