"""An LSTM needs neighbours: letters in another order hold as much and cost it more."""

import torch
from torch.nn.functional import cross_entropy

from dlref.data import Examples, names
from dlref.networks import CharLSTM
from dlref.plots import bars
from dlref.training import fit

torch.manual_seed(0)
words = names()
words = [words[k] for k in torch.randperm(len(words))]
rearranged = {n: torch.randperm(n) for n in range(12)}  # one order for each length
orders = {
    "as spelt": lambda word: word,
    "reversed": lambda word: word[::-1],
    "rearranged": lambda word: "".join(word[k] for k in rearranged[len(word)]),
}
loss, perplexity = lambda z, t: cross_entropy(z.mT, t), {}
for name, order in orders.items():
    rows = [[max(0, ord(c) - 96) for c in f".{order(w):.<12}"] for w in words]
    text = torch.tensor(rows)
    inputs, targets = text[:, :-1], text[:, 1:].clone()
    targets[:, 1:][inputs[:, 1:] == 0] = -100  # nothing to predict after a name's end
    for seed in range(2):
        torch.manual_seed(seed)
        model, some = CharLSTM(27, 16, 64), Examples(inputs[:4000], targets[:4000])
        for lr, epochs in ((0.02, 3), (0.002, 1)):
            adam = torch.optim.Adam(model.parameters(), lr=lr)
            fit(model, some, loss=loss, optimizer=adam, epochs=epochs, batch_size=128)
        found = loss(model(inputs[4500:]), targets[4500:]).exp().item()
        perplexity.setdefault(name, []).append(found)
bars(perplexity, ylabel="perplexity")
spelt, backwards, mixed = (sum(found) / 2 for found in perplexity.values())
assert abs(spelt - backwards) < 0.5
assert mixed > spelt + 1.5
