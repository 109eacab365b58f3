"""A letter costs its surprise, and more when the code was made for other letters."""

import math
from collections import Counter

import torch

from dlref.data import names
from dlref.losses import kl_divergence


def log_shares(letters):
    """Return ln p of the 26 letters, each counted once more than it occurs."""
    counts = Counter(letters)
    p = torch.tensor([counts[letter] + 1.0 for letter in "abcdefghijklmnopqrstuvwxyz"])
    return torch.log(p / p.sum())


first = log_shares(name[0] for name in names())
last = log_shares(name[-1] for name in names())
even = math.log2(26)
own = -(first.exp() * first).sum().item() / math.log(2)  # entropy, in bits
other = -(first.exp() * last).sum().item() / math.log(2)  # cross-entropy
extra = kl_divergence(first, last).item() / math.log(2)
back = kl_divergence(last, first).item() / math.log(2)
print(f"{even:.2f} {own:.2f} {other:.2f} bits; extra {extra:.2f}, other way {back:.2f}")
assert own < even < other
assert math.isclose(other, own + extra, rel_tol=1e-4)
assert abs(extra - back) > 0.3
