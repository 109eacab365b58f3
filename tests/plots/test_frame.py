"""What every figure begins with: checked arrays, named axes, a legend when there is a choice."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from dlref.plots.frame import LINE_STYLES, MARKERS, check_log, finish, finite, new_figure, numbered, vector


def test_a_new_figure_has_its_axis_names_and_its_height() -> None:
    figure, axes = new_figure("time, s", "way, m", height=5)
    assert (axes.get_xlabel(), axes.get_ylabel(), figure.get_figheight()) == ("time, s", "way, m", 5)
    plt.close(figure)


def test_a_legend_appears_with_the_second_line() -> None:
    figure, axes = new_figure("x", "y")
    axes.plot([1, 2], label="a")
    assert finish(figure, axes).axes[0].get_legend() is None
    axes.plot([2, 3], label="b")
    finish(figure, axes, log_x=True, log_y=True)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    plt.close(figure)


def test_a_logarithmic_axis_of_less_than_a_power_of_ten_has_plain_numbers_too() -> None:
    figure, axes = new_figure("x", "y")
    axes.plot([8, 64], [1, 2])
    finish(figure, axes, log_x=True)
    figure.draw_without_rendering()
    minor = [label.get_text() for label in axes.get_xticklabels(minor=True)]
    assert {"20", "40", "60"} <= set(minor)
    plt.close(figure)


def test_there_is_a_style_and_a_marker_for_each_of_eight_colours() -> None:
    assert len(set(LINE_STYLES)) == len(set(MARKERS)) == 8
    assert list(numbered({"a": 0, "b": 0})) == [(0, "a"), (1, "b")]


@pytest.mark.parametrize("count", [0, 9])
def test_more_series_than_styles_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 8 entries, got {count}"):
        numbered({str(k): 0 for k in range(count)})


def test_vectors_are_checked() -> None:
    assert vector("x", [1, 2], length=2).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"'x' must have shape \(N,\), got \(1, 2\)"):
        vector("x", [[1, 2]])
    with pytest.raises(ValueError, match=r"'x' must have shape \(3,\), got \(2,\)"):
        vector("x", [1, 2], length=3)
    with pytest.raises(ValueError, match="all finite; got 2 numbers, 1 of them not finite"):
        finite("x", [1, np.nan])
    with pytest.raises(ValueError, match="'x' must be positive on a logarithmic axis, got 0"):
        check_log("x", np.array([0.0, 1.0]), log=True)
