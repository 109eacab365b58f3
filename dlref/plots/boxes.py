"""Boxes over an image: what was found, and what is there."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import patheffects
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from dlref.plots.frame import LINE_STYLES, Array, new_figure, numbered

WIDTH = 5.4  # inches, as every other figure
TALLEST = 5.4
LETTER = (0.62, 1.3)  # how wide and how high a letter is, in parts of the font's size
POINTS = 9  # the labels' font size


def detections(
    image: ArrayLike, groups: Mapping[str, ArrayLike], *, labels: Mapping[str, Sequence[str]] | None = None
) -> Figure:
    """Draw groups of boxes over a grey image, each in its own colour and line style.

    Args:
        image: Grey values in [0, 1], shape (H, W), 0 being black.
        groups: From one to eight arrays of boxes (x1, y1, x2, y2) in pixels, shape (N, 4), by label; N may be 0.
            Edges lie between pixels: the box of the whole image is (0, 0, W, H).
        labels: A text for each box of a group, by the same label, such as its score.

    Returns:
        A figure with the image, a rectangle for each box, a legend below, and each text at its box: where
            there is room, above it, else below or inside, so that no two texts overlap.

    Raises:
        ValueError: If the image is not (H, W) or not in [0, 1], if boxes are not (N, 4), if there are no groups or
            more than eight, or if the labels do not fit the groups.

    Examples:
        >>> figure = detections([[0, 1], [1, 0]], {"found": [[0, 0, 1, 2]]}, labels={"found": ["0.9"]})
        >>> figure.axes[0].patches[0].get_bbox().size.tolist()
        [1.0, 2.0]
    """
    pixels = np.asarray(image, dtype=np.float64)
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"image must have shape (H, W), got {pixels.shape}")
    if not (pixels.min() >= 0 and pixels.max() <= 1):
        raise ValueError(f"image must be in [0, 1], got {pixels.min():g} to {pixels.max():g}")
    texts = {} if labels is None else labels
    if not set(texts) <= set(groups):
        raise ValueError(f"labels must be for {list(groups)}, got {list(texts)}")

    height, width = pixels.shape
    inches = min(WIDTH, TALLEST * width / height)
    figure, axes = new_figure("", "")
    figure.set_size_inches(inches, inches * height / width + 0.35)
    # At its own resolution, so that the page carries no more than the image's pixels.
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, interpolation="none", extent=(0, width, height, 0))
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(height, 0))
    drawn: list[tuple[Array, str, str]] = []
    for index, label in numbered(groups):
        rows = np.asarray(groups[label], dtype=np.float64)
        if rows.size == 0:
            rows = rows.reshape(0, 4)
        if rows.ndim != 2 or rows.shape[1] != 4:
            raise ValueError(f"{label!r} must have shape (N, 4), got {rows.shape}")
        own = list(texts.get(label, [""] * len(rows)))
        if len(own) != len(rows):
            raise ValueError(f"{label!r} has {len(rows)} boxes, got {len(own)} labels")
        style, color = LINE_STYLES[index], f"C{index}"
        for row, text in zip(rows, own, strict=True):
            corner, size = (row[0], row[1]), (row[2] - row[0], row[3] - row[1])
            # Under each line a wider one in the page's own colour, to be seen on dark and on light ground.
            axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor="white", linewidth=3.6, alpha=0.8))
            axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=color, linestyle=style, linewidth=2))
            drawn.append((row, text, color))
        axes.plot([], [], color=color, linestyle=style, label=label)
    letter = np.array(LETTER) * POINTS * width / (inches * 72)  # in pixels of the image
    sizes = np.array([[max(1, len(text)) * letter[0], letter[1]] for _, text, _ in drawn]).reshape(-1, 2)
    named = [k for k, (_, text, _) in enumerate(drawn) if text]
    places = _places(np.array([drawn[k][0] for k in named]).reshape(-1, 4), sizes[named], (width, height))
    for k, (x, y) in zip(named, places, strict=True):
        _, text, color = drawn[k]
        halo = [patheffects.withStroke(linewidth=3, foreground="white")]
        axes.text(x, y, text, color=color, fontsize=POINTS, va="top", weight="bold", path_effects=halo)
    figure.legend(loc="outside lower center", ncols=len(groups))
    return figure


def _places(boxes: Array, sizes: Array, frame: tuple[int, int]) -> list[tuple[float, float]]:
    """Return the left upper corner of each text: at its box, in the image, and on no other text."""
    taken: list[tuple[float, float, float, float]] = []
    for (x1, y1, x2, y2), (width, height) in zip(boxes, sizes, strict=True):
        lefts, tops = (x1, x2 - width), (y1 - height, y2, y1, y2 - height)
        spots = [(x, y, x + width, y + height) for y in tops for x in lefts]
        inside = [s for s in spots if s[0] >= 0 and s[1] >= 0 and s[2] <= frame[0] and s[3] <= frame[1]]
        free = [s for s in inside if not any(_meet(s, other) for other in taken)]
        taken.append((free or inside or spots)[0])
    return [(x, y) for x, y, _, _ in taken]


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
