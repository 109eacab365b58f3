"""PyTorch's activation functions are those of dlref, at the edges as well."""

import json
from pathlib import Path

import torch
from torch.nn import functional as theirs

from dlref import activations as ours

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
torch.set_default_dtype(torch.float64)


def gaps(function, case, options):
    inputs = {k: torch.tensor(x) for k, x in case["inputs"].items()}
    leaves = [inputs[k].requires_grad_() for k in case["gradients"]]
    value = function(*inputs.values(), **options)
    slopes = torch.autograd.grad(value, leaves, torch.tensor(case["cotangent"]))
    wanted = map(torch.tensor, [case["value"], *case["gradients"].values()])
    pairs = zip([value, *slopes], wanted, strict=True)
    first, *rest = ((a - b).abs().max() / max(1, b.abs().max()) for a, b in pairs)
    return torch.stack([first, torch.stack(rest).max()])


def compare(name, function, own, **options):
    case = reference[name]
    assert (gaps(own, case, case["options"]) <= 1e-12).all()  # dlref itself
    came = gaps(function, case, options)
    assert (came <= 1e-9).all()
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in came.tolist())


# %% functions
relu = compare("relu", theirs.relu, ours.relu)
leaky_relu = compare("leaky_relu", theirs.leaky_relu, ours.leaky_relu)
sigmoid = compare("sigmoid", theirs.sigmoid, ours.sigmoid)
tanh = compare("tanh", theirs.tanh, ours.tanh)
softplus = compare("softplus", theirs.softplus, ours.softplus)
elu = compare("elu", theirs.elu, ours.elu)
silu = compare("silu", theirs.silu, ours.silu)
gelu = compare("gelu", theirs.gelu, ours.gelu)
gelu_tanh = compare("gelu_tanh", theirs.gelu, ours.gelu, approximate="tanh")
softmax = compare("softmax", theirs.softmax, ours.softmax, dim=-1)
log_softmax = compare("log_softmax", theirs.log_softmax, ours.log_softmax, dim=-1)
