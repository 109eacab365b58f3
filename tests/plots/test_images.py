"""Grids and heatmaps show the numbers that they were given, and refuse those that they cannot show."""

from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from dlref.plots import heatmap, image_grid
from dlref.plots.images import BLACK, WHITE


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_grid_shows_each_image_pixel_by_pixel_on_one_grey_scale() -> None:
    images = [torch.arange(6.0).reshape(2, 3), torch.full((1, 4, 4), -2.0)]
    figure = image_grid(images, ["ramp", 7])
    shown = [axes.images[0] for axes in figure.axes]
    assert np.asarray(shown[0].get_array()).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert np.asarray(shown[1].get_array()).tolist() == [[-2.0] * 4] * 4
    assert [image.get_clim() for image in shown] == [(-2, 5)] * 2
    assert [image.get_interpolation() for image in shown] == ["none"] * 2
    assert [axes.get_title() for axes in figure.axes] == ["ramp", "7"]


def test_a_grid_fills_rows_and_leaves_the_rest_empty() -> None:
    figure = image_grid(np.zeros((5, 2, 2)), columns=3)
    places = [axes.get_subplotspec() for axes in figure.axes]
    cells = [(place.rowspan.start, place.colspan.start) for place in places if place]
    assert cells == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    assert len(image_grid(np.zeros((9, 2, 2))).axes) == 9


def test_a_grid_shows_colours_and_takes_limits() -> None:
    colour = np.zeros((3, 2, 2))
    colour[0] = 1
    figure = image_grid([colour, np.ones((2, 2))], limits=(0, 4))
    assert np.asarray(figure.axes[0].images[0].get_array()).tolist() == [[[1, 0, 0]] * 2] * 2
    assert figure.axes[1].images[0].get_clim() == (0, 4)


def test_a_heatmap_writes_its_numbers_row_by_row_in_ink_that_can_be_read() -> None:
    figure = heatmap([[0, 1], [2, 3]], form=".1f", columns=["a", "b"], rows=["c", "d"], xlabel="to", ylabel="from")
    (axes,) = figure.axes
    assert np.asarray(axes.images[0].get_array()).tolist() == [[0, 1], [2, 3]]
    texts = [(text.get_text(), text.get_position(), text.get_color()) for text in axes.texts]
    assert texts == [("0.0", (0, 0), WHITE), ("1.0", (1, 0), WHITE), ("2.0", (0, 1), BLACK), ("3.0", (1, 1), BLACK)]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["c", "d"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("to", "from")


def test_on_the_middle_colour_black_reads_better_than_white() -> None:
    texts = heatmap([[0, 0.3, 0.5, 1]], form="g").axes[0].texts
    assert [text.get_color() for text in texts] == [WHITE, WHITE, BLACK, BLACK]


def test_a_heatmap_has_whole_numbers_at_its_ticks_and_square_cells_unless_it_is_long() -> None:
    (axes,) = heatmap([[1, 2], [3, 4]], form="g").axes
    assert all(tick == int(tick) for tick in axes.get_xticks())
    assert axes.get_aspect() == 1
    assert heatmap([[1, 2, 3, 4, 5]], bar="share").axes[0].get_aspect() == "auto"


def test_a_heatmap_has_a_bar_with_a_name() -> None:
    figure = heatmap([[0.2, 0.4]], bar="share")
    assert figure.axes[1].get_ylabel() == "share"
    assert figure.axes[0].images[0].get_clim() == (0.2, 0.4)
    assert not figure.axes[0].texts


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: image_grid([]), "images must hold at least one image, got none"),
        (lambda: image_grid([np.zeros((2, 2)), np.zeros(3)]), r"images\[1\] must have shape .* got \(3,\)"),
        (lambda: image_grid([np.zeros((2, 3, 3))]), r"images\[0\] must have shape .* got \(2, 3, 3\)"),
        (lambda: image_grid([[[np.nan]]]), r"images\[0\] must hold at least one number, all finite"),
        (lambda: image_grid([[[1]]], ["a", "b"]), "titles must be as many as images, 1, got 2"),
        (lambda: image_grid([[[1]]], columns=0), "columns must be at least 1, got 0"),
        (lambda: heatmap([1, 2], form="d"), r"matrix must have shape \(R, C\) and finite numbers, got shape \(2,\)"),
        (lambda: heatmap([[np.inf]], form="g"), r"and finite numbers, got shape \(1, 1\)"),
        (lambda: heatmap([[1, 2]]), "needs form, to write its numbers, or bar, to name its colours; got neither"),
        (lambda: heatmap([[1, 2]], form="g", columns=["a"]), "columns must hold 2 names, got 1"),
        (lambda: heatmap([[1, 2]], form="g", rows=["a", "b"]), "rows must hold 1 names, got 2"),
    ],
)
def test_what_cannot_be_shown_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
