"""A spectrogram tells the sounds of a word apart by their frequencies."""

import matplotlib.pyplot as plt
import torch

from dlref.data import spoken

waveform, hertz = spoken("seven", rate=130)
window, hop = 512, 220  # 23 ms, moved on by 10 ms
frames = waveform.unfold(0, window, hop) * torch.hann_window(window)
power = torch.fft.rfft(frames).abs().square()  # (T, 257)
options = {"center": False, "window": torch.hann_window(window), "return_complex": True}
assert torch.allclose(torch.stft(waveform, window, hop, **options).abs().T ** 2, power)

kilohertz = torch.fft.rfftfreq(window, 1 / hertz) / 1000
mean_frequency = (power @ kilohertz) / power.sum(1)
hiss, vowel, hum = (mean_frequency[k].item() for k in (6, 20, 56))  # s, e, n
assert hiss > 5 * vowel
assert vowel > 2 * hum

figure, (top, bottom) = plt.subplots(2, sharex=True, layout="constrained")
blocks = waveform.unfold(0, hop, hop)  # from the lowest to the highest in 10 ms
top.fill_between(
    torch.arange(len(blocks)) * hop / hertz, blocks.amin(1), blocks.amax(1)
)
top.set(ylabel="pressure", ylim=(-0.7, 0.9))
for k, sound in [(6, "s"), (20, "e"), (36, "v"), (46, "e"), (56, "n")]:
    top.text(k * hop / hertz, 0.7, sound, ha="center")
loudness = 3 * (10 / 3 * torch.log10(power + 1e-3)).round()  # in steps of 3 decibels
extent = [0, len(waveform) / hertz, 0, hertz / 2000]
style = {"cmap": "Greys", "interpolation": "none", "aspect": "auto", "origin": "lower"}
bottom.imshow(loudness.T.numpy(), extent=extent, **style)
bottom.set(xlabel="time, s", ylabel="frequency, kHz")
bottom.grid(visible=False)
