"""Boxes by hand, by pixels counted, by their symmetries, and beside second programs for the same definitions."""

import inspect
import math
from itertools import permutations
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score
from torch import Tensor

from dlref import detection
from dlref.detection import (
    average_precision,
    bootstrap,
    iou,
    jitter,
    match_detections,
    non_max_suppression,
    precision_recall,
    scenes,
    search,
    sliding_windows,
    vote,
    warp,
)

nan, inf = math.nan, math.inf
edges = st.integers(0, 8)
box = st.tuples(edges, edges, edges, edges).map(
    lambda e: [min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3])]
)
solid = box.filter(lambda b: b[0] < b[2] and b[1] < b[3])
grades = st.integers(0, 4)  # few, so that many are equal
detections = st.lists(st.tuples(grades, st.booleans()), max_size=8)
scored = st.lists(st.tuples(box, grades), max_size=8)


def boxes_of(rows: list[list[int]]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, 4)


def unzip(pairs: list[tuple[list[int], int]]) -> tuple[Tensor, Tensor]:
    return boxes_of([row for row, _ in pairs]), torch.tensor([score for _, score in pairs]).double()


def ranked(pairs: list[tuple[int, bool]]) -> tuple[Tensor, Tensor]:
    scores, correct = torch.tensor([s for s, _ in pairs]), torch.tensor([c for _, c in pairs], dtype=torch.bool)
    return scores.double(), correct


def pixels(row: list[int]) -> set[tuple[int, int]]:
    return {(x, y) for x in range(row[0], row[2]) for y in range(row[1], row[3])}


# Intersection over union


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 4, 2], [0, 0, 4, 2], 1),
        ([0, 0, 4, 2], [2, 0, 6, 2], 1 / 3),  # half of each
        ([0, 0, 4, 4], [1, 1, 3, 3], 1 / 4),  # nested
        ([0, 0, 2, 3], [1, 1, 4, 2], 1 / 8),  # 1 of 6 + 3 - 1
        ([0, 0, 2, 2], [2, 0, 4, 2], 0),  # sharing an edge
        ([0, 0, 2, 2], [2, 2, 4, 4], 0),  # a corner
        ([0, 0, 2, 2], [5, 7, 6, 9], 0),  # neither: the negative sides must not multiply to an area
        ([0, 0, 2, 2], [0, 5, 2, 7], 0),
        ([0, 0, 2, 2], [1, 1, 1, 1], 0),  # a point inside
        ([1, 0, 1, 5], [1, 0, 1, 5], 0),  # a line with itself
        ([-3, -2, -1, 0], [-2, -2, 0, 0], 1 / 3),  # left of the origin
    ],
)
def test_the_overlap_of_two_boxes_by_hand(a: list[int], b: list[int], expected: float) -> None:
    torch.testing.assert_close(iou(boxes_of([a]), boxes_of([b])), torch.tensor([[expected]]).double())


@given(st.lists(box, max_size=4), st.lists(box, max_size=4))
def test_the_overlap_is_the_share_of_common_pixels(first: list[list[int]], second: list[list[int]]) -> None:
    overlap = iou(boxes_of(first), boxes_of(second))
    assert overlap.shape == (len(first), len(second))
    for row, a in zip(overlap.tolist(), map(pixels, first), strict=True):
        counted = [len(a & b) / max(1, len(a | b)) for b in map(pixels, second)]
        assert row == pytest.approx(counted, abs=1e-15)


