"""PyTorch's losses divide by all numbers, want logits, and warn where that is wrong."""

import warnings

import torch
from torch import nn

# %% squared_error
twos, zeros = torch.full((2, 3), 2.0), torch.zeros(2, 3)  # 6 squares of 4
forms = {24 / 6: "all numbers, no ½", 24 / 2: "the batch, no ½", 24 / 12: "all, with ½"}
squared_error = forms[nn.MSELoss()(twos, zeros).item()]

# %% cross_entropy
p = torch.tensor([[0.2, 0.8]])
label = torch.tensor([1])
truth = -torch.log(p[0, 1])
of_logits = (nn.CrossEntropyLoss()(p.log() + 5, label) - truth).abs()
of_probabilities = (nn.CrossEntropyLoss()(p, label) - truth).abs()
cross_entropy = "logits" if of_logits < of_probabilities else "probabilities"
assert min(of_logits, of_probabilities) < 1e-6
assert max(of_logits, of_probabilities) > 0.1

# %% divergence
p = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
q = torch.tensor([[0.5, 0.5], [0.1, 0.9]])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    mean = nn.KLDivLoss()(q.log(), p)
total = (p * (p / q).log()).sum()
divisor = round((total / mean).item(), 4)
divergence = {4: "all numbers", 2: "the batch", 1: "nothing"}[divisor]
advice = str(caught[0].message)  # the divergence is total / 2, as torch itself says
assert "batchmean" in advice
