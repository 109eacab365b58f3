"""Told which digits were said and not when, a network learns to write them down."""

import torch
from torch import nn

from dlref import losses
from dlref.data import spoken_digits
from dlref.plots import curves

known = "m1 m2 m3 m5 m7 f1 f2 f4 adam linda steph robert Andy max belinda john".split()
known, new = ([f"en-us+{v}" for v in vs] for vs in (known, "m4 m6 m8 f3 f5".split()))
torch.manual_seed(0)
recur, read = nn.GRU(40, 48, bidirectional=True), nn.Linear(96, 10)  # 0 is the blank
optimizer = torch.optim.Adam([*recur.parameters(), *read.parameters()], lr=0.02)

sounds, lengths, digits = spoken_digits(600, known)
for batch in (b for _ in range(8) for b in torch.randperm(600).split(40)):
    log_p = read(recur(sounds[:, batch])[0]).log_softmax(-1)
    steps, three = lengths[batch], torch.full((40,), 3)
    loss = nn.functional.ctc_loss(log_p, digits[batch], steps, three, reduction="none")
    optimizer.zero_grad()
    loss.mean().backward()
    optimizer.step()
assert losses.ctc(log_p[: steps[0], 0], digits[batch[0]]).isclose(loss[0], rtol=1e-3)


def right(voices, noise=0.0, count=100):
    sounds, lengths, digits = spoken_digits(count, voices, noise=noise, seed=1)
    best = read(recur(sounds)[0]).argmax(-1).T
    paths = [p[:n].unique_consecutive() for p, n in zip(best, lengths, strict=True)]
    said = [p[p > 0].tolist() for p in paths]
    return sum(map(list.__eq__, said, digits.tolist())) / count


right_known, right_new, right_noisy = right(known), right(new), right(new, 0.02)
assert right_known > right_new > 0.5 > right_noisy
sound, _, digits = spoken_digits(1, new, seed=2)
p = read(recur(sound)[0])[:, 0].softmax(-1).detach()
labels = {"blank": p[:, 0], **{f"“{k}”": p[:, k] for k in digits[0].tolist()}}
curves(0.03 * torch.arange(len(p)), labels, xlabel="time, s", ylabel="probability")
