"""Beyond a few years, repeating the last cycle forecasts as well as a model does."""

import torch

from dlref.data import sunspots
from dlref.plots import curves

y = sunspots().values
centre, scale = y[:189].mean(), y[:189].std()  # fitted before 1889
z = (y - centre) / scale
starts = torch.arange(229, 288)  # forecast from 1929, from 1930, … for 22 years each
past = z[starts + torch.arange(-200, 0)[:, None]]

rows = torch.cat([z[:189].unfold(0, 11, 1), torch.ones(179, 1)], dim=1).double()
w = torch.linalg.lstsq(rows[:, [*range(10), 11]], rows[:, 10:11])[0].float()
torch.manual_seed(0)
network, head = torch.nn.LSTM(1, 16), torch.nn.Linear(16, 1)
optimizer = torch.optim.Adam([*network.parameters(), *head.parameters()], lr=0.003)
for _ in range(75):
    predicted = z[:188, None] + head(network(z[:188, None])[0])
    optimizer.zero_grad()
    (predicted[:, 0] - z[1:189]).square().mean().backward()
    optimizer.step()

line = lstm = past
for _ in range(22):  # each forecast is the next one's input
    line = torch.cat([line, w[:10].T @ line[-10:] + w[10]])
    change = head(network(lstm[..., None])[0][-1]).detach()
    lstm = torch.cat([lstm, lstm[-1:] + change.T])
paths = {"LSTM": lstm[200:], "line": line[200:], "last cycle": past[-11:].repeat(2, 1)}
paths |= {"mean": torch.zeros(22, 59), "last value": past[-1:].expand(22, -1)}
truth = z[starts + torch.arange(22)[:, None]]
errors = {k: scale * (p - truth).square().mean(1).sqrt() for k, p in paths.items()}
lstm_1, line_1, cycle_1, _, last_1 = (error[0] for error in errors.values())
lstm_5, line_5, cycle_5, mean_5, last_5 = (error[4] for error in errors.values())
assert max(lstm_1, line_1) < 0.65 * cycle_1
assert min(lstm_5, line_5) > 0.9 * cycle_5
assert last_5 > mean_5
axes = curves(range(1, 23), errors, xlabel="years ahead", ylabel="error").axes[0]
axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
