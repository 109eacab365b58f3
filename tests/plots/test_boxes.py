"""Boxes are drawn where they are, told apart without colour, and their texts do not overlap."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlref.plots import detections
from dlref.plots.boxes import _meet, _places

GREY = np.linspace(0, 1, 40 * 60).reshape(40, 60)
FOUND = [[10, 5, 30, 25], [12, 6, 33, 26]]


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def drawn(figure: Figure) -> list[Rectangle]:
    """Return the coloured rectangles, without the wider ones below them."""
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)][1::2]


def corners(figure: Figure) -> list[list[float]]:
    return [[float(edge) for edge in patch.get_bbox().extents] for patch in drawn(figure)]


def test_each_box_is_drawn_where_it_is_over_the_whole_image() -> None:
    figure = detections(GREY, {"found": FOUND, "true": [[11, 5, 31, 26]]})
    assert corners(figure) == [*FOUND, [11, 5, 31, 26]]
    (image,) = figure.axes[0].images
    assert np.asarray(image.get_array()).tolist() == GREY.tolist()
    assert list(image.get_extent()) == [0, 60, 40, 0]
    assert image.get_clim() == (0, 1)
    assert figure.axes[0].get_ylim() == (40, 0)  # y points down


def test_groups_differ_in_line_style_as_well_as_in_colour_and_are_named() -> None:
    figure = detections(GREY, {"found": FOUND[:1], "true": FOUND[1:]})
    first, second = drawn(figure)
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_edgecolor() != second.get_edgecolor()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["found", "true"]


def test_texts_stand_at_their_boxes_and_groups_may_be_empty() -> None:
    figure = detections(GREY, {"found": FOUND, "true": []}, labels={"found": ["0.9", "0.8"]})
    texts = figure.axes[0].texts
    assert [text.get_text() for text in texts] == ["0.9", "0.8"]
    for text, (x1, y1, x2, y2) in zip(texts, FOUND, strict=True):
        x, y = text.get_position()
        assert x1 - 8 <= x <= x2
        assert y1 - 8 <= y <= y2


def test_no_two_texts_overlap_and_none_leaves_the_image() -> None:
    generator = np.random.default_rng(0)
    corner = generator.uniform(0, 60, (12, 2))
    boxes = np.concatenate([corner, corner + generator.uniform(15, 40, (12, 2))], axis=1)
    sizes = np.tile([8.0, 5.0], (12, 1))
    places = _places(boxes, sizes, (100, 100))
    spots = [(x, y, x + 8, y + 5) for x, y in places]
    assert not any(_meet(a, b) for i, a in enumerate(spots) for b in spots[:i])
    assert all(x >= 0 and y >= 0 and u <= 100 and v <= 100 for x, y, u, v in spots)


def test_a_text_without_room_above_its_box_goes_below_and_then_inside() -> None:
    sizes = np.array([[5.0, 4.0]])
    assert _places(np.array([[2.0, 9, 20, 20]]), sizes, (30, 30)) == [(2, 5)]
    assert _places(np.array([[2.0, 1, 20, 20]]), sizes, (30, 30)) == [(2, 20)]
    assert _places(np.array([[2.0, 1, 20, 29]]), sizes, (30, 30)) == [(2, 1)]
    twice = np.array([[2.0, 9, 20, 20]] * 2)
    assert _places(twice, np.tile(sizes, (2, 1)), (30, 30)) == [(2, 5), (15, 5)]


@pytest.mark.parametrize(
    ("image", "groups", "labels", "message"),
    [
        (GREY[0], {"a": FOUND}, None, r"image must have shape \(H, W\), got \(60,\)"),
        (GREY * 255, {"a": FOUND}, None, r"image must be in \[0, 1\], got 0 to 255"),
        (GREY, {}, None, "series must hold from 1 to 8 entries, got 0"),
        (GREY, {"a": [1, 2, 3, 4]}, None, r"'a' must have shape \(N, 4\), got \(4,\)"),
        (GREY, {"a": FOUND}, {"a": ["x"]}, "'a' has 2 boxes, got 1 labels"),
        (GREY, {"a": FOUND}, {"b": ["x"]}, r"labels must be for \['a'\], got \['b'\]"),
    ],
)
def test_what_cannot_be_drawn_is_refused(image, groups, labels, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        detections(image, groups, labels=labels)