@given(solid, box, st.floats(-50, 50), st.floats(0.01, 100))
def test_the_overlap_is_symmetric_and_ignores_place_scale_and_orientation(a, b, shift: float, scale: float) -> None:
    a, b = boxes_of([a]), boxes_of([b])
    overlap = iou(a, b)
    torch.testing.assert_close(iou(b, a), overlap)
    torch.testing.assert_close(iou(a, a), torch.ones(1, 1).double())
    torch.testing.assert_close(iou(a + shift, b + shift), overlap, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(iou(a * scale, b * scale), overlap)
    turned = [1, 0, 3, 2]
    torch.testing.assert_close(iou(a[:, turned], b[:, turned]), overlap)
    torch.testing.assert_close(iou(-a[:, [2, 3, 0, 1]], -b[:, [2, 3, 0, 1]]), overlap)


@given(st.tuples(solid, solid, solid))
def test_one_minus_the_overlap_is_a_distance(rows: tuple[list[int], list[int], list[int]]) -> None:
    distance = 1 - iou(boxes_of(list(rows)), boxes_of(list(rows)))
    for i, j, k in permutations(range(3)):
        assert distance[i, k] <= distance[i, j] + distance[j, k] + 1e-12


def test_batches_are_compared_image_by_image_and_leading_axes_broadcast() -> None:
    generator = torch.Generator().manual_seed(0)
    corners = torch.rand(2, 3, 9, 2, 2, generator=generator).sort(dim=-2).values
    boxes = corners.flatten(-2).double()  # (2, 3, 9, 4)
    a, b = boxes[..., :5, :], boxes[..., 5:, :]
    overlap = iou(a, b)
    assert overlap.shape == (2, 3, 5, 4)
    assert (overlap > 0).any()
    for i in range(2):
        for j in range(3):
            torch.testing.assert_close(overlap[i, j], iou(a[i, j], b[i, j]))
    torch.testing.assert_close(iou(a, b[:1, 0])[1, 2], iou(a[1, 2], b[0, 0]))


def test_the_slope_of_the_overlap_matches_finite_differences() -> None:
    a = boxes_of([[0, 0, 4, 3], [2, 1, 6, 5], [20, 20, 23, 24]]).requires_grad_()  # no two edges equal
    b = (boxes_of([[1, 1, 5, 4], [3, -1, 7, 2]]) + 0.25).requires_grad_()
    assert torch.autograd.gradcheck(iou, (a, b))
    (slope,) = torch.autograd.grad(iou(a, b).sum(), a)
    assert (slope[:2] != 0).any(1).all()
    assert (slope[2] == 0).all()  # far away there is nothing to follow


def test_boxes_without_area_have_finite_slopes() -> None:
    point = boxes_of([[1, 1, 1, 1]]).requires_grad_()
    (slope,) = torch.autograd.grad(iou(point, point).sum(), point)
    assert slope.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_all_floating_types_hold_boxes_as_large_as_photographs(dtype: torch.dtype) -> None:
    a = torch.tensor([[0.0, 0.0, 1024.0, 1024.0]], dtype=dtype)
    b = torch.tensor([[512.0, 0.0, 1024.0, 1024.0]], dtype=dtype)
    assert iou(a, b).dtype == dtype
    assert iou(a, b).item() == 1 / 2


# Non-maximum suppression


def test_suppression_of_five_boxes_by_hand() -> None:
    boxes = boxes_of([[0, 0, 4, 4], [0, 1, 4, 5], [0, 2, 4, 6], [9, 0, 12, 3], [0, 0, 4, 4]])
    scores = torch.tensor([0.7, 0.9, 0.8, 0.1, 0.6])
    # Overlaps with box 1: 3/5 for boxes 0, 2 and 4. Box 0 with box 2: 1/3; with box 4: 1.
    assert non_max_suppression(boxes, scores, 0.5).tolist() == [1, 3]
    assert non_max_suppression(boxes, scores, 0.6).tolist() == [1, 2, 0, 3]
    assert non_max_suppression(boxes, scores, 1.0).tolist() == [1, 2, 0, 4, 3]
    # A dropped box drops nothing: without box 1, box 2 lives, and box 0 with it.
    assert non_max_suppression(boxes[[0, 2]], scores[[0, 2]], 0.5).tolist() == [1, 0]


def test_an_overlap_of_exactly_the_threshold_stays_and_of_equal_scores_the_first_wins() -> None:
    boxes = boxes_of([[0, 0, 3, 1], [0, 0, 3, 2], [0, 0, 3, 2]])
    assert non_max_suppression(boxes, torch.zeros(3), 0.5).tolist() == [0, 1]
    assert non_max_suppression(boxes, torch.zeros(3), 0.49).tolist() == [0]


def by_elimination(boxes: Tensor, scores: Tensor, threshold: float) -> list[int]:
    """Suppress by its other description: take the best, throw out what overlaps it, repeat."""
    left, kept = list(range(len(boxes))), []
    while left:
        best = max(left, key=lambda n: (scores[n].item(), -n))
        kept.append(best)
        left = [n for n in left if n != best and iou(boxes[best, None], boxes[n, None]).item() <= threshold]
    return kept


@given(scored, st.sampled_from([0.0, 0.2, 1 / 3, 0.5, 0.8, 1.0]))
def test_suppression_keeps_what_elimination_keeps_and_is_done_after_once(pairs, threshold: float) -> None:
    boxes, scores = unzip(pairs)
    kept = non_max_suppression(boxes, scores, threshold)
    assert kept.dtype == torch.int64
    assert kept.tolist() == by_elimination(boxes, scores, threshold)
    assert (scores[kept].diff() <= 0).all()
    overlap = iou(boxes[kept], boxes[kept]).fill_diagonal_(0)
    assert (overlap <= threshold).all()
    again = non_max_suppression(boxes[kept], scores[kept], threshold)
    assert again.tolist() == list(range(len(kept)))
    for lost in set(range(len(boxes))) - set(kept.tolist()):  # each has a better neighbour that was kept
        better = kept[scores[kept] >= scores[lost]]
        assert (iou(boxes[[lost]], boxes[better]) > threshold).any()


# Matching


def test_each_object_counts_once_for_the_surest_detection_by_hand() -> None:
    truth = boxes_of([[0, 0, 4, 4], [0, 4, 4, 8]])
    boxes = boxes_of([[0, 0, 4, 4], [0, 0, 4, 3], [0, 5, 4, 8], [6, 6, 8, 8]])
    scores = torch.tensor([0.5, 0.9, 0.4, 0.8])
    assert match_detections(boxes, scores, truth).tolist() == [False, True, True, False]
    assert match_detections(boxes, scores, truth, 0.75).tolist() == [False, True, True, False]
    assert match_detections(boxes, scores, truth, 0.76).tolist() == [True, False, False, False]


def test_a_detection_whose_best_object_is_taken_may_have_the_next_best() -> None:
    truth = boxes_of([[0, 0, 4, 4], [0, 1, 4, 5]])
    boxes = boxes_of([[0, 0, 4, 4], [0, 0, 4, 4]])
    assert match_detections(boxes, torch.tensor([2.0, 1.0]), truth, 0.5).tolist() == [True, True]
    assert match_detections(boxes, torch.tensor([2.0, 1.0]), truth, 0.7).tolist() == [True, False]


@given(scored, st.lists(box, max_size=4), st.sampled_from([0.1, 0.5, 1.0]))
def test_matching_agrees_with_a_second_program(pairs, rows: list[list[int]], threshold: float) -> None:
    boxes, scores = unzip(pairs)
    expected, free = [False] * len(boxes), dict(enumerate(map(pixels, rows)))
    for n in sorted(range(len(boxes)), key=lambda n: (-scores[n].item(), n)):
        own = pixels([int(edge) for edge in boxes[n]])
        share = {m: len(own & other) / max(1, len(own | other)) for m, other in free.items()}
        best = max(share, key=lambda m: (share[m], -m), default=None)
        if best is not None and share[best] >= threshold:
            expected[n] = True
            del free[best]
    assert match_detections(boxes, scores, boxes_of(rows), threshold).tolist() == expected


# Precision, recall, and the area under them

LIST = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.5]), torch.tensor([True, False, True, False, True])


