"""Figures for the pages: every function takes arrays and returns a matplotlib Figure.

An array is anything that ``numpy.asarray`` takes; a torch tensor that needs a gradient must be
detached first. Nothing here sets a style beyond what the figure is about: fonts, sizes and the
colours C0 to C7 come from matplotlib's configuration. Colour is never the only cue: series also
differ in line style or marker.
"""

from dlref.plots.charts import (
    bars,
    curves,
    decision_regions,
    function_and_slope,
    layer_histograms,
    reliability_diagram,
    training_curves,
)

__all__ = [
    "bars",
    "curves",
    "decision_regions",
    "function_and_slope",
    "layer_histograms",
    "reliability_diagram",
    "training_curves",
]
