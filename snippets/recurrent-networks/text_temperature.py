"""A low temperature repeats what was learnt, a high one invents and then babbles."""

# %% train
import torch
from torch.nn.functional import cross_entropy

from dlref.data import Examples, names
from dlref.networks import CharLSTM, generate
from dlref.plots import curves
from dlref.training import fit

torch.manual_seed(0)
words = names()
words = [words[k] for k in torch.randperm(len(words))]
text = torch.tensor([[max(0, ord(c) - 96) for c in f".{w:.<12}"] for w in words[:4000]])
examples = Examples(text[:, :-1], text[:, 1:])
model = CharLSTM(27, 16, 64)
loss = lambda z, t: cross_entropy(z.mT, t)
for lr, epochs in ((0.02, 5), (0.002, 2)):
    adam = torch.optim.Adam(model.parameters(), lr=lr)
    fit(model, examples, loss=loss, optimizer=adam, epochs=epochs, batch_size=128)

# %% sample
known, real, start = set(words[:4000]), set(words), text[:500, :1]
temperatures, rows = [0.1, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0], []
for temperature in temperatures:
    drawn = generate(model, start, 12, temperature=temperature)
    written = ["".join(map(chr, row + 96)).split("`")[1] for row in drawn.numpy()]
    among = [sum(name in some for name in written) for some in (real, known)]
    rows.append([count / len(start) * 100 for count in (len(set(written)), *among)])
    if temperature in (0.3, 1.0, 2.0):
        print(f"{temperature}: {', '.join(written[:8])}")
different, exist, learnt = zip(*rows, strict=True)
lines = {"different names": different, "real names": exist, "learnt by heart": learnt}
curves(temperatures, lines, xlabel="temperature", ylabel="share of 500 names, %")
assert different[0] < 50 < different[-1]
assert exist[0] > 50 > exist[4] > exist[-1]