def test_the_curve_and_its_area_for_five_detections_of_four_objects_by_hand() -> None:
    curve = precision_recall(*LIST, positives=4)
    torch.testing.assert_close(curve.recall, torch.tensor([1, 1, 2, 2, 3]).double() / 4)
    torch.testing.assert_close(curve.precision, torch.tensor([1, 1 / 2, 2 / 3, 2 / 4, 3 / 5]).double())
    torch.testing.assert_close(curve.threshold, LIST[0])
    # Each new object adds a quarter, at the best precision still to come: 1, 2/3 and 3/5.
    assert average_precision(*LIST, positives=4) == pytest.approx((1 + 2 / 3 + 3 / 5) / 4)


def test_a_tooth_is_filled_to_the_best_precision_still_to_come() -> None:
    scores, correct = torch.tensor([4.0, 3, 2, 1]), torch.tensor([False, True, True, True])
    assert average_precision(scores, correct, positives=3) == pytest.approx(3 / 4)
    unfilled = (1 / 2 + 2 / 3 + 3 / 4) / 3
    assert average_precision_score(correct, scores) == pytest.approx(unfilled)


def test_detections_of_equal_score_enter_together() -> None:
    scores, correct = torch.ones(4), torch.tensor([True, False, False, True])
    curve = precision_recall(scores, correct, positives=2)
    assert [column.tolist() for column in curve] == [[1.0], [0.5], [1.0]]
    assert average_precision(scores, correct, positives=2) == 1 / 2


