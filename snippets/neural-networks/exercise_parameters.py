"""In a network for images of 28 by 28, the first layer has most of the weights."""

from itertools import pairwise

from dlref.networks import MLP

sizes = [784, 128, 64, 10]
layers = MLP(sizes).layers
counted = [sum(p.numel() for p in layer.parameters()) for layer in layers]
by_formula = [before * after + after for before, after in pairwise(sizes)]

first_share = counted[0] / sum(counted)
total = sum(counted)
print(*counted, "together", total)
assert counted == by_formula
assert first_share > 0.9
