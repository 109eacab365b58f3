"""PyTorch's layers are those of dlref, save slopes that batch norm does not give."""

import json
from pathlib import Path

import torch
from torch.nn import functional as theirs

from dlref import convolution as conv
from dlref import layers as ours

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


def compare(name, function, own, fixed=(), **options):
    case = reference[name]
    assert (gaps(own, case, case["options"]) <= 1e-12).all()  # dlref itself
    case["gradients"] = {k: v for k, v in case["gradients"].items() if k not in fixed}
    came = gaps(function, case, options)
    assert (came <= 1e-9).all()
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in came.tolist())


# %% functions
linear = compare("linear", theirs.linear, ours.linear)
other = lambda x, w, b: theirs.batch_norm(x, None, None, w, b, training=True)
own = lambda x, w, b: ours.batch_norm(x, *ours.batch_statistics(x), w, b)
batch_norm = compare("batch_norm", other, own)
turn = lambda norm: lambda x, w, b, mean, variance: norm(x, mean, variance, w, b)
other, own = turn(theirs.batch_norm), turn(ours.batch_norm)
moments = "mean", "variance"  # torch refuses to differentiate by these
batch_norm_evaluation = compare("batch_norm_evaluation", other, own, fixed=moments)
batch_norm_evaluation += "; none by the moments"
other = lambda x, *own: theirs.layer_norm(x, (3,), *own)
layer_norm = compare("layer_norm", other, ours.layer_norm)
embedding = compare("embedding", theirs.embedding, ours.embedding)
conv2d = compare("conv2d", theirs.conv2d, conv.conv2d)
conv2d_strided = compare(
    "conv2d_strided", theirs.conv2d, conv.conv2d, stride=2, padding=1
)
conv2d_dilated = compare("conv2d_dilated", theirs.conv2d, conv.conv2d, dilation=2)
turned = theirs.conv_transpose2d
conv_transpose2d = compare("conv_transpose2d", turned, conv.conv_transpose2d, stride=2)
max_pool2d = compare("max_pool2d", theirs.max_pool2d, conv.max_pool2d, kernel_size=2)
avg_pool2d = compare("avg_pool2d", theirs.avg_pool2d, conv.avg_pool2d, kernel_size=2)
