"""An LSTM that reads names learns by itself to forget at the end of each."""

import torch
from torch.nn.functional import cross_entropy, one_hot

from dlref.data import names
from dlref.plots import heatmap

torch.manual_seed(0)
known = names()
text = "\n".join(known[i].lower() for i in torch.randperm(len(known)))
letters = sorted(set(text))  # the line break and a to z
codes = torch.tensor([letters.index(letter) for letter in text])
H = 16
lstm, head = torch.nn.LSTM(27, H), torch.nn.Linear(H, 27)
parameters = [*lstm.parameters(), *head.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.01)
for _ in range(1000):  # learn to name each next letter
    piece = codes[torch.randint(len(codes) - 41, (32,)) + torch.arange(41)[:, None]]
    scores = head(lstm(one_hot(piece[:-1], 27).float())[0])
    optimizer.zero_grad()
    cross_entropy(scores.flatten(0, 1), piece[1:].flatten()).backward()
    optimizer.step()

# %% gates
sample = "maria\nrobert\njo\n"
x = one_hot(torch.tensor([letters.index(c) for c in sample]), 27).float()[:, None]
with torch.no_grad():
    h = torch.cat([torch.zeros(1, 1, H), lstm(x)[0][:-1]])  # before each letter
    w_ih, w_hh, b_ih, b_hh = lstm.parameters()
    forget = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)[:, 0, H : 2 * H].sigmoid()
ends = torch.tensor([letter == "\n" for letter in sample])
at_end, inside = forget[ends].mean(), forget[~ends].mean()
assert at_end < inside - 0.05
dip = forget[~ends].mean(0) - forget[ends].mean(0)
columns = [letter.replace("\n", "↵") for letter in sample]
five = forget.T[dip.topk(5).indices]
figure = heatmap(five, columns=columns, ylabel="unit", bar="forget gate")
