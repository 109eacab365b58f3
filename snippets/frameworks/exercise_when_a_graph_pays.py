"""What a call and what a number cost say from which size a graph stops paying."""

# /// script
# [tool.dlref]
# measured = "µs|^(began|even|per_)"
# ///

import time
from statistics import median

import numpy as np
import torch

sizes = [10, 1_000, 10_000, 30_000, 100_000]
microseconds = []
for size in sizes:
    x, took = torch.ones(size), []
    for _ in range(15):
        began = time.perf_counter()
        for _ in range(20):
            x.mul(0.5).add(0.5)
        took.append((time.perf_counter() - began) / 40 * 1e6)
    microseconds.append(median(took))

per_number, per_call = np.polyfit(sizes, microseconds, 1)
even = round(per_call / per_number, -2)  # where the call costs as much as the numbers
print(f"{per_call:.1f} µs for the call, {1000 * per_number:.2f} µs for 1,000 numbers")
assert per_number > 0
assert microseconds[-1] > 2 * microseconds[0]
