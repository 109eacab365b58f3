"""On a few names a convolution reads as well as an LSTM; a Transformer needs more."""

# /// script
# [tool.dlref]
# tolerance = 0.01
# timeout = 60
# slow = "Three networks, each trained twice; with one seed the gap is no proof"
# ///

import torch
from torch import nn
from torch.nn.functional import cross_entropy, pad

from dlref.data import Examples, names
from dlref.networks import GPT, CharLSTM
from dlref.plots import bars
from dlref.training import fit


class _Look(nn.Conv1d):
    def forward(self, x):  # (B, T, D): d and 2d places back, and not ahead
        return x + super().forward(pad(x.mT, (2 * self.dilation[0], 0))).mT.relu()


torch.manual_seed(0)
text = [[max(0, ord(c) - 96) for c in f".{name:.<12}"] for name in names()]
text = torch.tensor(text)[torch.randperm(len(text))]
inputs, targets = text[:, :-1], text[:, 1:].clone()
targets[:, 1:][inputs[:, 1:] == 0] = -100  # nothing to predict after a name's end
kinds = ("LSTM", 0.04), ("convolution", 0.01), ("Transformer", 0.005)
train, results = Examples(inputs[:4000], targets[:4000]), {k: [] for k, _ in kinds}
loss = lambda z, t: cross_entropy(z.mT, t)
for seed in range(2):
    torch.manual_seed(seed)
    looks = [_Look(48, 48, 3, dilation=d) for d in (1, 2, 4)]
    cnn = nn.Sequential(nn.Embedding(27, 48), *looks, nn.Linear(48, 27))
    gpt = GPT(27, context=12, features=40, heads=4, blocks=1)
    models = CharLSTM(27, 16, 64), cnn, gpt
    for (name, rate), model in zip(kinds, models, strict=True):
        for lr, epochs in ((rate, 4), (rate / 10, 1)):
            adam = torch.optim.Adam(model.parameters(), lr=lr)
            fit(model, train, loss=loss, optimizer=adam, epochs=epochs, batch_size=128)
        results[name] += [loss(model(inputs[4500:]), targets[4500:]).exp().item()]
bars(results, ylabel="perplexity")
smallest, _, largest = sorted(sum(p.numel() for p in m.parameters()) for m in models)
lstm, cnn, transformer = (sum(found) / 2 for found in results.values())
assert abs(lstm - cnn) < 0.6 < transformer - max(lstm, cnn)
