"""A year ahead, an LSTM forecasts sunspots no better than a line of a few weights."""

import torch

from dlref.data import sunspots
from dlref.plots import forecast

time, y = sunspots()
choose, test = slice(189, 229), slice(229, 309)  # from 1889 and 1929; fitted before
centre, scale = y[:189].mean(), y[:189].std()
z = ((y - centre) / scale)[:, None, None]


def error(predicted, years=choose):
    return (predicted - y)[years].square().mean().sqrt().item()


def linear(order):
    known = torch.cat([y[:order], y])[:-1].unfold(0, order, 1)
    known = torch.cat([known, torch.ones(309, 1)], dim=1).double()
    weights = torch.linalg.lstsq(known[order:189], y[order:189, None].double())[0]
    return (known @ weights)[:, 0].float()


line, networks = min(map(linear, range(1, 16)), key=error), []
for seed in range(3):
    torch.manual_seed(seed)
    network, head, kept = torch.nn.LSTM(1, 16), torch.nn.Linear(16, 1), []
    optimizer = torch.optim.Adam([*network.parameters(), *head.parameters()], lr=0.003)
    for _ in range(120):
        predicted = z[:-1] + head(network(z[:-1])[0])  # each year from those before
        optimizer.zero_grad()
        (predicted - z[1:])[:188].square().mean().backward()  # to 1888
        optimizer.step()
        kept.append(torch.cat([y[:1], predicted.detach().flatten() * scale + centre]))
    networks.append(min(kept, key=error))
naive, cycle, by_line = (error(p, test) for p in (y.roll(1), y.roll(11), line))
best, _, worst = sorted(error(predicted, test) for predicted in networks)
assert 0.9 * by_line < best < worst < 0.7 * min(naive, cycle)
both = {"line": line[200:], "LSTM": networks[0][200:]}
forecast(time[200:], y[200:], both, start=1929, xlabel="year", ylabel="sunspots")