def test_without_detections_the_area_is_zero() -> None:
    nothing = torch.zeros(0), torch.zeros(0, dtype=torch.bool)
    assert average_precision(*nothing, positives=3) == 0
    assert [len(column) for column in precision_recall(*nothing, positives=3)] == [0, 0, 0]


@given(detections, st.integers(1, 5))
def test_the_area_is_what_a_second_program_gets(pairs: list[tuple[int, bool]], unfound: int) -> None:
    scores, correct = ranked(pairs)
    positives = int(correct.sum()) + unfound
    points = []  # recall and precision at each threshold, counted out
    for threshold in set(scores.tolist()):
        above = correct[scores >= threshold].tolist()
        points.append((sum(above) / positives, sum(above) / len(above)))
    # Between two neighbouring multiples of 1 / positives nothing changes.
    middles = [(k + 0.5) / positives for k in range(positives)]
    best = [max((p for r, p in points if r >= middle), default=0.0) for middle in middles]
    assert average_precision(scores, correct, positives) == pytest.approx(sum(best) / positives, abs=1e-12)


@given(detections.filter(lambda pairs: any(correct for _, correct in pairs)))
def test_the_points_are_scikit_learns_and_the_area_at_least_as_large(pairs: list[tuple[int, bool]]) -> None:
    scores, correct = ranked(pairs)
    positives = int(correct.sum())
    curve = precision_recall(scores, correct, positives)
    steps = (curve.recall.diff(prepend=torch.zeros(1)) * curve.precision).sum().item()
    assert steps == pytest.approx(average_precision_score(correct, scores))
    assert average_precision(scores, correct, positives) >= steps - 1e-12


@given(detections, st.integers(1, 3), st.randoms(use_true_random=False))
def test_only_the_order_of_the_scores_counts_and_never_the_order_of_the_list(pairs, unfound: int, random) -> None:
    scores, correct = ranked(pairs)
    positives = int(correct.sum()) + unfound
    area = average_precision(scores, correct, positives)
    shuffled = random.sample(range(len(pairs)), len(pairs))
    assert average_precision(scores[shuffled], correct[shuffled], positives) == pytest.approx(area)
    assert average_precision(scores.exp(), correct, positives) == pytest.approx(area)
    assert 0 <= area <= (positives - unfound) / positives


@settings(max_examples=30)
@given(st.lists(solid, min_size=1, max_size=4, unique_by=tuple))
def test_detecting_exactly_the_truth_gives_one(rows: list[list[int]]) -> None:
    truth = boxes_of(rows)
    scores = torch.arange(len(truth)).double()
    correct = match_detections(truth, scores, truth)
    assert average_precision(scores, correct, positives=len(truth)) == 1


# Scenes


def test_a_scene_without_scraps_is_bright_in_its_boxes_and_nowhere_else() -> None:
    pictures, boxes = scenes(torch.ones(2, 1, 8, 8), count=5, scraps=0)
    for picture, rows in zip(pictures, boxes, strict=True):
        inside = {pixel for row in rows.int().tolist() for pixel in pixels(row)}
        assert {(x, y) for y, x in (picture[0] > 0.9).nonzero().tolist()} == inside
    sides = boxes[..., 2:] - boxes[..., :2]
    assert (sides[..., 0] == sides[..., 1]).all()
    assert sides.min() >= 8
    assert sides.max() <= 16
    assert boxes.min() >= 0
    assert boxes.max() <= 40


