r"""Boxes: how much two overlap, which of many to keep, and how good a ranked list of them is.

A box is a row $(x_1, y_1, x_2, y_2)$: left, top, right and bottom edge, with $x_1 \le x_2$ and
$y_1 \le y_2$, y pointing down as in images. Edges are places between pixels: the box of pixel
columns 3 to 5 is from 3 to 6 and has width 3.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import affine_grid, binary_cross_entropy_with_logits, grid_sample, interpolate

from dlref.checks import check_floating, check_shapes

__all__ = [
    "PrecisionRecall",
    "average_precision",
    "bootstrap",
    "iou",
    "jitter",
    "match_detections",
    "non_max_suppression",
    "precision_recall",
    "scenes",
    "search",
    "sliding_windows",
    "vote",
    "warp",
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


def sliding_windows(
    image: Tensor, side: int, *, smallest: float, growth: float = 1.2, stride: int = 2
) -> tuple[Tensor, Tensor]:
    """Cut an image into square windows of all places and sizes, all brought to one size.

    The image is shrunk step by step, without smoothing, and at each step windows of the same side are cut from it.

    Args:
        image: Shape (H, W), floating-point.
        side: Side of the windows that come out, in pixels, at least 1.
        smallest: Side of the smallest window in pixels of the image, at least 1 and at most the image's shorter side.
        growth: Factor from each size to the next, above 1.
        stride: Distance of neighbouring windows in pixels of the shrunk image, at least 1.

    Returns:
        The windows, shape (N, 1, side, side), and their boxes in the image, shape (N, 4).

    Raises:
        ValueError: If the image is not floating-point or not (H, W), or a number is out of its range.

    Source:
        Rowley, Baluja and Kanade, "Neural Network-Based Face Detection", IEEE Transactions on Pattern Analysis and
        Machine Intelligence 20, 1998.

    Examples:
        >>> windows, boxes = sliding_windows(torch.rand(6, 6), 3, smallest=3, growth=2, stride=3)
        >>> boxes.tolist()[1], boxes.tolist()[-1]
        ([3.0, 0.0, 6.0, 3.0], [0.0, 0.0, 6.0, 6.0])
    """
    check_floating(image=image)
    check_shapes(image=(image, "H W"))
    if not 1 <= smallest <= min(image.shape) or growth <= 1 or side < 1 or stride < 1:
        given = f"side {side}, smallest {smallest}, growth {growth}, stride {stride}"
        raise ValueError(
            f"expected side and stride from 1, growth above 1, smallest from 1 to {min(image.shape)}; got {given}"
        )
    windows, boxes = [], []
    size = float(smallest)
    while size <= min(image.shape):
        shape = [max(side, int(edge * side / size)) for edge in image.shape]
        small = interpolate(image[None, None], shape, mode="bilinear")[0, 0]
        cut = small.unfold(0, side, stride).unfold(1, side, stride)
        rows, columns = (stride * torch.arange(count).to(image) for count in cut.shape[:2])
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        scale = torch.tensor([image.shape[1] / shape[1], image.shape[0] / shape[0]] * 2).to(image)
        boxes.append(torch.stack([x, y, x + side, y + side], -1).reshape(-1, 4) * scale)
        windows.append(cut.reshape(-1, 1, side, side))
        size *= growth
    return torch.cat(windows), torch.cat(boxes)


def warp(images: Tensor, zoom: Tensor, turn: Tensor, shift: Tensor) -> Tensor:
    r"""Zoom, turn and shift each image of a batch about its middle, its edges mirrored.

    What is shown at $p$ comes from $\text{zoom} \cdot R(\text{turn})\, p + \text{shift}$, with $p = (x, y)$ from
    $-1$ to $1$ across the image: a zoom of one half shows the middle half, twice as large.

    Args:
        images: Shape (N, C, H, W), floating-point.
        zoom: Shape (N,), of the same type, above 0.
        turn: Angle in radians, shape (N,), of the same type.
        shift: Right and down, in halves of the width and height, shape (N, 2), of the same type.

    Returns:
        The images as seen, shape (N, C, H, W), between pixels by straight lines.

    Raises:
        ValueError: If a shape or a type does not fit, or a zoom is not above 0.

    Examples:
        >>> ramp = torch.tensor([[[[0.0, 1.0, 2.0]]]])
        >>> warp(ramp, torch.ones(1), torch.zeros(1), torch.tensor([[2 / 3, 0]]))
        tensor([[[[1.0000, 2.0000, 2.0000]]]])
    """
    check_floating(images=images, zoom=zoom, turn=turn, shift=shift)
    check_shapes(images=(images, "N C H W"), zoom=(zoom, "N"), turn=(turn, "N"), shift=(shift, "N 2"))
    if not (zoom > 0).all():
        raise ValueError(f"zoom must be above 0, got {zoom.min():g}")
    c, s = zoom * turn.cos(), zoom * turn.sin()
    rows = torch.stack([c, -s, shift[:, 0], s, c, shift[:, 1]], dim=1).view(-1, 2, 3)
    grid = affine_grid(rows, list(images.shape), align_corners=False)
    return grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def vote(boxes: Tensor, scores: Tensor, overlap: float = 0.5) -> tuple[Tensor, Tensor]:
    r"""Replace each box by the mean of those that overlap it, and its score by the sum of theirs.

    $$\hat s_n = \sum_{m:\, \operatorname{IoU}(b_n, b_m) > t} s_m, \qquad
    \hat b_n = \frac{1}{\hat s_n} \sum_{m:\, \operatorname{IoU}(b_n, b_m) > t} s_m b_m$$

    A true object is found from many places nearby, a false alarm often from one only.

    Args:
        boxes: Shape (N, 4), floating-point, with an area.
        scores: Shape (N,), of the same type, above 0, such as probabilities.
        overlap: How much two boxes must overlap to vote for each other, from 0 to below 1.

    Returns:
        The mean boxes, shape (N, 4), and the sums, shape (N,), for `non_max_suppression` to choose from.

    Raises:
        ValueError: If a shape or a type does not fit, a score is not above 0, a box is not as `iou` wants it or has
            no area, or `overlap` is out of its range.

    Source:
        Gidaris and Komodakis, "Object detection via a multi-region and semantic segmentation-aware CNN model",
        ICCV 2015, section 5: box voting, there after suppression.

    Examples:
        >>> boxes, votes = vote(torch.tensor([[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 4.0, 5.0]]), torch.ones(2))
        >>> boxes[0].tolist(), votes[0].item()
        ([0.0, 0.0, 4.0, 4.5], 2.0)
    """
    check_floating(boxes=boxes, scores=scores)
    _check_scored(boxes, scores)
    if not 0 <= overlap < 1:
        raise ValueError(f"overlap must be from 0 to below 1, got {overlap}")
    if not (scores > 0).all() or not (_area(boxes) > 0).all():
        raise ValueError("scores and the boxes' areas must be above 0, got some that are not")
    ballots = (iou(boxes, boxes) > overlap) * scores
    votes = ballots.sum(1)
    return ballots @ boxes / votes[:, None], votes


def jitter(images: Tensor, *, zoom: float = 1.0, turn: float = 0.0, shift: float = 0.0, seed: int = 0) -> Tensor:
    """Zoom, turn and shift each image by the given amounts and, a little, at random, as in `warp`.

    Args:
        images: Shape (N, C, H, W), floating-point.
        zoom: Mean of the zooms, whose deviation is 1/12 of it.
        turn: Mean of the angles in radians, whose deviation is 1/7.
        shift: How far to shift, in a random direction; 1/16 of normal noise is added right and down.
        seed: The same seed gives the same moves.

    Returns:
        The images as seen, shape (N, C, H, W).

    Raises:
        ValueError: As for `warp`.

    Examples:
        >>> jitter(torch.ones(2, 1, 5, 5)).shape
        torch.Size([2, 1, 5, 5])
    """
    check_floating(images=images)
    generator, count = torch.Generator().manual_seed(seed), len(images)
    noise = torch.randn(4, count, generator=generator, dtype=images.dtype).clamp(-2, 2)
    way = 2 * torch.pi * torch.rand(count, generator=generator, dtype=images.dtype)
    shifts = shift * torch.stack([way.cos(), way.sin()], 1) + noise[2:].T / 16
    return warp(images, zoom * (1 + noise[0] / 12), turn + noise[1] / 7, shifts)


def bootstrap(
    network: nn.Module, objects: Tensor, others: Tensor, scenery: Tensor, *, steps: int, batch: int = 40, seed: int = 0
) -> None:
    """Train a network to tell objects from the rest, on those of the scenery that it takes for objects.

    Scenery is plentiful and mostly easy. So the network scores all of it again every 100 steps, and each batch draws
    from it in proportion to the probability of an object that the network then saw there, plus one thousandth.

    Args:
        network: From windows (B, ...) to one logit for each, (B, 1). It is trained in place, by AdamW with rates that
            fall from 0.003 to 0, and left in evaluation mode.
        objects: Windows that show an object, shape (N, ...), floating-point.
        others: Windows that show something like one, shape (M, ...).
        scenery: Windows of pictures without objects, shape (K, ...).
        steps: How many steps, at least 1.
        batch: How many windows of each kind make a batch, at least 1.
        seed: Decides which windows; what the network draws itself, as in dropout, is torch's seed.

    Raises:
        ValueError: If windows are not floating-point or differ in shape, or if `steps` or `batch` is below 1.

    Source:
        Sung and Poggio, "Example-based learning for view-based human face detection", IEEE Transactions on Pattern
        Analysis and Machine Intelligence 20, 1998: bootstrapping, also known as hard negative mining.
    """
    check_floating(objects=objects, others=others, scenery=scenery)
    if not objects.shape[1:] == others.shape[1:] == scenery.shape[1:]:
        shapes = ", ".join(str(tuple(windows.shape)) for windows in (objects, others, scenery))
        raise ValueError(f"windows must have one shape, got {shapes}")
    if steps < 1 or batch < 1:
        raise ValueError(f"steps and batch must be at least 1, got {steps} and {batch}")
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.003, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 1e-3, steps)
    truth = torch.arange(3 * batch)[:, None].lt(batch).to(objects)
    for step in range(steps):
        if step % 100 == 0:
            network.eval()
            with torch.no_grad():
                mistaken = network(scenery)[:, 0].sigmoid() + 0.001
            network.train()
        drawn = [windows[torch.randint(len(windows), (batch,), generator=generator)] for windows in (objects, others)]
        hard = scenery[torch.multinomial(mistaken, batch, replacement=True, generator=generator)]
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(network(torch.cat([*drawn, hard])), truth).backward()
        optimizer.step()
        schedule.step()
    network.eval()


def search(
    image: Tensor, logit: Callable[[Tensor], Tensor], side: int, *, smallest: float, threshold: float = 0.2
) -> tuple[Tensor, Tensor]:
    """Find objects by scoring windows of all places and sizes, by votes and by suppression.

    Args:
        image: Shape (H, W), floating-point.
        logit: From windows (N, 1, side, side) to logits, (N,) or (N, 1). Above 0 a window votes, with its probability.
        side: Side of the windows that `logit` takes, in pixels.
        smallest: Side of the smallest window in pixels of the image; each next size is 12 % larger.
        threshold: The overlap that is still allowed between two boxes that are found.

    Returns:
        The boxes by falling votes, shape (K, 4), and their votes, shape (K,).

    Raises:
        ValueError: As for `sliding_windows` and `non_max_suppression`.

    Examples:
        >>> image = torch.zeros(20, 20)
        >>> image[8:14, 2:8] = 1
        >>> boxes, votes = search(image, lambda windows: windows.mean((1, 2, 3)) - 0.7, 6, smallest=6)
        >>> boxes.tolist()
        [[2.0, 8.0, 8.0, 14.0]]
    """
    windows, places = sliding_windows(image, side, smallest=smallest, growth=1.12, stride=2)
    with torch.no_grad():
        scores = logit(windows).flatten()
    boxes, votes = vote(places[scores > 0], scores[scores > 0].sigmoid())
    kept = non_max_suppression(boxes, votes, threshold)
    return boxes[kept], votes[kept]


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
