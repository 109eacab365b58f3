"""A nerve cell's firing rate resembles ReLU, but it takes time to say and saturates."""

import matplotlib.pyplot as plt
import numpy as np

# Leaky integrate-and-fire: a voltage leaks, adds up input, fires at 1, rests 2 ms.
tau, rest, step, seconds = 0.02, 0.002, 1e-5, 0.5
drive = np.linspace(0, 4, 81)  # input, in units of what just reaches the threshold
voltage, resting = np.zeros(81), np.zeros(81)
spikes = []
for _ in range(round(seconds / step)):
    voltage += np.where(resting > 0, 0, step / tau * (drive - voltage))
    fired = voltage >= 1
    voltage[fired], resting = 0, np.where(fired, rest, resting - step)
    spikes.append(fired)
rate = np.sum(spikes, axis=0) / seconds  # spikes per second

above = drive > 1
formula = np.zeros(81)
formula[above] = 1 / (rest + tau * np.log(drive[above] / (drive[above] - 1)))
relu = np.maximum(0, drive - 1)
unit = relu * (rate @ relu) / (relu @ relu)  # scaled to fit best
likeness = np.corrcoef(rate, unit)[0, 1]
blink = np.sum(spikes[: round(0.02 / step)], axis=0)  # spikes in the first 20 ms
levels = len(set(blink.tolist()))
assert np.abs(rate - formula).max() < 4  # simulation and theory agree
assert likeness > 0.95
assert levels < 5  # so few different things can it say in 20 ms

plt.plot(drive, rate, label="nerve cell, spikes in 0.5 s")
plt.step(
    drive,
    blink / 0.02,
    where="mid",
    linestyle=":",
    label="the same, in the first 20 ms",
)
plt.plot(drive, unit, "--", label="ReLU unit, at once")
plt.gca().set(xlabel="input, in thresholds", ylabel="spikes a second")
plt.legend()
