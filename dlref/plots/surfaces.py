"""Functions of two variables: as contour lines with paths across them, and as coloured maps."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from dlref.plots.frame import LINE_STYLES, MARKERS, Array, new_figure, numbered, vector


def contour_paths(
    x_grid: ArrayLike,
    y_grid: ArrayLike,
    values: ArrayLike,
    paths: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    goal: tuple[float, float] | None = None,
) -> Figure:
    """Draw a function's contour lines and the paths that optimisers take across them.

    Args:
        x_grid: Horizontal positions, shape (W,), in rising order.
        y_grid: Vertical positions, shape (H,), in rising order.
        values: The function there, shape (H, W), finite.
        paths: From one to eight arrays of shape (steps, 2) by label, first point first; what
            leaves the grid is cut off at its edge.
        xlabel: Name of the horizontal axis.
        ylabel: Name of the vertical axis.
        goal: Where the paths should end, marked by a star.

    Returns:
        A figure with nine contour lines between which lie equal shares of the grid, and for each
            path a line in its own colour, style and marker, its last point enlarged. Every first
            point has a ring.

    Raises:
        ValueError: If shapes do not fit together, a value is not finite, or there are no paths or
            more than eight.

    Examples:
        >>> grid = [-1.0, 0.0, 1.0]
        >>> bowl = [[2, 1, 2], [1, 0, 1], [2, 1, 2]]
        >>> figure = contour_paths(grid, grid, bowl, {"down": [[1, 1], [0, 0]]}, xlabel="a", ylabel="b")
        >>> figure.axes[0].lines[0].get_xydata().tolist()
        [[1.0, 1.0], [0.0, 0.0]]
    """
    x, y, heights = _grid(x_grid, y_grid, values)
    if not np.isfinite(heights).all():
        raise ValueError(f"values must be finite, got {np.count_nonzero(~np.isfinite(heights))} that are not")
    figure, axes = new_figure(xlabel, ylabel)
    axes.grid(visible=False)
    edge = plt.rcParams["axes.edgecolor"]
    levels = np.unique(np.quantile(heights, np.arange(1, 10) / 10))
    axes.contour(x, y, heights, levels, colors=[edge], linewidths=0.7, alpha=0.6)
    for index, label in numbered(paths):
        path = np.asarray(paths[label], dtype=np.float64)
        if path.ndim != 2 or path.shape[1] != 2 or not len(path):
            raise ValueError(f"{label!r} must have shape (steps, 2), got {path.shape}")
        color, marker, style = f"C{index}", MARKERS[index], LINE_STYLES[index]
        axes.plot(*path.T, color=color, linestyle=style, marker=marker, markersize=3, linewidth=1.3, label=label)
        axes.plot(*path[-1], color=color, marker=marker, markersize=8)
        axes.plot(*path[0], color=edge, marker="o", markersize=11, fillstyle="none", linestyle="none")
    if goal is not None:
        axes.plot(*goal, color=edge, marker="*", markersize=13, linestyle="none", zorder=3)
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes.legend()
    return figure


def surface_map(
    x_grid: ArrayLike,
    y_grid: ArrayLike,
    values: ArrayLike,
    *,
    xlabel: str,
    ylabel: str,
    label: str,
    points: ArrayLike | None = None,
) -> Figure:
    """Colour the plane by a function, empty where it is NaN, with measurements as dots on top.

    Dots share the map's colours: where measured and predicted agree, a dot vanishes in its ring.

    Args:
        x_grid: Horizontal positions, shape (W,), in rising order.
        y_grid: Vertical positions, shape (H,), in rising order.
        values: The function there, shape (H, W), not infinite; NaN leaves a gap.
        xlabel: Name of the horizontal axis.
        ylabel: Name of the vertical axis.
        label: Name of the function, beside the colours.
        points: Measurements as rows (x, y, value), shape (N, 3); one whose value is NaN is a cross.

    Returns:
        A figure with the coloured map, labelled contour lines, the dots, and in a second pair of
            axes the meaning of the colours.

    Raises:
        ValueError: If shapes do not fit together, a value is infinite, or all are NaN.

    Examples:
        >>> grid = [0.0, 1.0, 2.0]
        >>> figure = surface_map(
        ...     grid, grid, [[0, 1, 2], [1, 2, 3], [2, 3, np.nan]],
        ...     xlabel="step size", ylabel="momentum", label="rate", points=[[1, 1, 2.1]],
        ... )  # fmt: skip
        >>> figure.axes[1].get_ylabel()
        'rate'
    """
    x, y, heights = _grid(x_grid, y_grid, values)
    if np.isinf(heights).any() or np.isnan(heights).all():
        raise ValueError("values must hold numbers, or NaN for gaps, got infinity or nothing but NaN")
    figure, axes = new_figure(xlabel, ylabel)
    axes.grid(visible=False)
    shown = np.ma.masked_invalid(heights)
    mesh = axes.pcolormesh(x, y, shown, shading="nearest", rasterized=True)
    figure.colorbar(mesh, ax=axes, label=label)
    lines = axes.contour(x, y, shown, 3, linewidths=0.6)
    inks = _ink(mesh, np.asarray(lines.levels))
    lines.set_edgecolor(inks)
    axes.clabel(lines, fontsize="small", colors=inks)
    if points is not None:
        rows = np.asarray(points, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != 3:
            raise ValueError(f"points must have shape (N, 3), got {rows.shape}")
        gone = np.isnan(rows[:, 2])
        edge = plt.rcParams["axes.edgecolor"]
        dots, crosses = rows[~gone], rows[gone]
        fills, rings = mesh.to_rgba(dots[:, 2]), _ink(mesh, dots[:, 2])
        axes.scatter(dots[:, 0], dots[:, 1], s=40, c=fills, edgecolors=rings, linewidths=0.8)
        axes.plot(crosses[:, 0], crosses[:, 1], color=edge, marker="x", markersize=6, linestyle="none")
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    return figure


def _ink(mesh: QuadMesh, values: ArrayLike) -> list[str]:
    """Return a grey for each value that can be read on the value's own colour, in both palettes."""
    shades: Array = np.asarray(mesh.norm(np.asarray(values, dtype=np.float64)))
    return ["0.1" if shade > 0.5 else "0.97" for shade in shades]


def _grid(x_grid: ArrayLike, y_grid: ArrayLike, values: ArrayLike) -> tuple[Array, Array, Array]:
    """Return positions and values as 64-bit numbers, refusing what does not fit together."""
    x, y = vector("x_grid", x_grid), vector("y_grid", y_grid)
    heights = np.asarray(values, dtype=np.float64)
    if heights.shape != (len(y), len(x)):
        raise ValueError(f"values must have shape ({len(y)}, {len(x)}), got {heights.shape}")
    return x, y, heights
