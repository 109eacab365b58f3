"""Without a way back, mistakes grow with the square of the time; with one, like it."""

import numpy as np

rng = np.random.default_rng(0)
SLIP, DRIVES = 0.002, 20_000  # chance of a slip in each step


def mistakes(steps, comes_back):
    """Steps spent where the expert never was, on average over the drives."""
    lost, total = np.zeros(DRIVES, bool), 0
    for _ in range(steps):
        if comes_back:
            lost &= rng.random(DRIVES) < 0.5  # half of the lost find back
        lost |= rng.random(DRIVES) < SLIP
        total += lost.mean()
    return total


forever = [mistakes(steps, comes_back=False) for steps in (25, 50, 100)]
mended = [mistakes(steps, comes_back=True) for steps in (25, 50, 100)]
growth, growth_mended = forever[2] / forever[1], mended[2] / mended[1]
assert 3.4 < growth < 4.2  # twice the time, nearly four times the mistakes
assert 1.8 < growth_mended < 2.3
assert abs(forever[1] / (SLIP * 50 * 51 / 2) - 1) < 0.1
print(f"twice as long: {growth:.1f} times, with a way back {growth_mended:.1f} times")
