"""The figures show the numbers that they were given, and refuse those that they cannot show."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import Collection, FillBetweenPolyCollection, LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, StepPatch

from dlref import plots


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def lines(figure: Figure) -> dict[str, tuple[list[float], list[float]]]:
    return {
        str(line.get_label()): (np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist())
        for line in figure.axes[0].lines
    }


def legend(figure: Figure) -> list[str]:
    box = figure.axes[0].get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


def axis_labels(figure: Figure) -> tuple[str, str]:
    return figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()


# --- curves and function_and_slope ---------------------------------------------------------


def test_function_and_slope_draws_both_over_the_same_inputs() -> None:
    figure = plots.function_and_slope([-1, 0, 2], [1, 0, 4], [-2, 0, 4], name="square")
    assert isinstance(figure, Figure)
    assert lines(figure) == {"square": ([-1, 0, 2], [1, 0, 4]), "its slope": ([-1, 0, 2], [-2, 0, 4])}
    assert legend(figure) == ["square", "its slope"]


def test_function_and_slope_names_the_array_whose_shape_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"'its slope' must have shape \(3,\), got \(2,\)"):
        plots.function_and_slope([-1, 0, 1], [1, 0, 1], [-2, 2], name="square")


def test_curves_draw_each_series_with_its_label_and_the_axes_names() -> None:
    figure = plots.curves([0, 1], {"walk": [1, 2], "run": [3, 9]}, xlabel="time, s", ylabel="way, m")
    assert lines(figure) == {"walk": ([0, 1], [1, 2]), "run": ([0, 1], [3, 9])}
    assert legend(figure) == ["walk", "run"]
    assert axis_labels(figure) == ("time, s", "way, m")
    assert figure.axes[0].get_yscale() == "linear"


def test_eight_curves_differ_in_line_style_as_well_as_in_colour() -> None:
    figure = plots.curves([0, 1], {str(k): [k, k] for k in range(8)}, xlabel="x", ylabel="y")
    drawn = figure.axes[0].lines
    # get_linestyle calls every custom pattern "--", so compare the unscaled patterns themselves.
    assert len({repr(line._unscaled_dash_pattern) for line in drawn}) == 8  # type: ignore[attr-defined]
    assert [line.get_color() for line in drawn] == [f"C{k}" for k in range(8)]


def test_curves_leave_a_gap_where_a_value_is_nan() -> None:
    figure = plots.curves([0, 1, 2], {"naive": [1, np.nan, 3]}, xlabel="x", ylabel="y", log_y=True)
    y = np.asarray(figure.axes[0].lines[0].get_ydata())
    assert np.isnan(y).tolist() == [False, True, False]
    assert figure.axes[0].get_yscale() == "log"


def test_curves_write_the_numbers_of_a_logarithmic_axis_as_plain_text() -> None:
    figure = plots.curves([0.01, 1, 100], {"loss": [1, 10, 1e-5]}, xlabel="x", ylabel="y", log_x=True, log_y=True)
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [axes.xaxis.get_major_formatter()(x) for x in (0.01, 1, 100)] == ["0.01", "1", "100"]
    assert axes.yaxis.get_major_formatter()(1e-5) == "1e−05"


def test_curves_refuse_a_series_of_another_length() -> None:
    with pytest.raises(ValueError, match=r"'b' must have shape \(2,\), got \(3,\)"):
        plots.curves([0, 1], {"a": [1, 2], "b": [1, 2, 3]}, xlabel="x", ylabel="y")


def test_curves_refuse_inputs_that_are_not_a_vector() -> None:
    with pytest.raises(ValueError, match=r"'x' must have shape \(N,\), got \(1, 2\)"):
        plots.curves([[0, 1]], {"a": [1, 2]}, xlabel="x", ylabel="y")


@pytest.mark.parametrize("count", [0, 9])
def test_curves_refuse_more_series_than_can_be_told_apart_and_none(count: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 8 entries, got {count}"):
        plots.curves([0], {str(k): [k] for k in range(count)}, xlabel="x", ylabel="y")


def test_curves_refuse_a_negative_input_on_a_logarithmic_axis() -> None:
    with pytest.raises(ValueError, match="'x' must be positive on a logarithmic axis, got -1"):
        plots.curves([-1, 1], {"loss": [1, 2]}, xlabel="x", ylabel="y", log_x=True)


def test_curves_refuse_zero_on_a_logarithmic_axis() -> None:
    with pytest.raises(ValueError, match="'loss' must be positive on a logarithmic axis, got 0"):
        plots.curves([0, 1], {"loss": [1, 0]}, xlabel="x", ylabel="y", log_y=True)


# --- training_curves -----------------------------------------------------------------------


def test_training_curves_show_the_median_and_the_range_over_runs() -> None:
    runs = [[9, 5, 1], [7, 6, 2], [8, 1, 6]]
    figure = plots.training_curves({"SGD": runs}, xlabel="epoch", ylabel="loss, nats")
    assert lines(figure) == {"SGD": ([0, 1, 2], [8, 5, 2])}
    (band,) = figure.axes[0].collections
    assert isinstance(band, FillBetweenPolyCollection)
    corners = np.unique(band.get_paths()[0].vertices, axis=0).tolist()
    assert corners == [[0, 7], [0, 9], [1, 1], [1, 6], [2, 1], [2, 6]]
    assert axis_labels(figure) == ("epoch", "loss, nats")
    assert figure.axes[0].get_legend() is None  # a single curve is named by its axis


def test_training_curves_may_have_different_lengths() -> None:
    figure = plots.training_curves({"long": [[1, 2, 3]], "short": [[4, 5]]}, xlabel="epoch", ylabel="loss", log_y=True)
    assert lines(figure) == {"long": ([0, 1, 2], [1, 2, 3]), "short": ([0, 1], [4, 5])}
    assert legend(figure) == ["long", "short"]
    assert figure.axes[0].get_yscale() == "log"


@pytest.mark.parametrize(("runs", "shape"), [([1, 2], r"\(2,\)"), ([[]], r"\(1, 0\)")])
def test_training_curves_refuse_anything_but_runs_by_steps(runs: object, shape: str) -> None:
    with pytest.raises(ValueError, match=rf"'SGD' must have shape \(runs, steps\), got {shape}"):
        plots.training_curves({"SGD": np.asarray(runs)}, xlabel="epoch", ylabel="loss")


def test_training_curves_refuse_negative_values_on_a_logarithmic_axis() -> None:
    with pytest.raises(ValueError, match="'SGD' must be positive on a logarithmic axis, got -2"):
        plots.training_curves({"SGD": [[1, -2]]}, xlabel="epoch", ylabel="loss", log_y=True)


# --- layer_histograms ----------------------------------------------------------------------


def outlines(figure: Figure) -> list[StepPatch]:
    patches = [p for p in figure.axes[0].patches if isinstance(p, StepPatch) and not p.get_fill()]
    assert len(patches) * 2 == len(figure.axes[0].patches)
    return patches


def test_layer_histograms_share_their_bins_and_stack_the_first_layer_on_top() -> None:
    figure = plots.layer_histograms({"first": [0, 0, 0, 1, 3], "last": [4, 4]}, xlabel="output", bins=4)
    (first, edges, floor), (last, same_edges, ground) = (p.get_data() for p in outlines(figure))
    assert edges.tolist() == same_edges.tolist() == [0, 1, 2, 3, 4]
    # Counts 3, 1, 0, 1 over 3, drawn 0.9 high above row 1; counts 0, 0, 0, 2 above row 0.
    assert first.tolist() == pytest.approx([1.9, 1.3, 1.0, 1.3])
    assert last.tolist() == pytest.approx([0, 0, 0, 0.9])
    assert (floor, ground) == (1, 0)
    ticks = {t.get_text(): t.get_position()[1] for t in figure.axes[0].get_yticklabels()}
    assert ticks == {"first": 1, "last": 0}
    assert axis_labels(figure) == ("output", "")


def test_layer_histograms_draw_a_layer_whose_outputs_are_all_the_same() -> None:
    figure = plots.layer_histograms({"dead": [0, 0, 0]}, xlabel="output", bins=2)
    heights, edges, _ = outlines(figure)[0].get_data()
    assert heights.tolist() == pytest.approx([0, 0.9])
    assert edges.tolist() == pytest.approx([-0.5, 0, 0.5])


def test_layer_histograms_refuse_the_logarithm_of_a_vanished_gradient() -> None:
    with pytest.raises(ValueError, match=r"'layer 3' .* got 3 numbers, 2 of them not finite"):
        plots.layer_histograms({"layer 3": [-np.inf, 1, np.nan]}, xlabel="log gradient")


def test_layer_histograms_refuse_an_empty_layer() -> None:
    with pytest.raises(ValueError, match=r"'layer 1' must hold at least one number, .* got 0"):
        plots.layer_histograms({"layer 1": []}, xlabel="output")


def test_layer_histograms_refuse_a_matrix() -> None:
    with pytest.raises(ValueError, match=r"'layer 1' must have shape \(N,\), got \(1, 2\)"):
        plots.layer_histograms({"layer 1": [[1, 2]]}, xlabel="output")


def test_layer_histograms_refuse_a_network_without_layers() -> None:
    with pytest.raises(ValueError, match="at least one layer, got none"):
        plots.layer_histograms({}, xlabel="output")


def test_layer_histograms_refuse_zero_bins() -> None:
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        plots.layer_histograms({"layer 1": [1]}, xlabel="output", bins=0)


# --- bars ----------------------------------------------------------------------------------


def test_bars_show_mean_standard_deviation_and_every_value() -> None:
    figure = plots.bars({"ReLU": [2, 4, 6], "tanh": [5]}, ylabel="errors, %")
    axes = figure.axes[0]
    rectangles = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [bar.get_height() for bar in rectangles] == [4, 5]
    assert [bar.get_y() for bar in rectangles] == [0, 0]
    # The deviations -2, 0, 2 have the sample variance (4 + 0 + 4) / 2 = 4; one value has none.
    (whisker,) = [c for c in axes.collections if isinstance(c, LineCollection)]
    assert np.asarray(whisker.get_segments()[0]).tolist() == [[0, 2], [0, 6]]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [np.asarray(p.get_ydata()).tolist() for p in points] == [[2, 4, 6], [5]]
    np.testing.assert_allclose(np.asarray(points[0].get_xdata()), [-0.2, 0, 0.2])
    np.testing.assert_allclose(np.asarray(points[1].get_xdata()), [1])
    assert [t.get_text() for t in axes.get_xticklabels()] == ["ReLU", "tanh"]
    assert axis_labels(figure) == ("", "errors, %")


def test_bars_refuse_a_group_without_values() -> None:
    with pytest.raises(ValueError, match=r"'tanh' must hold at least one number, .* got 0"):
        plots.bars({"ReLU": [1], "tanh": []}, ylabel="errors, %")


def test_bars_refuse_no_groups() -> None:
    with pytest.raises(ValueError, match="at least one group, got none"):
        plots.bars({}, ylabel="errors, %")


# --- decision_regions ----------------------------------------------------------------------

GRID = [0.0, 1.0, 2.0]


def span(contours: Collection) -> tuple[float, float]:
    across = np.concatenate([np.asarray(path.vertices)[:, 0] for path in contours.get_paths()])
    return across.min(), across.max()


def test_decision_regions_put_the_boundary_where_the_logit_is_zero() -> None:
    scores = np.tile([-1.0, 1.0, 3.0], (3, 1))  # x = 0.5 is the boundary, at every height
    figure = plots.decision_regions(GRID, GRID, scores, [[0.2, 1], [1.8, 0.5], [0.4, 2]], [0, 1, 0], xlabel="width, cm")
    assert lines(figure) == {"class 0": ([0.2, 0.4], [1, 2]), "class 1": ([1.8], [0.5])}
    assert [line.get_marker() for line in figure.axes[0].lines] == ["o", "s"]
    spans = [span(contours) for contours in figure.axes[0].collections]
    # Region of class 0, its edge, region of class 1, its edge.
    assert spans == [(0, 0.5), (0.5, 0.5), (0.5, 2), (0.5, 0.5)]
    assert axis_labels(figure) == ("width, cm", "second input")


def test_decision_regions_of_three_classes_belong_to_the_largest_logit() -> None:
    column = np.ones((3, 1))
    scores = [column * [3, 0, 0], column * [0, 0, 0] + 1, column * [0, 0, 3]]
    figure = plots.decision_regions(GRID, GRID, scores, [[2, 2]], [2])
    filled = [c for c in figure.axes[0].collections if len(c.get_facecolor())]
    spans = [span(contours) for contours in filled]
    # Class 0 leads by 2 at x = 0 and trails by 1 at x = 1: level at 2/3. Class 2 mirrors it.
    # Class 1 trails by 2 at x = 0 and leads by 1 at x = 1.
    expected = [(0, 2 / 3), (2 / 3, 4 / 3), (4 / 3, 2)]
    assert [pytest.approx(pair) for pair in expected] == spans
    assert lines(figure) == {"class 2": ([2], [2])}


def test_decision_regions_without_a_boundary_fill_the_whole_plane() -> None:
    figure = plots.decision_regions(GRID, GRID, np.full((3, 3), -2.0), [[1, 1]], [0])
    (region,) = figure.axes[0].collections
    vertices = np.asarray(region.get_paths()[0].vertices)
    assert (vertices.min(0).tolist(), vertices.max(0).tolist()) == ([0, 0], [2, 2])


def test_decision_regions_refuse_scores_that_do_not_match_the_grid() -> None:
    expected = r"scores must have shape \(2, 3\) or \(C, 2, 3\), got \(3, 2\)"
    with pytest.raises(ValueError, match=expected):
        plots.decision_regions(GRID, [0, 1], np.zeros((3, 2)), [[0, 0]], [0])


def test_decision_regions_refuse_points_without_labels() -> None:
    with pytest.raises(ValueError, match=r"points must have shape \(1, 2\), got \(2, 2\)"):
        plots.decision_regions(GRID, GRID, np.zeros((3, 3)), [[0, 0], [1, 1]], [0])


def test_decision_regions_refuse_a_label_that_is_not_a_class() -> None:
    with pytest.raises(ValueError, match=r"whole numbers from 0 to 1, got \[2\.\]"):
        plots.decision_regions(GRID, GRID, np.zeros((3, 3)), [[0, 0]], [2])


def test_decision_regions_refuse_a_single_class() -> None:
    with pytest.raises(ValueError, match="from 2 to 8 classes, got 1"):
        plots.decision_regions(GRID, GRID, np.zeros((1, 3, 3)), [[0, 0]], [0])


# --- reliability_diagram -------------------------------------------------------------------


def test_reliability_diagram_shows_the_mean_and_the_share_of_each_filled_bin() -> None:
    # Two bins worked by hand: [0, 0.5) holds 0.2 and 0.4, one of them right;
    # [0.5, 1] holds 0.5, 0.7 and 1.0, of which two are right.
    confidence = [0.5, 0.2, 1.0, 0.4, 0.7]
    correct = [False, True, True, False, True]
    figure = plots.reliability_diagram({"network": (confidence, correct)}, bins=2)
    diagonal, line = figure.axes[0].lines
    assert np.asarray(diagonal.get_xydata()).tolist() == [[0, 0], [1, 1]]
    np.testing.assert_allclose(np.asarray(line.get_xydata()), [[0.3, 0.5], [2.2 / 3, 2 / 3]])
    (points,) = figure.axes[0].collections
    assert isinstance(points, PathCollection)
    assert np.asarray(points.get_offsets()) == pytest.approx(np.array([[0.3, 0.5], [2.2 / 3, 2 / 3]]))
    assert points.get_sizes().tolist() == pytest.approx([15 + 150 * 2 / 5, 15 + 150 * 3 / 5])
    assert legend(figure) == ["honest", "network"]
    assert axis_labels(figure) == ("confidence", "share correct")


def test_reliability_diagram_leaves_empty_bins_out_and_counts_certainty_in_the_last() -> None:
    figure = plots.reliability_diagram({"network": ([0.05, 1.0], [0, 1])})
    assert lines(figure)["_child1"] == ([0.05, 1], [0, 1])


def test_reliability_diagram_refuses_a_percentage() -> None:
    with pytest.raises(ValueError, match=r"'raw': confidence must be in \[0, 1\], got 0.5 to 97"):
        plots.reliability_diagram({"raw": ([0.5, 97], [0, 1])})


def test_reliability_diagram_refuses_nan() -> None:
    with pytest.raises(ValueError, match=r"confidence must be in \[0, 1\], got nan"):
        plots.reliability_diagram({"raw": ([0.5, np.nan], [0, 1])})


def test_reliability_diagram_refuses_pairs_of_different_lengths() -> None:
    with pytest.raises(ValueError, match=r"'raw: correct' must have shape \(2,\), got \(1,\)"):
        plots.reliability_diagram({"raw": ([0.5, 0.9], [1])})


def test_reliability_diagram_refuses_zero_bins() -> None:
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        plots.reliability_diagram({"raw": ([0.5], [1])}, bins=0)
