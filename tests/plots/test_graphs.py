"""Boxes and arrows lie where they can be read, and every number, connection and weight is drawn."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from dlref import plots
from dlref.autograd import Value


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def boxes(figure: Figure) -> list[tuple[float, float, float, float]]:
    """Return left, right, lower and upper edge of each box, in the order of the nodes."""
    found = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    return [(b.get_x(), b.get_x() + b.get_width(), b.get_y(), b.get_y() + b.get_height()) for b in found]


def arrows(figure: Figure) -> list[Any]:
    return [
        patch._path_original.vertices  # type: ignore[attr-defined]
        for patch in figure.axes[0].patches
        if isinstance(patch, FancyArrowPatch)
    ]


def inside(point: Any, box: tuple[float, float, float, float], margin: float) -> bool:
    left, right, low, high = box
    return bool(left - margin < point[0] < right + margin and low - margin < point[1] < high + margin)


def network() -> Value:
    """Return the loss of a network of two ReLU units on one input, after its backward pass."""
    x, w1, w2, b1, b2 = Value(2, "x"), Value(0.5, "w1"), Value(-1.5, "w2"), Value(1, "b1"), Value(4, "b2")
    h1, h2 = (w1 * x + b1).relu(), (w2 * x + b2).relu()
    loss = (Value(2, "v1") * h1 + Value(-0.25, "v2") * h2 - 1) ** 2
    h1.name, loss.name = "h1", "loss"
    loss.backward()
    return loss


# --- computation_graph ---------------------------------------------------------------------


def test_a_box_says_name_operation_value_and_gradient() -> None:
    texts = [text.get_text() for text in plots.computation_graph(*network().graph()).axes[0].texts]
    assert texts[:3] == ["x", "2", "∂ 7.562"]
    start = texts.index("h1: relu")
    assert texts[start : start + 3] == ["h1: relu", "2", "∂ 11"]
    assert texts[-3:] == ["loss: ^2", "7.562", "∂ 1"]
    assert texts[texts.index("−") - 1] == "1"  # the constant: its number alone


def test_given_values_have_square_corners_and_computed_ones_round() -> None:
    loss = network()
    figure = plots.computation_graph(*loss.graph())
    styles = [type(p.get_boxstyle()).__name__ for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    assert styles == ["Round" if node.op else "Square" for node in loss.graph().nodes]


def test_layers_go_down_and_what_is_given_stands_just_above_its_first_use() -> None:
    nodes = [(name, "", 0.0, 0.0) for name in "abcdef"]
    #  a, b -> d -> e;  c, e -> f: c could stand at the top, and stands beside d's result
    figure = plots.computation_graph(nodes, [(0, 3), (1, 3), (3, 4), (2, 5), (4, 5)])
    heights = [round((low + high) / 2, 6) for _, _, low, high in boxes(figure)]
    assert heights == [0, 0, -1.64, -0.82, -1.64, -2.46]


def test_a_layer_keeps_its_distance_and_stands_below_what_it_comes_from() -> None:
    nodes = [(name, "", 0.0, 0.0) for name in "abc"]
    figure = plots.computation_graph(nodes, [(0, 2), (1, 2)])
    centres = [(left + right) / 2 for left, right, _, _ in boxes(figure)]
    assert centres[1] - centres[0] == pytest.approx(1.3)  # four boxes in 5.2 inches at least
    assert centres[2] == pytest.approx((centres[0] + centres[1]) / 2)


def test_a_value_used_twice_by_one_operation_has_two_arrows_apart() -> None:
    a = Value(3.0, "a")
    first, second = arrows(plots.computation_graph(*(a * a).graph()))
    assert abs(first[0] - second[0])[0] > 0.1
    assert abs(first[-1] - second[-1])[0] > 0.1


def test_a_tangle_that_can_be_undone_is_drawn_without_crossings() -> None:
    # a and b each feed one of two chains that are given in the opposite order
    nodes = [(name, "", 0.0, 0.0) for name in "abcdef"]
    lines = arrows(plots.computation_graph(nodes, [(0, 3), (1, 2), (2, 4), (3, 5)]))
    for one, other in combinations(lines, 2):
        if one[0][1] == other[0][1]:
            assert (one[0] - other[0])[0] * (one[-1] - other[-1])[0] > 0


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Grow a graph of up to eight nodes in which every node but the first ones has one or two inputs."""
    count = draw(st.integers(2, 8))
    edges = []
    for j in range(draw(st.integers(1, 3)), count):
        edges += [(draw(st.integers(0, j - 1)), j) for _ in range(draw(st.integers(1, 2)))]
    return edges or [(0, 1)]


