"""Eight times the parameters cut the error much at first and little later."""

import matplotlib.pyplot as plt
import torch
from torch.nn.functional import cross_entropy

from dlref.data import Examples, digits
from dlref.networks import MLP
from dlref.training import fit

train, _, test = (Examples(part.inputs.flatten(1), part.targets) for part in digits())
widths = torch.tensor([4, 8, 16, 32, 64, 128, 256])
parameters = 75 * widths + 10  # 65 into each hidden unit, 10 out of it, 10 biases
errors = torch.zeros(len(widths), 3)
for row, width in enumerate(widths.tolist()):
    for seed in range(3):
        torch.manual_seed(seed)
        model = MLP([64, width, 10], torch.relu)
        adam = torch.optim.Adam(model.parameters(), lr=0.01)
        fit(model, train, loss=cross_entropy, optimizer=adam, epochs=10, batch_size=64)
        wrong = model(test.inputs).argmax(1) != test.targets
        errors[row, seed] = 100 * wrong.float().mean()

mean = errors.mean(1)
axes = plt.subplots()[1]
axes.loglog(parameters, errors, "o", color="C0", markersize=4)
axes.loglog(parameters, mean, "-", color="C0")
axes.set(xlabel="parameters", ylabel="test error, %")
axes.set(xticks=parameters[::2], xticklabels=parameters[::2].tolist())
axes.set(yticks=[2, 5, 10, 20, 50], yticklabels=[2, 5, 10, 20, 50])
axes.minorticks_off()
smallest, middle, largest = mean[0], mean[3], mean[-1]
per_example = parameters[-1] / len(train.inputs)
first_gain, last_gain = smallest / middle, middle / largest
assert first_gain > 1.5 * last_gain
assert largest < smallest / 4  # and too many do no harm here
