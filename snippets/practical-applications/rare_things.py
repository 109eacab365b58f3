"""Of the alarms that a detector raises about rare things, most are false."""

import matplotlib.pyplot as plt
import torch


def right(one_in, accuracy):
    """Return the share of alarms that are right, when one in so many is wanted."""
    hits = accuracy / one_in
    return hits / (hits + (1 - accuracy) * (1 - 1 / one_in))


crowd, wanted, matcher = 100_000, 10, 0.999
hits, false_alarms = matcher * wanted, (1 - matcher) * (crowd - wanted)
alarms = hits + false_alarms
print(f"{alarms:.0f} alarms, {false_alarms:.0f} of them false")
share = right(torch.tensor(crowd / wanted), matcher)
assert torch.isclose(share, torch.tensor(hits / alarms))
assert share < 0.1

one_in = torch.logspace(0, 6, 200)
figure, axes = plt.subplots()
for accuracy, style in {0.9999: "-", 0.999: "--", 0.99: "-.", 0.9: ":"}.items():
    label = f"{100 * accuracy:g} % accurate"
    axes.semilogx(one_in, 100 * right(one_in, accuracy), style, label=label)
axes.plot(crowd / wanted, 100 * share, "D", color="C4", label="the crowd")
axes.set(xlabel="rarity: one in …", ylabel="alarms that are right, %", ylim=(0, 102))
axes.legend()
