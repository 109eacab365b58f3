"""Contours with paths, and maps with measurements: the numbers that are drawn."""

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure

from dlref.plots import contour_paths, surface_map

X, Y = [-1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 2.0]
PLANE = np.add.outer(Y, X)  # the value is x + y


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def contours(figure: Figure) -> QuadContourSet:
    (drawn,) = [artist for artist in figure.axes[0].collections if isinstance(artist, QuadContourSet)]
    return drawn


def test_paths_are_drawn_point_by_point_with_their_labels() -> None:
    paths = {"slow": [[2, 2], [1, 1]], "fast": [[2, 2], [0, 1], [-1, 0]]}
    axes = contour_paths(X, Y, PLANE, paths, xlabel="first", ylabel="second", goal=(-1, 0)).axes[0]
    lines = {str(line.get_label()): np.asarray(line.get_xydata()).tolist() for line in axes.lines}
    assert {name: lines[name] for name in paths} == paths
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("first", "second")
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1, 2), (0, 2))
    box = axes.get_legend()
    assert box is not None
    assert [text.get_text() for text in box.get_texts()] == ["slow", "fast"]


def test_the_first_point_has_a_ring_the_last_is_large_and_the_goal_a_star() -> None:
    axes = contour_paths(X, Y, PLANE, {"a": [[2, 2], [0, 1]]}, xlabel="", ylabel="", goal=(-1, 0)).axes[0]
    path, last, ring, star = axes.lines
    assert np.asarray(last.get_xydata()).tolist() == [[0, 1]]
    assert last.get_markersize() > path.get_markersize()
    assert np.asarray(ring.get_xydata()).tolist() == [[2, 2]]
    assert ring.get_fillstyle() == "none"
    assert np.asarray(star.get_xydata()).tolist() == [[-1, 0]]
    assert star.get_marker() == "*"


def test_eight_paths_differ_in_style_and_marker_as_well_as_in_colour() -> None:
    paths = {str(k): [[0, 0], [1, 1]] for k in range(8)}
    lines = contour_paths(X, Y, PLANE, paths, xlabel="", ylabel="").axes[0].lines[::3]
    assert len({line.get_marker() for line in lines}) == 8
    assert len({repr(line._unscaled_dash_pattern) for line in lines}) == 8  # type: ignore[attr-defined]
    assert [line.get_color() for line in lines] == [f"C{k}" for k in range(8)]


def test_contour_lines_lie_where_the_function_has_their_value() -> None:
    drawn = contours(contour_paths(X, Y, PLANE, {"a": [[0, 0]]}, xlabel="", ylabel=""))
    assert np.asarray(drawn.levels).tolist() == np.unique(np.quantile(PLANE, np.arange(1, 10) / 10)).tolist()
    for level, path in zip(drawn.levels, drawn.get_paths(), strict=True):
        assert np.asarray(path.vertices).size
        assert np.allclose(np.asarray(path.vertices).sum(axis=1), level)


def test_a_map_shows_each_value_at_its_place_and_leaves_gaps() -> None:
    values = PLANE.copy()
    values[2, 3] = np.nan
    figure = surface_map(X, Y, values, xlabel="rate", ylabel="momentum", label="factor")
    axes, bar = figure.axes
    (mesh,) = [artist for artist in axes.collections if isinstance(artist, QuadMesh)]
    drawn: np.ma.MaskedArray[Any, Any] = np.ma.asarray(mesh.get_array())
    assert drawn[:2].tolist() == values[:2].tolist()
    assert drawn.mask.tolist() == np.isnan(values).tolist()
    assert np.allclose(
        np.asarray(mesh.get_coordinates())[0, :, 0], [-1.5, -0.5, 0.5, 1.5, 2.5]
    )  # cells around the positions
    assert mesh.get_rasterized()
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("rate", "momentum", "factor")
    for level, path in zip(contours(figure).levels, contours(figure).get_paths(), strict=True):
        assert np.allclose(np.asarray(path.vertices).sum(axis=1), level)


def test_dots_have_the_maps_colours_and_what_is_not_a_number_is_a_cross() -> None:
    points = np.array([[0, 1, 1], [1, 2, 2.5], [2, 2, np.nan]])
    axes = surface_map(X, Y, PLANE, xlabel="", ylabel="", label="", points=points).axes[0]
    (mesh,) = [artist for artist in axes.collections if isinstance(artist, QuadMesh)]
    (dots,) = [artist for artist in axes.collections if isinstance(artist, PathCollection)]
    assert np.asarray(dots.get_offsets()).tolist() == [[0, 1], [1, 2]]
    assert np.allclose(dots.get_facecolor(), mesh.to_rgba(np.array([1, 2.5])))
    rings = np.asarray(dots.get_edgecolor())[:, 0]  # light on the dark half of the colours, dark on the light one
    assert rings.tolist() == [0.97, 0.1]
    (cross,) = axes.lines
    assert np.asarray(cross.get_xydata()).tolist() == [[2, 2]]
    assert cross.get_marker() == "x"


def test_values_of_another_shape_than_the_grid_are_refused() -> None:
    with pytest.raises(ValueError, match=r"values must have shape \(3, 4\), got \(4, 3\)"):
        contour_paths(X, Y, PLANE.T, {"a": [[0, 0]]}, xlabel="", ylabel="")
    with pytest.raises(ValueError, match=r"values must have shape \(3, 4\), got \(4, 3\)"):
        surface_map(X, Y, PLANE.T, xlabel="", ylabel="", label="")


def test_contours_refuse_values_that_are_not_finite() -> None:
    with pytest.raises(ValueError, match="values must be finite, got 1 that are not"):
        contour_paths(X, Y, np.where(PLANE == 4, np.nan, PLANE), {"a": [[0, 0]]}, xlabel="", ylabel="")


@pytest.mark.parametrize("path", [[0, 0], [[0, 0, 0]], np.empty((0, 2))])
def test_a_path_of_another_shape_is_refused(path: object) -> None:
    with pytest.raises(ValueError, match=r"'a' must have shape \(steps, 2\), got \("):
        contour_paths(X, Y, PLANE, {"a": np.asarray(path)}, xlabel="", ylabel="")


@pytest.mark.parametrize("count", [0, 9])
def test_more_paths_than_can_be_told_apart_and_none_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 8 entries, got {count}"):
        contour_paths(X, Y, PLANE, {str(k): [[0, 0]] for k in range(count)}, xlabel="", ylabel="")


@pytest.mark.parametrize("bad", [np.full((3, 4), np.nan), np.where(PLANE == 4, np.inf, PLANE)])
def test_a_map_refuses_infinity_and_nothing(bad: object) -> None:
    with pytest.raises(ValueError, match="got infinity or nothing but NaN"):
        surface_map(X, Y, np.asarray(bad), xlabel="", ylabel="", label="")


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"points must have shape \(N, 3\), got \(1, 2\)"):
        surface_map(X, Y, PLANE, xlabel="", ylabel="", label="", points=[[1, 2]])
