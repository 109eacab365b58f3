"""Images in a grid, and matrices as coloured cells."""

from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from dlref.plots.frame import Array, new_figure

WIDTH = 5.4  # inches: the width of every figure on the site
GREY = plt.get_cmap("gray", 64)  # steps too small to see; a photograph takes a third less room than with 256

# Not quite, because the site draws black and white themselves in its own colours, which change with the palette.
BLACK, WHITE = "#010101", "#fefefe"


def image_grid(
    images: Iterable[ArrayLike],
    titles: Sequence[object] | None = None,
    *,
    columns: int | None = None,
    limits: tuple[float, float] | None = None,
    height: float | None = None,
) -> Figure:
    """Show images side by side, row by row, each pixel as it is.

    All images share one grey scale, so that their brightness can be compared. They may differ in
    size: each fills its own cell.

    Args:
        images: Arrays of shape (H, W), (1, H, W) or, in colour with values in [0, 1], (3, H, W).
        titles: What stands above each image, one for each.
        columns: How many stand in a row; by default all up to eight, then eight.
        limits: What is black and what is white; by default the smallest and largest grey value of
            all images.
        height: Height of a cell in inches; by default what a square image needs.

    Returns:
        A figure with one pair of axes for each image, in their order, framed and without ticks.

    Raises:
        ValueError: If there is no image, one is of another shape or has a number that is not
            finite, or the titles are not as many as the images.

    Examples:
        >>> figure = image_grid([[[0, 1], [2, 3]], [[3, 3], [0, 0]]], ["a ramp", "two stripes"])
        >>> [axes.get_title() for axes in figure.axes]
        ['a ramp', 'two stripes']
        >>> figure.axes[1].images[0].get_clim()
        (0.0, 3.0)
    """
    arrays = [_pixels(f"images[{index}]", image) for index, image in enumerate(images)]
    if not arrays:
        raise ValueError("images must hold at least one image, got none")
    if titles is not None and len(titles) != len(arrays):
        raise ValueError(f"titles must be as many as images, {len(arrays)}, got {len(titles)}")
    across = min(len(arrays), 8) if columns is None else columns
    if across < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    rows = -(-len(arrays) // across)
    grey = [array for array in arrays if array.ndim == 2] or [np.array([[0.0, 1.0]])]
    dark, light = limits or (min(map(np.min, grey)), max(map(np.max, grey)))
    cell = (height or WIDTH / across) + (0.25 if titles is not None else 0.05)
    figure, frame = plt.subplots(rows, across, figsize=(WIDTH, rows * cell), squeeze=False, layout="constrained")
    for index, axes in enumerate(frame.flat):
        if index >= len(arrays):
            axes.remove()
            continue
        _draw(axes, arrays[index], dark, light)
        if titles is not None:
            axes.set_title(str(titles[index]), fontsize="medium" if across < 5 else "small")
    return figure


def heatmap(
    matrix: ArrayLike,
    *,
    xlabel: str = "",
    ylabel: str = "",
    columns: Sequence[object] | None = None,
    rows: Sequence[object] | None = None,
    form: str | None = None,
    bar: str | None = None,
) -> Figure:
    """Draw a matrix as coloured cells, its first row on top.

    The cells are square, unless the matrix is more than four times as long in one direction.

    Args:
        matrix: Shape (R, C), finite.
        xlabel: What the columns are.
        ylabel: What the rows are.
        columns: Names of the columns, C of them.
        rows: Names of the rows, R of them.
        form: How to write each number into its cell, such as ``".0f"``; by default they are not.
        bar: A name for the colour bar beside the matrix; by default there is none, which needs `form`.

    Returns:
        A figure with the matrix, and the colour bar in a second pair of axes.

    Raises:
        ValueError: If the matrix is of another shape, empty, or has a number that is not finite,
            if the names are not as many as its rows or columns, or if neither numbers nor a
            colour bar say what the colours mean.

    Examples:
        >>> figure = heatmap([[0.25, 1], [2, 3]], form=".1f", xlabel="to", ylabel="from")
        >>> [text.get_text() for text in figure.axes[0].texts]
        ['0.2', '1.0', '2.0', '3.0']
    """
    cells = np.asarray(matrix, dtype=np.float64)
    if cells.ndim != 2 or not cells.size or not np.isfinite(cells).all():
        raise ValueError(f"matrix must have shape (R, C) and finite numbers, got shape {cells.shape}")
    if form is None and bar is None:
        raise ValueError("a heatmap needs form, to write its numbers, or bar, to name its colours; got neither")
    figure, axes = new_figure(xlabel, ylabel, height=min(3.2, 0.9 + 4 * cells.shape[0] / cells.shape[1]))
    axes.grid(visible=False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    long = max(cells.shape) > 4 * min(cells.shape)
    image = axes.imshow(cells, interpolation="none", aspect="auto" if long else "equal")
    for name, labels, axis, size in (
        ("columns", columns, axes.xaxis, cells.shape[1]),
        ("rows", rows, axes.yaxis, cells.shape[0]),
    ):
        if labels is None:
            continue
        if len(labels) != size:
            raise ValueError(f"{name} must hold {size} names, got {len(labels)}")
        axis.set_ticks(range(size), [str(label) for label in labels])
    if form is not None:
        size = "medium" if cells.shape[1] < 9 else "small"
        colours = image.to_rgba(cells)
        for (row, column), value in np.ndenumerate(cells):
            ink = _ink(colours[row, column])
            axes.text(column, row, format(value, form), ha="center", va="center", fontsize=size, color=ink)
    if bar is not None:
        figure.colorbar(image, ax=axes, label=bar)
    return figure


def _ink(colour: ArrayLike) -> str:
    """Return what reads better on a colour, black or white: WCAG's relative luminance decides."""
    channels = np.asarray(colour, dtype=np.float64)[:3]
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return BLACK if linear @ [0.2126, 0.7152, 0.0722] > 0.179 else WHITE


def _pixels(name: str, image: ArrayLike) -> Array:
    """Return an image as (H, W), or as (H, W, 3) if it has colours."""
    array = np.asarray(image, dtype=np.float64)
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3 and array.shape[0] == 3:
        array = array.transpose(1, 2, 0)
    elif array.ndim != 2:
        raise ValueError(f"{name} must have shape (H, W), (1, H, W) or (3, H, W), got {array.shape}")
    if not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name} must hold at least one number, all finite")
    return array


def _draw(axes: Axes, pixels: Array, dark: float, light: float) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)  # a white image ends somewhere, on a white page too
    axes.imshow(pixels, cmap=GREY, vmin=dark, vmax=light, interpolation="none")
