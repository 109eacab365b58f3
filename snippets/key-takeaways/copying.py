"""To repeat ten letters, attention looks them up; an LSTM has to hold them all."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

import torch
from torch.nn.functional import cross_entropy

from dlref.networks import GPT, CharLSTM
from dlref.plots import training_curves

length = 10


def learn(make, seed):
    """Return the share of letters repeated correctly, in %, before each step."""
    torch.manual_seed(seed)
    model, shares = make(), []
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(101):
        letters = torch.randint(1, 9, (32, length))
        text = torch.cat([letters, torch.zeros(32, 1).long(), letters], dim=1)
        scores, target = model(text[:, :-1])[:, length:], text[:, length + 1 :]
        shares.append(100 * (scores.argmax(-1) == target).float().mean().item())
        adam.zero_grad()
        cross_entropy(scores.mT, target).backward()
        adam.step()
    return shares, sum(p.numel() for p in model.parameters())


models = {
    "Transformer": lambda: GPT(9, context=20, features=32, heads=2, blocks=1),
    "LSTM": lambda: CharLSTM(9, 16, 48),
}
runs = {k: [learn(make, seed) for seed in range(3)] for k, make in models.items()}
curves = {name: [shares for shares, _ in found] for name, found in runs.items()}
figure = training_curves(curves, xlabel="step", ylabel="letters right, %")
attention, lstm = (torch.tensor(found)[:, -1].mean() for found in curves.values())
attention_size, lstm_size = (found[0][1] for found in runs.values())
assert attention > 95
assert lstm < 60
