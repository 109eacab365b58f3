"""The optimiser called SGD steps along the gradient it finds, whatever it is of."""

import inspect

import torch

from dlref.data import diabetes

inputs, targets = diabetes().train
targets = targets / targets.std()
assert "batch" not in str(inspect.signature(torch.optim.SGD))


def gradient(weight, chosen):
    """Of the mean squared error, by hand."""
    error = inputs[chosen] @ weight - targets[chosen]
    return 2 * inputs[chosen].T @ error / len(error)


# %% step
for count in (1, 32, len(targets)):
    weight = torch.nn.Parameter(torch.zeros(inputs.shape[1]))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    weight.grad = gradient(weight.detach(), slice(count))
    optimizer.step()
    assert torch.allclose(weight.data, -0.1 * weight.grad)
    print(f"gradient of {count:3}: a step of the rate times it")

# %% accumulate
weight = torch.zeros(inputs.shape[1])
parts = [gradient(weight, part) for part in torch.arange(128).split(32)]
whole = gradient(weight, slice(128))
assert torch.allclose(torch.stack(parts).mean(dim=0), whole, atol=1e-6)
