"""PyTorch's losses are those of dlref, one of them up to a factor."""

import json
from pathlib import Path

import torch
from torch.nn import functional as theirs

from dlref import losses as ours

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
mean_squared_error = compare(
    "mean_squared_error", theirs.mse_loss, ours.mean_squared_error
)
mean_absolute_error = compare(
    "mean_absolute_error", theirs.l1_loss, ours.mean_absolute_error
)
huber = compare("huber", theirs.huber_loss, ours.huber)
bce = theirs.binary_cross_entropy_with_logits
binary_cross_entropy = compare("binary_cross_entropy", bce, ours.binary_cross_entropy)
cross_entropy = compare("cross_entropy", theirs.cross_entropy, ours.cross_entropy)
four_times = compare(
    "hinge", lambda s, t: 4 * theirs.multi_margin_loss(s, t), ours.hinge
)
hinge = "divided by the classes as well"  # here there are four
to_zero = lambda s, t: theirs.margin_ranking_loss(s, torch.zeros(4), t, margin=1)
binary_hinge = compare("binary_hinge", to_zero, ours.binary_hinge)
swapped = lambda p, q: theirs.kl_div(q, p, reduction="batchmean", log_target=True)
kl_divergence = compare("kl_divergence", swapped, ours.kl_divergence)
triplet = compare("triplet", theirs.triplet_margin_loss, ours.triplet, eps=0)
