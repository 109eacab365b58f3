"""ReLU and its successors agree far to the right and differ to the left."""

# %% functions
import torch

from dlref.activations import elu, gelu, leaky_relu, relu, silu
from dlref.plots import curves

family = {"ReLU": relu, "leaky": leaky_relu, "ELU": elu, "GELU": gelu, "SiLU": silu}
x = torch.linspace(-4, 2, 601, dtype=torch.float64, requires_grad=True)
values = {name: f(x) for name, f in family.items()}
drawn = {name: value.detach() for name, value in values.items()}
curves(x.detach(), drawn, xlabel="input", ylabel="output")

ten = torch.tensor(10.0)
assert all(f(ten).isclose(ten, rtol=1e-4) for f in family.values())
assert len({f(-ten / 10).item() for f in family.values()}) == 5

# %% slopes
slopes = {name: torch.autograd.grad(v.sum(), x)[0] for name, v in values.items()}
curves(x.detach(), slopes, xlabel="input", ylabel="slope")

# %% left
at = torch.tensor([-1.0, -5.0], dtype=torch.float64, requires_grad=True)
for name, f in family.items():
    (slope,) = torch.autograd.grad(f(at).sum(), at)
    print(f"{name:>10}: slope {slope[0]:8.5f} at -1, {slope[1]:8.5f} at -5")
