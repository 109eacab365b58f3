"""The likeliest path says nothing, and the likeliest text says something."""

from itertools import product

import torch

from dlref.losses import ctc

p = torch.tensor([[0.6, 0.4], [0.6, 0.4]])  # blank and a, at two steps
paths = {
    path: (p[0, path[0]] * p[1, path[1]]).item() for path in product((0, 1), (0, 1))
}
assert max(paths, key=paths.get) == (0, 0)  # greedy decoding reads nothing

texts = torch.tensor([], dtype=torch.int64), torch.tensor([1])
silence, a = (torch.exp(-ctc(p.log(), text)).item() for text in texts)
assert abs(silence - 0.36) < 1e-6
assert abs(a - 0.64) < 1e-6  # three paths: a_, _a and aa
print(f"nothing: {silence:.2f}; a: {a:.2f}")
