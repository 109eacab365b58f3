"""Longer contexts help a model that counts, if it asks shorter ones about the rare."""

from collections import Counter

import torch

from dlref.data import names
from dlref.plots import curves

torch.manual_seed(0)
words = names()
words = [words[k] for k in torch.randperm(len(words))]
train, held_out = words[:4000], words[4500:]
seen, naive, patient = Counter(), [], []


def read(words, length):
    texts = ["." * length + word + "." for word in words]  # the end is a letter too
    return [(t[k - length : k], t[k]) for t in texts for k in range(length, len(t))]


def add_one(context, letter):
    return (seen[context, letter] + 1) / (seen[context] + 27)


def ask_shorter(context, letter):
    shorter = ask_shorter(context[1:], letter) if context else 1 / 27
    return (seen[context, letter] + 10 * shorter) / (seen[context] + 10)


for length in range(6):
    seen.update(key for pair in read(train, length) for key in (pair, pair[0]))
    for share, found in ((add_one, naive), (ask_shorter, patient)):
        shares = [share(*pair) for pair in read(held_out, length)]
        found.append(torch.tensor(shares).log().mean().neg().exp().item())
lines = {"one added to each count": naive, "shorter contexts asked": patient}
curves(range(6), lines, xlabel="letters that the model reads", ylabel="perplexity")
best_naive, best = min(naive), min(patient)
assert naive.index(best_naive) < patient.index(best)
assert best < best_naive - 1
