"""On 300 examples, one model's best result looks like half the error of its worst."""

import matplotlib.pyplot as plt
import torch

torch.manual_seed(5)
true = 0.03  # the model misreads 3 % of everything there is
sizes = 300, 3000
errors = {n: 100 * (torch.rand(20, n) < true).float().mean(1) for n in sizes}
for n, measured in errors.items():
    print(f"{n} examples: from {measured.min():.1f} to {measured.max():.1f} %")

best, worst = errors[300].min(), errors[300].max()
assert 2 * best < worst
spread, narrow = worst - best, errors[3000].max() - errors[3000].min()
assert 2 * narrow < spread

figure, axes = plt.subplots()
for (n, measured), marker in zip(errors.items(), "os", strict=True):
    rank = torch.arange(1, 21)
    axes.plot(rank, measured.sort().values, marker, label=f"{n:,} examples each")
axes.axhline(100 * true, color="C7", linestyle="--", label="the truth")
axes.set(xlabel="place", ylabel="measured error, %", ylim=(0, None))
axes.set_xticks([1, 5, 10, 15, 20])
axes.legend()
