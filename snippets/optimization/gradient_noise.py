"""A minibatch's gradient is right on average, with noise that falls as one over √B."""

import torch

from dlref.activations import softmax
from dlref.data import digits
from dlref.plots import curves

train = digits().train
images, labels = train.inputs.flatten(1), train.targets
N = len(labels)
error = softmax(torch.zeros(N, 10)) - torch.nn.functional.one_hot(labels, 10)
each = torch.einsum("nc,nd->ncd", error, images).flatten(1)  # a gradient for each image
full = each.mean(dim=0)
spread = (each - full).square().sum(dim=1).mean().sqrt().item()

torch.manual_seed(0)
sizes, noise, bias = torch.tensor([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]), [], []
for B in sizes.tolist():
    batches = [torch.randperm(N)[:B] for _ in range(100)]  # as an epoch draws them
    off = torch.stack([each[batch].mean(dim=0) for batch in batches]) - full
    noise.append(off.square().sum(dim=1).mean().sqrt())
    bias.append(off.mean(dim=0).norm())
measured, bias = torch.stack(noise), torch.stack(bias)

root = spread / sizes.sqrt()
finite = root * ((N - sizes) / (N - 1)).sqrt()  # drawn without repeats
lines = {"σ / √B": root, "σ / √B, without repeats": finite, "measured": measured}
labels = {"xlabel": "batch size B", "ylabel": "distance from the gradient of all"}
axes = curves(sizes, lines, log_x=True, log_y=True, **labels).axes[0]
axes.lines[2].set(linestyle="none", marker="o")
axes.axhline(full.norm(), color="C3", linestyle=":", label="length of that gradient")
axes.legend(loc="lower left")
to_signal = (spread / full.norm()).item()
even_batch = to_signal**2  # noise as long as the gradient itself
torch.testing.assert_close(measured, finite, rtol=0.1, atol=0)
assert (bias < 0.2 * measured).all()  # a hundred batches leave a tenth of the noise
