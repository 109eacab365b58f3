"""An output activation makes every target outside its range impossible to reach."""

# /// script
# [tool.dlref]
# tolerance = 0.001
# ///

import torch

from dlref.activations import relu, sigmoid, tanh

torch.manual_seed(0)
x = torch.linspace(-1, 1, 201)
target = 3 * torch.sin(3 * x)  # from -3 to 3
outputs = {"none": lambda z: z, "sigmoid": sigmoid, "tanh": tanh, "ReLU": relu}
error = {}
for name, activation in outputs.items():
    net = torch.nn.Sequential(
        torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(300):
        optimizer.zero_grad()
        loss = (activation(net(x[:, None])[:, 0]) - target).square().mean()
        loss.backward()
        optimizer.step()
    error[name] = loss.item()

floor = {
    "sigmoid": (target.clamp(0, 1) - target).square().mean(),
    "tanh": (target.clamp(-1, 1) - target).square().mean(),
    "ReLU": (target.clamp(min=0) - target).square().mean(),
}
for name, value in error.items():
    print(f"{name:>8}: {value:.4f}")
with_none, with_tanh, best_tanh = error["none"], error["tanh"], floor["tanh"]
assert with_none < 0.01
assert all(error[name] >= limit for name, limit in floor.items())
