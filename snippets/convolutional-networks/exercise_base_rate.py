"""Among a million people, a rare false match outnumbers the true one."""

import torch

people, false_match, true_match, present = 1_000_000, 1e-4, 0.95, 0.5
false_ones = people * false_match  # expected in a search
true_ones = present * true_match
right = true_ones / (true_ones + false_ones)
print(f"{false_ones:.0f} false matches and {true_ones:.2f} true ones in a search")

torch.manual_seed(0)  # the same by trying: 2,000 searches
hits = (torch.rand(2000) < true_ones).sum()
alarms = torch.poisson(torch.full((2000,), false_ones)).sum()
assert abs(hits / (hits + alarms) - right) < 0.001
assert right < 0.01
