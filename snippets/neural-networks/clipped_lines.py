"""A hidden layer of ReLU neurons adds up clipped lines, one kink from each neuron."""

# /// script
# [tool.dlref]
# tolerance = 0.02
# ///

import matplotlib.pyplot as plt
import torch

from dlref.data import Examples, co2
from dlref.losses import mean_squared_error
from dlref.networks import MLP
from dlref.training import fit

series = co2().values.view(43, 12)  # years, months
season = (series - series.mean(1, keepdim=True)).mean(0)  # ppm above the year's mean
month = torch.arange(1, 13) - 0.5
data = Examples((month[:, None] - 6) / 3, season[:, None])

torch.manual_seed(3)
model = MLP([1, 8, 1])
adam = torch.optim.Adam(model.parameters(), lr=0.02)
fit(model, data, loss=mean_squared_error, optimizer=adam, epochs=1500, batch_size=12)

# %% added_up
first, last = model.layers
x = torch.linspace(0, 12, 2401)[:, None]
with torch.no_grad():
    clipped = first((x - 6) / 3).relu()  # one column for each neuron
    pieces = clipped * last.weight  # turned and stretched
    whole = model((x - 6) / 3)
assert torch.allclose(pieces.sum(1, keepdim=True) + last.bias, whole, atol=1e-4)

kinks = ((clipped[1:] > 0) != (clipped[:-1] > 0)).any(1).sum().item()
error = (model(data.inputs) - data.targets).abs().max().item()
assert kinks <= 8
assert error < 0.5

figure, axes = plt.subplots()
axes.plot(x, pieces, color="C1", linewidth=1, linestyle="--")
axes.plot(x, whole, color="C0")
axes.plot(month, season, "o", color="C2")
axes.set(xlabel="month of the year", ylabel="CO₂ above the year's mean, ppm")
