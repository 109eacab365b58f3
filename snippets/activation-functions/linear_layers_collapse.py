"""Linear layers in a row are one linear layer, until something bends between them."""

import torch

from dlref.activations import relu

torch.manual_seed(0)
x = torch.randn(1000, 20, dtype=torch.float64)
first, second, third = (
    torch.nn.Linear(m, n, dtype=torch.float64) for m, n in [(20, 50), (50, 30), (30, 5)]
)

# %% collapse
weight = third.weight @ second.weight @ first.weight
bias = third.weight @ (second.weight @ first.bias + second.bias) + third.bias
deep = third(second(first(x)))
one = x @ weight.T + bias
gap = (deep - one).abs().max().item()
weights_one = weight.numel()
weights_deep = sum(layer.weight.numel() for layer in (first, second, third))
print(f"{weights_deep} weights in three layers, {weights_one} in one, gap {gap:.0e}")
assert gap < 1e-14

# %% bend
bent = third(relu(second(relu(first(x)))))
columns = torch.cat([x, torch.ones(1000, 1)], dim=1)
best_linear = columns @ torch.linalg.lstsq(columns, bent).solution
left_over = ((bent - best_linear).var(0) / bent.var(0)).mean().item()
print(f"with ReLU between, one linear layer leaves {left_over:.0%} of the variance")
assert left_over > 0.1
