"""Drawings of graphs: how a number was computed, and which neuron is connected to which."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike

from dlref.plots.frame import Array, new_figure

__all__ = ["computation_graph", "network_diagram"]

WIDEST = 7  # boxes side by side that can be read on a phone
TALLEST = 16  # neurons of a layer that can be told apart
WIDTH, LAYER, HALF_HEIGHT = 5.2, 0.82, 0.28  # of a drawing, from layer to layer, and of half a box, in inches


def computation_graph(nodes: Sequence[tuple[str, str, float, float]], edges: Sequence[tuple[int, int]]) -> Figure:
    """Draw how a number was computed: a box for each value, from what was given down to the result.

    A box says the value's name and its operation, the value, and after ∂ the gradient of the result with
    respect to it. What was given has square corners, what was computed round ones; a number without a name
    or an operation is a constant and shows nothing else. `dlref.autograd.Value.graph` returns what it takes.

    Args:
        nodes: Name, operation, value and gradient of each; inputs before what is computed from them.
        edges: Pairs (i, j) of places in ``nodes``: j was computed from i. A pair may occur twice.

    Returns:
        A figure whose boxes lie in layers and do not overlap. Every arrow points down and passes beside
            the boxes that are none of its own.

    Raises:
        ValueError: If there is no node, if an edge does not lead from a node to a later one, or if the
            drawing would be wider than seven boxes.

    Examples:
        >>> nodes = [("a", "", 2.0, 3.0), ("b", "", 3.0, 2.0), ("y", "×", 6.0, 1.0)]
        >>> figure = computation_graph(nodes, [(0, 2), (1, 2)])
        >>> [text.get_text() for text in figure.axes[0].texts][-3:]
        ['y: ×', '6', '∂ 1']
    """
    if not nodes:
        raise ValueError("nodes must hold at least one node, got none")
    for i, j in edges:
        if not 0 <= i < j < len(nodes):
            raise ValueError(f"an edge must lead from a node to a later one of {len(nodes)}, got {(i, j)}")
    layers, routes = _layers(len(nodes), edges)
    layers = _untangled(layers, routes)
    columns = _columns(layers, routes, len(nodes))
    wide = max(columns.values()) + 1
    if wide > WIDEST:
        raise ValueError(f"at most {WIDEST} boxes fit side by side, got {wide:.0f}; draw a smaller expression")

    pitch = WIDTH / max(wide, 4)
    row = {spot: -LAYER * depth for depth, layer in enumerate(layers) for spot in layer}
    place = {spot: ((column + 0.5 - wide / 2) * pitch, row[spot]) for spot, column in columns.items()}
    figure, axes = new_figure("", "", height=LAYER * len(layers))
    axes.axis("off")
    axes.set(xlim=(-WIDTH / 2, WIDTH / 2), ylim=(min(row.values()) - 0.4, 0.4), aspect="equal")
    for points in _paths(routes, place, 0.42 * pitch):
        color = plt.rcParams["axes.edgecolor"]
        axes.add_patch(FancyArrowPatch(path=Path(points), arrowstyle="-|>", mutation_scale=8, color=color))
    computed = {j for _, j in edges}
    for index, node in enumerate(nodes):
        _box(axes, place[index], 0.42 * pitch, node, computed=index in computed)
    return figure


def network_diagram(weights: Sequence[ArrayLike]) -> Figure:
    """Draw a fully connected network: a circle for each neuron, a line for each weight.

    A line is as thick as its weight is large, relative to the largest of the network; lines of negative
    weights are dashed and of another colour, and a weight of zero has none.

    Args:
        weights: For each layer after the input its weight matrix, shape (outputs, inputs), as in torch.

    Returns:
        A figure with one collection of lines for each sign, and the layers from left to right, each with
            its number of neurons below.

    Raises:
        ValueError: If there is no layer, if a matrix is not two-dimensional or does not take as many inputs
            as the layer before it has outputs, or if a layer has no neuron or more than sixteen.

    Examples:
        >>> figure = network_diagram([[[1.0, -2.0], [0.5, 0.0], [3.0, 1.0]], [[1.0, -1.0, 2.0]]])
        >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
        ['2 inputs', '3 hidden', '1 output']
    """
    matrices = [np.asarray(matrix, dtype=np.float64) for matrix in weights]
    if not matrices:
        raise ValueError("weights must hold at least one layer, got none")
    for layer, matrix in enumerate(matrices):
        before = matrices[layer - 1].shape[0] if layer else "inputs"
        if matrix.ndim != 2 or (layer and matrix.shape[1] != before):
            raise ValueError(f"weights[{layer}] must have shape (outputs, {before}), got {matrix.shape}")
    sizes = [matrices[0].shape[1], *(len(matrix) for matrix in matrices)]
    if not all(1 <= size <= TALLEST for size in sizes):
        raise ValueError(f"a layer must have from 1 to {TALLEST} neurons to be drawn, got {sizes}")

    figure, axes = new_figure("", "", height=max(2.4, 0.7 + 0.28 * max(sizes)))
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    heights = [(size - 1) / 2 - np.arange(size) for size in sizes]
    largest = max(np.abs(matrix).max() for matrix in matrices) or 1.0
    for name, sign, color, style in (("positive weight", 1, "C0", "-"), ("negative weight", -1, "C1", (0, (3, 1.5)))):
        lines, widths = [], []
        for layer, matrix in enumerate(matrices):
            for j, i in np.argwhere(sign * matrix > 0):
                lines.append([(layer, heights[layer][i]), (layer + 1, heights[layer + 1][j])])
                widths.append(0.4 + 2.0 * abs(matrix[j, i]) / largest)
        axes.add_collection(LineCollection(lines, linewidths=widths, colors=color, linestyles=[style], label=name))
    for layer, column in enumerate(heights):
        edge, face = plt.rcParams["text.color"], plt.rcParams["grid.color"]
        axes.scatter(np.full(len(column), layer), column, 110, facecolor=face, edgecolor=edge, zorder=3)
    kinds = ["input", *["hidden"] * (len(matrices) - 1), "output"]
    names = [f"{n} {kind}{'s' if n > 1 and kind != 'hidden' else ''}" for n, kind in zip(sizes, kinds, strict=True)]
    axes.set_xticks(range(len(sizes)), names)
    axes.set(yticks=[], xlim=(-0.3, len(matrices) + 0.3), ylim=(-max(sizes) / 2 - 0.2, max(sizes) / 2 + 0.2))
    if any((matrix < 0).any() for matrix in matrices):
        figure.legend(loc="outside upper center", ncols=2)
    return figure


# A spot is a node, by its number, or a place where an arrow passes through a layer, by a number beyond them.


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    """Return the spots of each layer, and for every edge the spots that it passes, one in each layer."""
    inputs, users = defaultdict(list), defaultdict(list)
    for i, j in edges:
        inputs[j].append(i)
        users[i].append(j)
    depth = [0] * count
    for j in range(count):
        depth[j] = max((depth[i] + 1 for i in inputs[j]), default=0)
    for i in range(count):  # what was given stands just above its first use
        if users[i] and not inputs[i]:
            depth[i] = min(depth[j] for j in users[i]) - 1
    layers: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for node in _as_met(count, inputs):
        layers[depth[node]].append(node)
    routes, spot = [], count
    for i, j in edges:
        passed = list(range(spot, spot + depth[j] - depth[i] - 1))
        for level, through in enumerate(passed, depth[i] + 1):
            layers[level].append(through)
        routes.append([i, *passed, j])
        spot += len(passed)
    return layers, routes


def _as_met(count: int, inputs: dict[int, list[int]]) -> list[int]:
    """Return the nodes in the order in which a walk from the results back to the inputs meets them."""
    met: dict[int, None] = {}
    for last in reversed(range(count)):
        waiting = [last]
        while waiting:
            node = waiting.pop()
            if node not in met:
                met[node] = None
                waiting.extend(reversed(inputs[node]))
    return list(met)


def _untangled(layers: list[list[int]], routes: list[list[int]]) -> list[list[int]]:
    """Order each layer by where its neighbours lie, up and down several times; return the fewest crossings."""
    steps = [pair for route in routes for pair in pairwise(route)]
    above, below = defaultdict(list), defaultdict(list)
    for i, j in steps:
        above[j].append(i)
        below[i].append(j)
    best, fewest = layers, _crossings(layers, steps)
    for turn in range(24):
        layers = [list(layer) for layer in layers]
        levels = range(1, len(layers)) if turn % 2 == 0 else range(len(layers) - 2, -1, -1)
        toward, step = (above, -1) if turn % 2 == 0 else (below, 1)
        for level in levels:
            at = {spot: position for position, spot in enumerate(layers[level + step])}
            own = {spot: position for position, spot in enumerate(layers[level])}
            means = {spot: fmean([at[other] for other in toward[spot]] or [own[spot]]) for spot in own}
            layers[level].sort(key=means.__getitem__)
        crossings = _crossings(layers, steps)
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _crossings(layers: list[list[int]], steps: list[tuple[int, int]]) -> int:
    """Count the pairs of arrows that cross between two layers."""
    at = {spot: (level, position) for level, layer in enumerate(layers) for position, spot in enumerate(layer)}
    lines = [(at[i][0], at[i][1], at[j][1]) for i, j in steps]
    return sum(k == m and (a - c) * (b - d) < 0 for n, (k, a, b) in enumerate(lines) for m, c, d in lines[:n])


def _columns(layers: list[list[int]], routes: list[list[int]], count: int) -> dict[int, float]:
    """Return where each spot lies from left to right, in widths of a box, close to its neighbours."""
    near = defaultdict(list)
    for route in routes:
        for i, j in pairwise(route):
            near[i].append(j)
            near[j].append(i)
    columns = {spot: float(position) for layer in layers for position, spot in enumerate(layer)}
    for turn in range(60):
        for layer in layers if turn % 2 else layers[::-1]:
            wished = [fmean([columns[other] for other in near[spot]] or columns.values()) for spot in layer]
            gaps = [(0.25 + 0.25 * (a < count)) + (0.25 + 0.25 * (b < count)) for a, b in pairwise(layer)]
            columns.update(zip(layer, _spaced(wished, gaps), strict=True))
    left = min(columns.values())
    return {spot: column - left for spot, column in columns.items()}


def _spaced(wished: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the places nearest to the wished ones, by squares, that keep the gaps: isotonic regression."""
    offsets = np.concatenate([[0.0], np.cumsum(gaps)])
    blocks: list[tuple[float, int]] = []  # mean and number of those that are pushed together
    for target in np.asarray(wished) - offsets:
        mean, size = float(target), 1
        while blocks and blocks[-1][0] > mean:
            before, others = blocks.pop()
            mean, size = (mean * size + before * others) / (size + others), size + others
        blocks.append((mean, size))
    pushed = np.concatenate([np.full(size, mean) for mean, size in blocks])
    return [float(x) for x in pushed + offsets]


