r"""Boxes: how much two overlap, which of many to keep, and how good a ranked list of them is.

A box is a row $(x_1, y_1, x_2, y_2)$: left, top, right and bottom edge, with $x_1 \le x_2$ and
$y_1 \le y_2$, y pointing down as in images. Edges are places between pixels: the box of pixel
columns 3 to 5 is from 3 to 6 and has width 3.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from dlref.checks import check_floating, check_shapes

__all__ = [
    "PrecisionRecall",
    "average_precision",
    "iou",
    "match_detections",
    "non_max_suppression",
    "precision_recall",
    "scenes",
]


def iou(a: Tensor, b: Tensor) -> Tensor:
    r"""Return the intersection over union of each box of one set with each box of another.

    $$\operatorname{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|}
    = \frac{|A \cap B|}{|A| + |B| - |A \cap B|}$$

    It is also called the Jaccard index. Boxes that do not overlap have 0, and slope 0, however far apart they are.

    Args:
        a: Boxes, shape (..., N, 4), floating-point, in any unit.
        b: Boxes, shape (..., M, 4), of the same type and unit; leading axes broadcast, so that (B, N, 4) and
            (B, M, 4) are compared image by image.

    Returns:
        Numbers in $[0, 1]$, shape (..., N, M). Boxes without area have 0 with every box, themselves included.

    Raises:
        ValueError: If the boxes are not floating-point or differ in type, if a last axis is not 4, if the leading
            axes do not broadcast, or if a box has its right edge left of its left one, its bottom above its top, or
            an edge that is not finite.

    Source:
        Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11, 1912; for boxes:
        Everingham, Van Gool, Williams, Winn and Zisserman, "The Pascal Visual Object Classes (VOC) Challenge",
        International Journal of Computer Vision 88, 2010, section 4.2.

    Differs from:
        `torchvision.ops.box_iou` takes (N, 4) and (M, 4), checks nothing, and gives NaN for two boxes without area.
        Pascal VOC's own code counts pixels, so that its box from 3 to 5 has width 3; COCO's boxes are given as
        (x, y, width, height).

    Examples:
        >>> iou(torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([[1.0, 0.0, 3.0, 2.0], [5.0, 5.0, 6.0, 6.0]]))
        tensor([[0.3333, 0.0000]])
    """
    check_floating(a=a, b=b)
    _check_boxes(a=a, b=b)
    try:
        torch.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except RuntimeError:
        raise ValueError(f"leading axes must broadcast, got a {tuple(a.shape)} and b {tuple(b.shape)}") from None
    dtype = a.dtype
    if dtype.itemsize < 4:  # the area of 256 by 256 is more than float16 can hold
        a, b = a.float(), b.float()
    a, b = a.unsqueeze(-2), b.unsqueeze(-3)  # (..., N, 1, 4) and (..., 1, M, 4)
    width, height = (torch.minimum(a, b)[..., 2:] - torch.maximum(a, b)[..., :2]).clamp(min=0).unbind(-1)
    intersection = width * height
    union = _area(a) + _area(b) - intersection
    return (intersection / torch.where(union > 0, union, 1)).to(dtype)


def non_max_suppression(boxes: Tensor, scores: Tensor, threshold: float = 0.5) -> Tensor:
    r"""Keep the best box, drop those that overlap it too much, and go on with the rest.

    $$\text{keep } n \iff \operatorname{IoU}(b_n, b_m) \le \text{threshold for every kept } m
    \text{ with } s_m > s_n$$

    Args:
        boxes: Shape (N, 4), floating-point.
        scores: How sure the detector is of each, shape (N,), of any floating type, not NaN. Of equal scores the
            earlier box comes first.
        threshold: The overlap that is still allowed between two kept boxes, in $[0, 1]$; 1 keeps all.

    Returns:
        Indices of the kept boxes by falling score, int64 of shape (K,). For several classes, call it once for each.

    Raises:
        ValueError: If the shapes are not (N, 4) and (N,), if one is not floating-point, if a box is not as `iou`
            wants it, if a score is NaN, or if `threshold` is not in $[0, 1]$.

    Source:
        Felzenszwalb, Girshick, McAllester and Ramanan, "Object Detection with Discriminatively Trained Part-Based
        Models", IEEE Transactions on Pattern Analysis and Machine Intelligence 32, 2010, section 7.

    Differs from:
        `torchvision.ops.nms`, which also drops above the threshold only, promises no order among equal scores.

    Examples:
        >>> boxes = torch.tensor([[0.0, 0.0, 4.0, 4.0], [1.0, 0.0, 5.0, 4.0], [8.0, 0.0, 12.0, 4.0]])
        >>> non_max_suppression(boxes, torch.tensor([0.8, 0.9, 0.7]), threshold=0.5)
        tensor([1, 2])
    """
    _check_scored(boxes, scores)
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must be in [0, 1], got {threshold}")
    order = scores.argsort(descending=True, stable=True)
    too_close = iou(boxes, boxes) > threshold
    kept: list[int] = []
    for index in order.tolist():
        if not too_close[index, kept].any():
            kept.append(index)
    return torch.tensor(kept, dtype=torch.int64)


def match_detections(boxes: Tensor, scores: Tensor, truth: Tensor, threshold: float = 0.5) -> Tensor:
    """Say which detections in one image are correct: each true box counts once, for the surest detection.

    By falling score, each detection takes the true box that it overlaps most among those not yet taken. It is
    correct if that overlap is at least the threshold; a second detection of the same object is a false alarm.

    Args:
        boxes: The detections, shape (N, 4), floating-point.
        scores: How sure the detector is of each, shape (N,), not NaN. Of equal scores the earlier comes first.
        truth: The true boxes, shape (M, 4), of the type of `boxes`.
        threshold: The overlap from which on a detection is correct, above 0 and at most 1.

    Returns:
        Whether each detection is correct, bool of shape (N,), in the order of `boxes`.

    Raises:
        ValueError: If the shapes are not (N, 4), (N,) and (M, 4), a box is not as `iou` wants it, a score is NaN, or
            the threshold is not above 0 and at most 1.

    Source:
        Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", International Journal of Computer
        Vision 88, 2010, section 4.2; Lin et al., "Microsoft COCO: Common Objects in Context", arXiv 1405.0312.

    Differs from:
        This is COCO's rule. In Pascal VOC a detection whose best true box is taken is false even if it overlaps
        another one enough.

    Examples:
        >>> truth = torch.tensor([[0.0, 0.0, 4.0, 4.0]])
        >>> twice = torch.tensor([[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 3.0]])
        >>> match_detections(twice, torch.tensor([0.8, 0.9]), truth)
        tensor([False,  True])
    """
    _check_scored(boxes, scores)
    check_floating(boxes=boxes, truth=truth)
    check_shapes(truth=(truth, "M 4"))
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, got {threshold}")
    overlap = iou(boxes, truth).detach()
    correct = torch.zeros(len(boxes), dtype=torch.bool)
    if not len(truth):
        return correct
    for index in scores.argsort(descending=True, stable=True).tolist():
        best = overlap[index].argmax()
        if overlap[index, best] >= threshold:
            correct[index] = True
            overlap[:, best] = 0  # taken
    return correct


class PrecisionRecall(NamedTuple):
    """What a detector gets right at each threshold of its score, from the highest down.

    Attributes:
        recall: Share of the objects that are found, shape (K,), rising.
        precision: Share of the detections that are correct, shape (K,).
        threshold: The scores that occur, shape (K,), falling.
    """

    recall: Tensor
    precision: Tensor
    threshold: Tensor


def precision_recall(scores: Tensor, correct: Tensor, positives: int) -> PrecisionRecall:
    r"""Return precision against recall, at each score that occurs.

    $$P(t) = \frac{|\{n : s_n \ge t,\, n \text{ correct}\}|}{|\{n : s_n \ge t\}|}, \qquad
    R(t) = \frac{|\{n : s_n \ge t,\, n \text{ correct}\}|}{\text{positives}}$$

    Args:
        scores: How sure the detector is of each detection of all images together, shape (N,), not NaN.
        correct: Whether it is correct, bool of shape (N,), as from `match_detections`.
        positives: How many objects there are in all images, found or not, at least 1.

    Returns:
        The curve in float64; detections of equal score enter together. It is empty if there is no detection.

    Raises:
        ValueError: If scores are not floating-point or are NaN, `correct` is not bool, the shapes are not (N,) both,
            or `positives` is below 1 or below the number of correct detections.

    Source:
        Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", International Journal of Computer
        Vision 88, 2010, section 4.2.

    Differs from:
        `sklearn.metrics.precision_recall_curve` knows only objects that have a score, runs the other way round and
        adds a last point with precision 1 and recall 0.

    Examples:
        >>> curve = precision_recall(torch.tensor([0.9, 0.8, 0.7]), torch.tensor([True, False, True]), positives=4)
        >>> curve.recall
        tensor([0.2500, 0.2500, 0.5000], dtype=torch.float64)
        >>> curve.precision
        tensor([1.0000, 0.5000, 0.6667], dtype=torch.float64)
    """
    check_floating(scores=scores)
    _check_scores(scores)
    given = getattr(correct, "dtype", type(correct).__name__)
    if given != torch.bool:
        raise ValueError(f"correct must be a bool tensor, got {given}")
    check_shapes(scores=(scores, "N"), correct=(correct, "N"))
    found = int(correct.sum())
    if positives < 1 or positives < found:
        raise ValueError(f"positives must be at least {max(1, found)}, as {found} are found, got {positives}")
    order = scores.argsort(descending=True)
    ranked = scores.detach()[order]
    hits = correct[order].cumsum(0).double()
    last = torch.ones_like(correct)
    last[:-1] = ranked[1:] < ranked[:-1]  # of detections with equal scores
    counts = torch.arange(1, len(ranked) + 1)[last]
    return PrecisionRecall(hits[last] / positives, hits[last] / counts, ranked[last])


def average_precision(scores: Tensor, correct: Tensor, positives: int) -> float:
    r"""Return the area under precision against recall, once precision may not rise with recall.

    $$\mathrm{AP} = \sum_k (R_k - R_{k-1}) \max_{j \ge k} P_j, \qquad R_0 = 0$$

    The maximum fills the saw's teeth: no one would take a threshold at which both are worse than at another.

    Args:
        scores: How sure the detector is of each detection of all images together, shape (N,), not NaN.
        correct: Whether it is correct, bool of shape (N,), as from `match_detections`.
        positives: How many objects there are in all images, found or not, at least 1.

    Returns:
        A number from 0 to 1; 1 if every object is found, and surer than all false alarms. 0 without detections.

    Raises:
        ValueError: As for `precision_recall`.

    Source:
        Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", International Journal of
        Computer Vision 111, 2015: the area, used since 2010.

    Differs from:
        COCO averages the same maximum at the recalls 0, 0.01, …, 1, and then over overlaps from 0.5 to 0.95; Pascal
        VOC 2007 averages it at 0, 0.1, …, 1. Both rank equal scores one by one.
        `sklearn.metrics.average_precision_score` takes no maximum, and counts only objects that have a score.

    Examples:
        >>> average_precision(torch.tensor([0.9, 0.8, 0.7]), torch.tensor([True, False, True]), positives=2)
        0.8333333333333333
    """
    recall, precision, _ = precision_recall(scores, correct, positives)
    if not len(recall):
        return 0.0
    best_to_come = precision.flip(0).cummax(0).values.flip(0)
    return float((recall.diff(prepend=torch.zeros(1)) * best_to_come).sum())


def scenes(
    images: Tensor, count: int, *, objects: int = 3, scraps: int = 6, size: int = 40, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Scatter small images over larger ones, with scraps of others between them, to practise detection on.

    Each object is one of the images, at 1 to 2 times its size; a scrap is the left third of one. They may overlap:
    where they do, the brighter pixel shows. The ground is noise, the size of a normal number of deviation 0.15.

    Args:
        images: Square ones, bright on dark, shape (N, 1, S, S), floating-point, in [0, 1].
        count: How many scenes.
        objects: How many of the images in each scene, at least 1.
        scraps: How many scraps in each scene.
        size: Side of a scene in pixels, at least twice the images' side.
        seed: The same seed gives the same scenes.

    Returns:
        The scenes, shape (count, 1, size, size), in [0, 1], and the boxes of the objects, shape (count, objects, 4).

    Raises:
        ValueError: If the images are not of that shape, or a number is too small.

    Examples:
        >>> pictures, boxes = scenes(torch.ones(1, 1, 8, 8), count=2)
        >>> pictures.shape, boxes.shape
        (torch.Size([2, 1, 40, 40]), torch.Size([2, 3, 4]))
    """
    check_floating(images=images)
    check_shapes(images=(images, "N 1 S S"))
    smallest = images.shape[-1]
    if count < 1 or objects < 1 or scraps < 0 or size < 2 * smallest or not len(images):
        given = f"{count} of {objects} objects and {scraps} scraps from {len(images)} images, size {size}"
        raise ValueError(f"expected scenes, objects and images, and a size of at least twice {smallest}; got {given}")
    generator = torch.Generator().manual_seed(seed)

    def draw(low: int, high: int, number: int = 1) -> list[int]:
        return torch.randint(low, high + 1, (number,), generator=generator).tolist()

    canvas = (0.15 * torch.randn(count, 1, size, size, generator=generator, dtype=images.dtype)).abs().clamp(max=1)
    boxes = images.new_zeros(count, objects, 4)
    for scene, own in zip(canvas, boxes, strict=True):
        for number, pick in enumerate(draw(0, len(images) - 1, objects + scraps)):
            (side,) = draw(smallest, 2 * smallest)
            x, y = draw(0, size - side, 2)
            image = interpolate(images[pick, None], (side, side), mode="bilinear")[0]
            if number < objects:
                own[number] = torch.tensor([x, y, x + side, y + side])
            else:
                image = image[:, :, : side // 3]
            place = scene[:, y : y + side, x : x + image.shape[-1]]
            place.copy_(torch.maximum(place, image))
    return canvas, boxes


def _area(boxes: Tensor) -> Tensor:
    width, height = (boxes[..., 2:] - boxes[..., :2]).unbind(-1)
    return width * height


def _check_boxes(**boxes: Tensor) -> None:
    """Refuse boxes whose edges are not in order, naming the first of them."""
    for name, given in boxes.items():
        check_shapes(**{name: (given, "... N 4")})
        wrong = ~((given[..., :2] <= given[..., 2:]).all(-1) & given.isfinite().all(-1))
        if wrong.any():
            first = [round(edge, 4) for edge in given[wrong][0].tolist()]
            raise ValueError(f"{name} must be finite boxes with x1 <= x2 and y1 <= y2, got {first}")


def _check_scored(boxes: Tensor, scores: Tensor) -> None:
    check_floating(boxes=boxes)
    check_floating(scores=scores)
    check_shapes(boxes=(boxes, "N 4"), scores=(scores, "N"))
    _check_boxes(boxes=boxes)
    _check_scores(scores)


def _check_scores(scores: Tensor) -> None:
    if scores.isnan().any():
        raise ValueError(f"scores must be numbers, got {int(scores.isnan().sum())} that are NaN")
