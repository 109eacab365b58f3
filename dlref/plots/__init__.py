"""Figures for the pages: every function takes arrays and returns a matplotlib Figure.

An array is anything that ``numpy.asarray`` takes; a torch tensor that needs a gradient must be
detached first. Nothing here sets a style beyond what the figure is about: fonts, sizes and the
colours C0 to C7 come from matplotlib's configuration. Colour is never the only cue: series also
differ in line style or marker.
"""

from dlref.plots.boxes import detections
from dlref.plots.charts import (
    bars,
    curves,
    decision_regions,
    function_and_slope,
    layer_histograms,
    reliability_diagram,
    training_curves,
)
from dlref.plots.graphs import computation_graph, network_diagram
from dlref.plots.images import heatmap, image_grid
from dlref.plots.sequences import forecast, unrolled
from dlref.plots.surfaces import contour_paths, surface_map

__all__ = [
    "bars",
    "computation_graph",
    "contour_paths",
    "curves",
    "decision_regions",
    "detections",
    "forecast",
    "function_and_slope",
    "heatmap",
    "image_grid",
    "layer_histograms",
    "network_diagram",
    "reliability_diagram",
    "surface_map",
    "training_curves",
    "unrolled",
]
