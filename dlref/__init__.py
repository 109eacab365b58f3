"""The reference code behind Deep Learning Notes, and the machinery that executes its snippets.

The map, one line a module:

    activations   sigmoid, tanh, ReLU and what came after, from their equations
    checks        shapes, dtypes and labels of what comes in
    data          the data sets of the pages as tensors, nothing downloaded
    training      one plain loop for every training run
    plots         figures from arrays
    site          runs every snippet of the site and turns the results into pages

Importing `dlref` imports nothing else: a snippet depends only on the modules that it uses.
"""

__version__ = "0.1.0"
