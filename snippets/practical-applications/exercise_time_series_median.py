"""Squaring a forecast of roots gives the median: the mean needs the spread added."""

import numpy as np

from dlref.data import sunspots

y = sunspots().values.double().numpy()  # y[0] is 1700
x, P, H = np.sqrt(y), 9, 3


def forecast(known):
    """Return the root three years ahead, and the variance of what it misses."""
    past = np.lib.stride_tricks.sliding_window_view(known[:-H], P)
    past, future = np.c_[past, np.ones(len(past))], known[P - 1 + H :]
    weights = np.linalg.lstsq(past, future)[0]
    variance = np.square(future - past @ weights).sum() / (len(past) - P - 1)
    return np.append(known[-P:], 1) @ weights, variance


origins = range(1850, 1998)
root, variance = np.array([forecast(x[: o - 1699]) for o in origins]).T
truth = np.array([y[o - 1700 + H] for o in origins])
squared, corrected = root**2, root**2 + variance
bias, bias_corrected = (squared - truth).mean(), (corrected - truth).mean()
error, error_corrected = (
    np.sqrt(np.square(f - truth).mean()) for f in (squared, corrected)
)
print(f"squared    bias {bias:6.1f}  error {error:.1f}")
print(f"corrected  bias {bias_corrected:6.1f}  error {error_corrected:.1f}")
assert bias < bias_corrected < 0
assert error_corrected < error
