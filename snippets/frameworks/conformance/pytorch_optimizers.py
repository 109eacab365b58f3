"""PyTorch's optimisers, clipping and schedules take the steps of dlref."""

import json
from pathlib import Path

import torch
from torch import optim
from torch.optim import lr_scheduler as rate

from dlref import optimizers as ours

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
torch.set_default_dtype(torch.float64)


def compare(name, *paths):
    wanted = torch.tensor(reference[name]["value"])
    gap, own = ((torch.tensor(path) - wanted).abs().max() for path in paths)
    assert own <= 1e-12  # dlref itself
    assert gap <= 1e-9
    return f"{gap:.0e}, –" if gap else "0, –"


# %% steps
theta, gradients = map(torch.tensor, reference["sgd_step"]["inputs"].values())


def walk(kind, **options):
    optimizer, path = kind([now := theta.clone()], lr=0.1, **options), []
    for now.grad in gradients:
        optimizer.step()
        path.append(now.tolist())
    return path


def both(name, kind, **options):
    kinds = kind, getattr(ours, kind.__name__)  # the same names and arguments
    return compare(name, *(walk(kind, **options) for kind in kinds))


sgd_step = both("sgd_step", optim.SGD)
momentum_step = both("momentum_step", optim.SGD, momentum=0.9)
nesterov_step = both("nesterov_step", optim.SGD, momentum=0.9, nesterov=True)
rmsprop_step = both("rmsprop_step", optim.RMSprop, alpha=0.9)
adam_step = both("adam_step", optim.Adam)
adamw_step = both("adamw_step", optim.AdamW, weight_decay=0.1)
now, total, path = theta, 0 * theta, []  # dlref's Adagrad is a function only
for gradient in gradients:
    now, total = ours.adagrad_step(now, gradient, total, lr=0.1, eps=1e-8)
    path.append(now.tolist())
adagrad_step = compare("adagrad_step", walk(optim.Adagrad, eps=1e-8), path)


# %% clipping_and_rates
def clipped(clip):
    parameter = torch.zeros(6)
    parameter.grad = torch.tensor(reference["clip_by_norm"]["inputs"]["gradients"])
    clip([parameter], 1.0)
    return parameter.grad.tolist()


def rates(name, *schedules, until=()):
    optimizer, path = optim.SGD([theta], lr=0.1), []
    schedule = rate.SequentialLR(optimizer, [f(optimizer) for f in schedules], until)
    for _ in range(12):
        path.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    own = [getattr(ours, name)(t, **reference[name]["options"]) for t in range(12)]
    return compare(name, path, own)


kinds = torch.nn.utils.clip_grad_norm_, ours.clip_by_norm
clip_by_norm = compare("clip_by_norm", *map(clipped, kinds))
step_schedule = rates("step_schedule", lambda o: rate.StepLR(o, 4, 0.5))
rise = lambda o: rate.LinearLR(o, 1 / 3, total_iters=2)
fall = lambda o: rate.CosineAnnealingLR(o, 10, 0.01)  # by itself it would climb again
short_fall = lambda o: rate.CosineAnnealingLR(o, 7, 0.01)
last = lambda o: rate.ConstantLR(o, 0.1, 99)
cosine_schedule = rates("cosine_schedule", fall, last, until=[10])
warm = rise, short_fall, last
warmup_cosine_schedule = rates("warmup_cosine_schedule", *warm, until=[3, 10])
