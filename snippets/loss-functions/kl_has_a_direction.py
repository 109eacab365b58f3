"""Fitted one way round a bell covers both hills, the other way round it takes one."""

import torch

from dlref.activations import log_softmax
from dlref.losses import kl_divergence
from dlref.plots import curves

x = torch.linspace(-12, 12, 241)


def bell(middle, width):
    return log_softmax(-(((x - middle) / width) ** 2) / 2)


def fit(divergence):
    parameters = torch.tensor([-0.5, 1.0], requires_grad=True)
    optimizer = torch.optim.Adam([parameters], lr=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        divergence(bell(*parameters)).backward()
        optimizer.step()
    return parameters.tolist()


p = torch.log(0.6 * bell(-3, 0.8).exp() + 0.4 * bell(3, 0.8).exp())
covers = fit(lambda q: kl_divergence(p, q))
takes_one = fit(lambda q: kl_divergence(q, p))
shapes = {"p": p, "q for D(p, q)": bell(*covers), "q for D(q, p)": bell(*takes_one)}
curves(
    x, {name: q.exp() for name, q in shapes.items()}, xlabel="x", ylabel="probability"
)

mean = (p.exp() * x).sum()
deviation = (p.exp() * (x - mean) ** 2).sum().sqrt()
assert torch.allclose(torch.tensor(covers), torch.stack([mean, deviation]), atol=0.1)
assert torch.allclose(torch.tensor(takes_one), torch.tensor([-3.0, 0.8]), atol=0.1)
there, back = kl_divergence(p, bell(*covers)), kl_divergence(bell(*covers), p)
assert back > 2 * there
