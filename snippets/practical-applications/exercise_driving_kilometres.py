"""Each accident that you allow before the verdict makes the proof longer."""

import numpy as np
from scipy.stats import gamma, poisson

RATE = 1.09e-8 / 1.609344  # deaths per kilometre, people at the wheel


def needed(deaths, safer=1.0):
    """Kilometres with so many deaths that show, at 95 %, a rate this much safer."""
    return gamma.ppf(0.95, deaths + 1) / (RATE / safer)


none, one, twice = needed(0), needed(1), needed(0, safer=2)
longer = one / none
assert np.isclose(none, np.log(20) / RATE)
assert 1.5 < longer < 1.65
assert np.isclose(twice, 2 * none)

# A car that is exactly twice as safe as people passes the test without a death rarely.
passes = poisson.pmf(0, none * RATE / 2)
assert 0.2 < passes < 0.25
print(f"{none / 1e6:.0f} million km without a death, {one / 1e6:.0f} with one")
print(f"a car twice as safe as people passes the first test in {passes:.0%} of cases")