@settings(max_examples=40)
@given(graphs())
def test_no_boxes_overlap_and_no_arrow_touches_a_box_that_is_not_its_own(edges: list[tuple[int, int]]) -> None:
    nodes = [(str(k), "", 0.0, 0.0) for k in range(1 + max(j for _, j in edges))]
    try:
        figure = plots.computation_graph(nodes, edges)
    except ValueError as refused:  # graphs with several results can be wider than the page, and are refused
        assume("side by side" not in str(refused))
        raise
    rectangles, lines = boxes(figure), arrows(figure)
    plt.close(figure)
    assert len(rectangles) == len(nodes)
    for one, other in combinations(rectangles, 2):
        apart = one[1] < other[0] or other[1] < one[0] or one[3] < other[2] or other[3] < one[2]
        assert apart, (one, other)
    for (i, j), line in zip(edges, lines, strict=True):
        assert inside(line[0], rectangles[i], 1e-9)
        assert inside(line[-1], rectangles[j], 1e-9)
        assert (np.diff(line[:, 1]) < 0).all()
        for a, b in pairwise(line):
            for share in np.linspace(0, 1, 21):
                point = a + share * (b - a)
                assert not any(inside(point, r, -1e-9) for k, r in enumerate(rectangles) if k not in (i, j))


def test_text_fits_into_its_box_in_the_widest_drawing() -> None:
    nodes = [(f"w{k}1", "", -0.1251, -1.234) for k in range(7)] + [("out", "+", -100.25, 1.0)]
    figure = plots.computation_graph(nodes, [(k, 7) for k in range(7)])
    figure.draw_without_rendering()
    axes = figure.axes[0]
    for index, rectangle in enumerate(boxes(figure)):
        for text in axes.texts[3 * index : 3 * index + 3]:
            extent = text.get_window_extent().transformed(axes.transData.inverted())
            assert inside((extent.x0, extent.y0), rectangle, 0.02), text
            assert inside((extent.x1, extent.y1), rectangle, 0.02), text


@pytest.mark.parametrize(
    ("count", "edges", "message"),
    [
        (0, [], "nodes must hold at least one node, got none"),
        (2, [(1, 0)], r"an edge must lead from a node to a later one of 2, got \(1, 0\)"),
        (2, [(1, 1)], r"an edge must lead from a node to a later one of 2, got \(1, 1\)"),
        (2, [(0, 2)], r"an edge must lead from a node to a later one of 2, got \(0, 2\)"),
        (2, [(-1, 1)], r"an edge must lead from a node to a later one of 2, got \(-1, 1\)"),
        (9, [(k, 8) for k in range(8)], "at most 7 boxes fit side by side, got 8; draw a smaller expression"),
    ],
)
def test_what_cannot_be_drawn_is_refused(count: int, edges: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.computation_graph([("", "", 0.0, 0.0)] * count, edges)


# --- network_diagram -----------------------------------------------------------------------


def lines_of(figure: Figure) -> dict[str, LineCollection]:
    return {str(c.get_label()): c for c in figure.axes[0].collections if isinstance(c, LineCollection)}


def test_a_line_for_each_weight_as_thick_as_it_is_large() -> None:
    figure = plots.network_diagram([[[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]], [[1.0, -4.0, 2.0]]])
    positive, negative = lines_of(figure).values()
    assert np.asarray(positive.get_linewidth()) == pytest.approx([0.9, 0.65, 1.9, 0.9, 0.9, 1.4])
    assert np.asarray(negative.get_linewidth()) == pytest.approx([1.4, 2.4])
    ends = [segment.tolist() for segment in negative.get_segments()]
    assert ends == [[[0, -0.5], [1, 1]], [[1, 0], [2, 0]]]  # second input to first unit, second unit to output
    assert positive.get_linestyle() != negative.get_linestyle()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["positive weight", "negative weight"]


def test_fully_connected_layers_have_a_line_for_each_pair() -> None:
    figure = plots.network_diagram([np.ones((4, 3)), np.ones((2, 4))])
    assert len(lines_of(figure)["positive weight"].get_segments()) == 3 * 4 + 4 * 2
    assert not figure.legends  # one kind of line needs no legend
    circles = [c for c in figure.axes[0].collections if isinstance(c, PathCollection)]
    assert [len(np.asarray(c.get_offsets())) for c in circles] == [3, 4, 2]
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["3 inputs", "4 hidden", "2 outputs"]


def test_weights_that_are_all_zero_have_no_lines() -> None:
    figure = plots.network_diagram([np.zeros((1, 1))])
    assert [len(c.get_segments()) for c in lines_of(figure).values()] == [0, 0]
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["1 input", "1 output"]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "weights must hold at least one layer, got none"),
        ([np.ones(3)], r"weights\[0\] must have shape \(outputs, inputs\), got \(3,\)"),
        ([np.ones((3, 2)), np.ones((1, 2))], r"weights\[1\] must have shape \(outputs, 3\), got \(1, 2\)"),
        ([np.ones((17, 2))], r"a layer must have from 1 to 16 neurons to be drawn, got \[2, 17\]"),
        ([np.ones((2, 0))], r"a layer must have from 1 to 16 neurons to be drawn, got \[0, 2\]"),
    ],
)
def test_what_is_no_network_is_refused(weights: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.network_diagram(weights)