def _paths(routes: list[list[int]], place: dict[int, tuple[float, float]], half_width: float) -> list[Array]:
    """Return the corners of each arrow: from a box's lower side past the layers between to another's upper side."""
    leaving, arriving = defaultdict(list), defaultdict(list)
    for number, route in enumerate(routes):
        leaving[route[0]].append((place[route[1]][0], number))
        arriving[route[-1]].append((place[route[-2]][0], number))
    ends = []
    for ports, side in (leaving, -HALF_HEIGHT), (arriving, HALF_HEIGHT):
        end = {}
        for node, users in ports.items():
            for rank, (_, number) in enumerate(sorted(users)):
                shift = half_width * ((rank + 1) / (len(users) + 1) * 2 - 1)
                end[number] = (place[node][0] + shift, place[node][1] + side)
        ends.append(end)
    paths = []
    for number, route in enumerate(routes):
        passed = [(place[s][0], place[s][1] + side) for s in route[1:-1] for side in (HALF_HEIGHT, -HALF_HEIGHT)]
        paths.append(np.array([ends[0][number], *passed, ends[1][number]]))
    return paths


def _box(
    axes: Axes, place: tuple[float, float], half_width: float, node: tuple[str, str, float, float], *, computed: bool
) -> None:
    """Draw a box with what is known about one value."""
    name, op, value, gradient = node
    x, y = place
    shape, color = ("round,pad=0,rounding_size=0.14", "C0") if computed else ("square,pad=0", "C2")
    corner, width, height = (x - half_width, y - HALF_HEIGHT), 2 * half_width, 2 * HALF_HEIGHT
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=shape, facecolor="none", edgecolor=color))
    label = ": ".join(filter(None, (name, op)))
    lines: list[tuple[str, dict[str, Any]]]
    lines = [(label, {"weight": "bold"}), (_short(value), {}), (f"∂ {_short(gradient)}", {"color": "C1"})]
    lines = lines if label else lines[1:2]
    for row, (line, look) in enumerate(lines):
        axes.text(x, y + 0.165 * ((len(lines) - 1) / 2 - row), line, ha="center", va="center", fontsize=9, **look)


def _short(number: float) -> str:
    """Write a number with four digits at most and a true minus sign."""
    return f"{number:.4g}".replace("-", "−")
