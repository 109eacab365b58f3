"""To tell 1.0 % from 0.5 % in four of five tries takes thousands of examples each."""

import torch

torch.manual_seed(0)
one, other = 0.010, 0.005
variance = one * (1 - one) + other * (1 - other)
needed = (1.96 + 0.84) ** 2 * variance / (one - other) ** 2


def told_apart(n):
    """Return how often a 95 % interval of the difference excludes zero."""
    size = torch.full((4000,), float(n))
    a, b = (torch.binomial(size, torch.tensor(p)) / n for p in (one, other))
    width = 1.96 * torch.sqrt((a * (1 - a) + b * (1 - b)) / n)
    return ((a - b).abs() > width).float().mean()


few, enough = told_apart(300), told_apart(round(needed))
print(f"{needed:,.0f} examples: told apart in {enough:.0%} of all tries")
print(f"300 examples: in {few:.0%}")
assert 4000 < needed < 5000
assert 0.75 < enough < 0.85
assert few < 0.25