def test_a_scrap_is_a_third_of_an_image_and_has_no_box() -> None:
    pictures, boxes = scenes(torch.ones(1, 1, 9, 9), count=20, objects=1, scraps=1, size=90)
    lit = (pictures > 0.9).sum((1, 2, 3))
    sides = (boxes[:, 0, 2] - boxes[:, 0, 0]).int()
    more = lit - sides**2
    possible = {side * (side // 3) for side in range(9, 19)}
    assert boxes.shape == (20, 1, 4)
    apart = [extra for extra in more.tolist() if extra in possible]
    assert len(apart) > 10  # the others overlap


def test_the_seed_decides_a_scene() -> None:
    images = torch.rand(4, 1, 8, 8)
    first, again, other = (scenes(images, 2, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    assert 0 <= first[0].min() <= first[0].max() <= 1


# Windows


def test_windows_at_the_images_own_size_are_its_parts_and_their_boxes_say_where() -> None:
    image = torch.arange(35.0).reshape(5, 7)
    windows, boxes = sliding_windows(image, 3, smallest=3, growth=9, stride=2)
    assert len(windows) == len(boxes) == 2 * 3
    for window, (x1, y1, x2, y2) in zip(windows, boxes.int().tolist(), strict=True):
        assert torch.equal(window[0], image[y1:y2, x1:x2])


def test_larger_windows_show_the_same_place_smaller() -> None:
    ramp = torch.arange(60.0).expand(40, 60)  # each pixel says its column
    windows, boxes = sliding_windows(ramp, 5, smallest=10, growth=1.3, stride=1)
    assert boxes.min() >= 0
    assert (boxes.amax(0) <= torch.tensor([60.0, 40, 60, 40]) + 1e-4).all()
    torch.testing.assert_close(windows.mean((1, 2, 3)), (boxes[:, 0] + boxes[:, 2]) / 2 - 0.5, atol=0.3, rtol=0)
    assert ((boxes[:, 2] - boxes[:, 0]) >= 10 - 1e-4).all()
    assert ((boxes[:, 2] - boxes[:, 0]) > 30).any()


def test_a_warp_by_nothing_changes_nothing_and_others_are_known_by_hand() -> None:
    images = torch.rand(2, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    one, none, still = torch.ones(2), torch.zeros(2), torch.zeros(2, 2)
    torch.testing.assert_close(warp(images, one, none, still), images)
    right = torch.tensor([[2 / 5, 0], [0, 0]])
    moved = warp(images, one, none, right)
    torch.testing.assert_close(moved[0, :, :, :-1], images[0, :, :, 1:])  # shows what lies to the right
    torch.testing.assert_close(moved[1], images[1])
    quarter = warp(images, one, one * math.pi / 2, still)
    torch.testing.assert_close(quarter, torch.rot90(images, 1, (2, 3)), atol=1e-5, rtol=0)
    middle = warp(images, one / 5, none, still)[..., 2, 2]
    torch.testing.assert_close(middle, images[..., 2, 2])


def test_boxes_vote_for_those_that_they_overlap_weighted_by_score() -> None:
    boxes = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 6], [0, 2, 4, 6], [9, 9, 10, 10]])
    # Overlaps: 2/3 of the first with the second and of the second with the third, 1/3 of the first with the third.
    mean, votes = vote(boxes, torch.tensor([1.0, 3, 2, 0.5]))
    torch.testing.assert_close(votes, torch.tensor([4.0, 6, 5, 0.5]))
    torch.testing.assert_close(mean[0], torch.tensor([0.0, 0, 4, (4 + 18) / 4]))
    torch.testing.assert_close(mean[2], torch.tensor([0.0, 4 / 5, 4, 6]))
    torch.testing.assert_close(mean[3], boxes[3])


def test_jitter_moves_by_the_given_amounts_and_a_little_at_random_by_its_seed() -> None:
    ramp = torch.linspace(-1, 1, 51, dtype=torch.float64).expand(400, 1, 51, 51)  # each pixel says its x
    middle = jitter(ramp, zoom=0.5)[:, 0, 25]
    slopes = (middle[:, 35] - middle[:, 15]) / (ramp[0, 0, 0, 35] - ramp[0, 0, 0, 15])
    assert slopes.mean().item() == pytest.approx(0.5, abs=0.01)
    assert slopes.std().item() == pytest.approx(0.5 / 12, rel=0.15)
    assert middle[:, 25].std().item() == pytest.approx(1 / 16, rel=0.15)
    away = jitter(ramp, zoom=0.3, shift=0.5)[:, 0, 25, 25]  # in all directions, so x is 0.5 cos
    assert away.mean().item() == pytest.approx(0, abs=0.06)
    assert away.square().mean().item() == pytest.approx(0.5**2 / 2, rel=0.2)
    turned = jitter(ramp, zoom=0.3, turn=math.pi / 2)[:, 0, :, 25]  # x runs along the other axis now
    assert (turned[:, 35] - turned[:, 15]).abs().mean().item() == pytest.approx(0.3 * 0.8, rel=0.1)
    assert torch.equal(jitter(ramp[:3], seed=1), jitter(ramp[:3], seed=1))
    assert not torch.equal(jitter(ramp[:3], seed=1), jitter(ramp[:3], seed=2))


def test_bootstrap_learns_the_hard_part_of_the_scenery_that_a_plain_sample_hardly_meets() -> None:
    generator = torch.Generator().manual_seed(0)
    spread = 0.1 * torch.randn(3000, 2, generator=generator)
    objects, others = spread[:200] + torch.tensor([1.0, 1]), spread[200:400] - 1
    scenery = spread[400:] + torch.tensor([-1.0, 0])
    scenery[:5] = spread[:5] + torch.tensor([1.0, 0])  # five in 2,600 that only the second number tells apart
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    bootstrap(network, objects, others, scenery, steps=1000)
    assert not network.training
    with torch.no_grad():
        assert (network(objects) > 0).float().mean() > 0.98
        assert (network(scenery[:5]) < 0).all()
        assert (network(scenery) < 0).float().mean() > 0.99
        assert (network(others) < 0).float().mean() > 0.99


def test_search_finds_squares_of_different_sizes_and_ranks_by_votes() -> None:
    image = torch.zeros(60, 60)
    image[5:17, 8:20] = 1
    image[30:54, 25:49] = 1

    def logit(windows: Tensor) -> Tensor:  # bright inside, dark along the border
        inside, edge = windows[:, 0, 1:-1, 1:-1].mean((1, 2)), windows.mean((1, 2, 3))
        return 20 * (inside - edge) - 4

    boxes, votes = search(image, logit, 10, smallest=10)
    assert (votes.diff() <= 0).all()
    best = iou(boxes, torch.tensor([[8.0, 5, 20, 17], [25.0, 30, 49, 54]]))
    assert best.amax(0).min() > 0.4
    assert best[:2].amax(1).min() > 0.4  # and they come first
    nothing, none = search(image, lambda windows: windows.mean((1, 2, 3)) - 2, 10, smallest=10)
    assert (nothing.shape, none.shape) == ((0, 4), (0,))


# What is refused

two, good = torch.tensor([0.5, 0.6]), torch.tensor([[0.0, 0, 1, 1], [2, 2, 3, 3]])
bad = torch.tensor([[0.0, 0, 1, 1], [2, 2, 1, 3]])
flags = torch.tensor([True, False])
line = torch.nn.Linear(1, 1)
rows: Any = [[0.0, 0, 1, 1]]
ordered = r"must be finite boxes with x1 <= x2 and y1 <= y2, got"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: iou(rows, good), "a must be a floating-point torch tensor, got list"),
        (lambda: iou(good, good.long()), r"b must be a floating-point torch tensor, got torch\.int64"),
        (lambda: iou(good, good.double()), r"expected one dtype, got a torch\.float32, b torch\.float64"),
        (lambda: iou(good[:, :3], good), r"a must have shape \(\.\.\., N, 4\), got \(2, 3\)"),
        (lambda: iou(good, good[0]), r"b must have shape \(\.\.\., N, 4\), got \(4,\)"),
        (lambda: iou(bad, good), rf"a {ordered} \[2\.0, 2\.0, 1\.0, 3\.0\]"),
        (lambda: iou(good, bad[:, [1, 0, 3, 2]]), rf"b {ordered} \[2\.0, 2\.0, 3\.0, 1\.0\]"),
        (lambda: iou(good, good / 0), rf"b {ordered} \[nan, nan, inf, inf\]"),
        (
            lambda: iou(good.expand(3, 2, 4), good.expand(2, 2, 4)),
            r"must broadcast, got a \(3, 2, 4\) and b \(2, 2, 4\)",
        ),
        (lambda: non_max_suppression(bad, two), f"boxes {ordered}"),
        (lambda: non_max_suppression(good[None], two), r"boxes must have shape \(N, 4\), got \(1, 2, 4\)"),
        (lambda: non_max_suppression(good, two[:1]), r"scores must have shape \(N,\) with N = 2, got \(1,\)"),
        (lambda: non_max_suppression(good, two.long()), "scores must be a floating-point torch tensor"),
        (lambda: non_max_suppression(good, two * nan), "scores must be numbers, got 2 that are NaN"),
        (lambda: non_max_suppression(good, two, 50), r"threshold must be in \[0, 1\], got 50"),
        (lambda: match_detections(good, two, good[0]), r"truth must have shape \(M, 4\), got \(4,\)"),
        (lambda: match_detections(good, two, good.double()), "expected one dtype"),
        (lambda: match_detections(good, two, bad), f"b {ordered}"),
        (lambda: match_detections(good, two * nan, good), "scores must be numbers"),
        (lambda: match_detections(good, two, good, 0), "threshold must be above 0 and at most 1, got 0"),
        (lambda: precision_recall(two, flags.long(), 2), r"correct must be a bool tensor, got torch\.int64"),
        (lambda: precision_recall(two, rows, 2), "correct must be a bool tensor, got list"),
        (lambda: precision_recall(two, flags[:1], 2), r"correct must have shape \(N,\) with N = 2, got \(1,\)"),
        (lambda: precision_recall(two * nan, flags, 2), "scores must be numbers"),
        (lambda: precision_recall(flags, flags, 2), r"scores must be a floating-point torch tensor, got torch\.bool"),
        (lambda: sliding_windows(good[None], 2, smallest=2), r"image must have shape \(H, W\), got \(1, 2, 4\)"),
        (lambda: sliding_windows(good, 2, smallest=3), "smallest from 1 to 2; got side 2, smallest 3, growth 1.2"),
        (lambda: sliding_windows(good, 2, smallest=2, growth=1), "growth above 1, .* growth 1, stride 2"),
        (lambda: warp(good, two, two, good), r"images must have shape \(N, C, H, W\), got \(2, 4\)"),
        (lambda: warp(good[:, None, None], two * 0, two, good[:, :2]), "zoom must be above 0, got 0"),
        (lambda: vote(good, two, overlap=1), "overlap must be from 0 to below 1, got 1"),
        (lambda: vote(good, two - 0.5), "scores and the boxes' areas must be above 0"),
        (lambda: bootstrap(line, two, two[:, None], two, steps=1), r"one shape, got \(2,\), \(2, 1\), \(2,\)"),
        (lambda: bootstrap(line, two, two, two, steps=0), "steps and batch must be at least 1, got 0 and 40"),
        (lambda: bootstrap(line, two.long(), two, two, steps=1), "objects must be a floating-point torch tensor"),
        (lambda: jitter(flags), "images must be a floating-point torch tensor"),
        (lambda: scenes(torch.ones(1, 8, 8), 1), r"images must have shape \(N, 1, S, S\), got \(1, 8, 8\)"),
        (lambda: scenes(torch.ones(1, 1, 8, 8), 1, size=15), "a size of at least twice 8; got .* size 15"),
        (lambda: scenes(torch.ones(1, 1, 8, 8), 0), "expected scenes, .* got 0 of 3 objects"),
        (lambda: average_precision(two, ~flags & flags, 0), "positives must be at least 1, as 0 are found, got 0"),
        (lambda: average_precision(two, flags | ~flags, 1), "positives must be at least 2, as 2 are found, got 1"),
    ],
)
def test_what_is_no_box_no_score_and_no_count_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


MEASURES = {"average_precision", "iou", "match_detections", "non_max_suppression", "precision_recall"}


@pytest.mark.parametrize("name", [name for name in detection.__all__ if name.islower()])
def test_every_function_is_documented(name: str) -> None:
    doc = inspect.getdoc(getattr(detection, name)) or ""
    measure = ("Returns", "Source", "Differs from", "Examples") if name in MEASURES else ()
    for section in ("Args", "Raises", *measure):
        assert f"\n{section}:\n" in doc
