"""On four thousand names an LSTM predicts about as well as counting, and no better."""

# %% count
import torch
from torch.nn.functional import cross_entropy, pad

from dlref.data import Examples, names
from dlref.networks import CharLSTM
from dlref.plots import bars
from dlref.training import fit

torch.manual_seed(0)
text = [[max(0, ord(c) - 96) for c in f".{name:.<12}"] for name in names()]
text = torch.tensor(text)[torch.randperm(len(text))]  # (N, 13), . is 0
inputs, targets = text[:, :-1], text[:, 1:].clone()  # (N, 12): a letter, the next one
targets[:, 1:][inputs[:, 1:] == 0] = -100  # nothing to predict after a name's end
train, test = Examples(inputs[:4000], targets[:4000]), slice(4500, None)
loss = lambda z, t: cross_entropy(z.mT, t)
windows, known = pad(inputs, (3, 0)).unfold(1, 4, 1), train.targets >= 0  # (N, 12, 4)
share, results = torch.tensor(1 / 27), {}
for k in range(5):
    context = (windows[..., 4 - k :] * 27 ** torch.arange(k)).sum(-1)  # as a number
    found = context[:4000][known], train.targets[known]
    count = torch.zeros(27**k, 27).index_put(found, torch.tensor(1.0), accumulate=True)
    share = (count[context] + 10 * share) / (count[context].sum(-1, keepdim=True) + 10)
    results[f"reads {k}"] = [loss(share.log()[test], targets[test]).exp().item()]

# %% train
runs = results["LSTM"] = []
for seed in range(3):
    torch.manual_seed(seed)
    model = CharLSTM(27, 16, 64)
    for lr, epochs in ((0.02, 5), (0.002, 2)):
        adam = torch.optim.Adam(model.parameters(), lr=lr)
        fit(model, train, loss=loss, optimizer=adam, epochs=epochs, batch_size=128)
    runs.append(loss(model(inputs[test]), targets[test]).exp().item())
bars(results, ylabel="perplexity")
single, counting, lstm = results["reads 0"][0], results["reads 4"][0], sum(runs) / 3
assert abs(lstm - counting) < 0.5 < single - lstm
