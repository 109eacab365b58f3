"""What dlref gives on fixed inputs, the reference that every framework's conformance snippets read.

python -m tests.test_conformance    writes the file anew, after a change of dlref that is meant
"""

import inspect
import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from dlref import activations, attention, convolution, layers, losses, optimizers, recurrent

FOLDER = Path(__file__).parents[1] / "snippets" / "frameworks" / "conformance"
FILE = FOLDER / "reference.json"
MODULES = (activations, losses, layers, convolution, recurrent, attention, optimizers)
ELSEWHERE = {  # the public functions without a row, and why
    "batch_statistics": "part of the row of batch_norm",
    "dropout": "draws at random",
    "cross_correlate2d": "conv2d for a single image, by loops",
    "output_size": "counts, computes nothing",
    "receptive_field": "counts, computes nothing",
    "causal_mask": "part of the row of causal_attention",
    "attention_weights": "part of the row of scaled_dot_product_attention",
    "constant_schedule": "a number of the step",
    "momentum_spectral_radius": "theory, in no framework",
}

Case = dict[str, Any]


def wave(*shape: int, start: int = 1) -> Tensor:
    """Return sines of whole numbers: neither random nor regular."""
    return torch.arange(start, start + math.prod(shape), dtype=torch.float64).sin().reshape(shape)


def case(function: Callable[..., Tensor], inputs: dict[str, Tensor], **options: Any) -> Case:
    """Return inputs, value, and gradients of the value's product with a cotangent."""
    leaves = {name: x.clone().requires_grad_(x.is_floating_point()) for name, x in inputs.items()}
    value = function(**leaves, **options)
    cotangent = wave(*value.shape, start=3)
    wanted = {name: x for name, x in leaves.items() if x.requires_grad}
    gradients = torch.autograd.grad(value, list(wanted.values()), cotangent)
    return {
        "inputs": {name: x.tolist() for name, x in inputs.items()}, "options": options,
        "cotangent": cotangent.tolist(), "value": value.tolist(),
        "gradients": {name: g.tolist() for name, g in zip(wanted, gradients, strict=True)},
    }  # fmt: skip


def steps(step: Callable[..., Any], memories: int, *, counts: bool = False, **options: Any) -> Case:
    """Return the parameters after each of three steps with given gradients."""
    theta, gradients = wave(5), wave(3, 5, start=7)
    gradients[:, 3], gradients[:, 4] = 1e-9, 0.0  # where epsilon decides
    now, path = (theta, *[torch.zeros_like(theta)] * memories), []
    for number, gradient in enumerate(gradients, 1):
        came = step(now[0], gradient, *now[1:], *[number] * counts, **options)
        now = came if isinstance(came, tuple) else (came,)
        path.append(now[0].tolist())
    inputs = {"theta": theta.tolist(), "gradients": gradients.tolist()}
    return {"inputs": inputs, "options": options, "value": path}


def clipped(gradients: Tensor, max_norm: float) -> Tensor:
    parameter = torch.zeros_like(gradients)
    parameter.grad = gradients.detach().clone()
    optimizers.clip_by_norm([parameter], max_norm)
    return parameter.grad


def cases() -> dict[str, dict[str, Case]]:
    """Return all of them, by group and by function."""
    return {"activations": _activations(), "losses": _losses(), "layers": _layers(),
            "sequences": _sequences(), "optimizers": _optimizers()}  # fmt: skip


def _activations() -> dict[str, Case]:
    edges = torch.tensor([-1000, -30, -3, -1, -0.5, -1e-8, 0, 1e-8, 0.5, 1, 3, 30, 1000], dtype=torch.float64)
    rows = {"x": torch.stack([edges[2:10], edges[2:10].flip(0) + 700])}
    return {
        "relu": case(activations.relu, {"x": edges}),
        "leaky_relu": case(activations.leaky_relu, {"x": edges}, negative_slope=0.01),
        "sigmoid": case(activations.sigmoid, {"x": edges}),
        "tanh": case(activations.tanh, {"x": edges}),
        "softplus": case(activations.softplus, {"x": edges}),
        "elu": case(activations.elu, {"x": edges}, alpha=1.0),
        "silu": case(activations.silu, {"x": edges}),
        "gelu": case(activations.gelu, {"x": edges}, approximate="none"),
        "gelu_tanh": case(activations.gelu, {"x": edges}, approximate="tanh"),
        "softmax": case(activations.softmax, rows),
        "log_softmax": case(activations.log_softmax, rows),
    }


def _losses() -> dict[str, Case]:
    numbers = {"prediction": 2 * wave(6), "target": 3 * wave(6, start=4)}
    classes = torch.tensor([0, 3, 1])
    scores, wide = 3 * wave(3, 4), torch.tensor([[40.0, -40, 0, 1000]] * 3, dtype=torch.float64)
    log_p, log_q = (activations.log_softmax(wave(3, 4, start=n)) for n in (1, 9))
    logits = torch.tensor([-1000.0, -2, 0, 0.5, 40, 1000], dtype=torch.float64)
    return {
        "mean_squared_error": case(losses.mean_squared_error, numbers),
        "mean_absolute_error": case(losses.mean_absolute_error, numbers),
        "huber": case(losses.huber, numbers, delta=1.0),
        "binary_cross_entropy": case(
            losses.binary_cross_entropy,
            {"logits": logits, "target": torch.tensor([0, 1, 1, 0, 1, 1], dtype=torch.float64)},
        ),
        "cross_entropy": case(losses.cross_entropy, {"logits": torch.cat([scores, wide]), "target": classes.repeat(2)}),
        "hinge": case(losses.hinge, {"scores": scores, "target": classes}, margin=1.0),
        "binary_hinge": case(
            losses.binary_hinge, {"score": 2 * wave(4), "target": torch.tensor([1, -1, -1, 1], dtype=torch.float64)}
        ),
        "kl_divergence": case(losses.kl_divergence, {"log_p": log_p, "log_q": log_q}),
        "triplet": case(
            losses.triplet, {"anchor": wave(4, 3), "positive": wave(4, 3, start=5), "negative": wave(4, 3, start=8)},
            margin=1.0,
        ),
    }  # fmt: skip


def _layers() -> dict[str, Case]:
    image, affine = wave(1, 2, 5, 6), {"weight": 1 + wave(3), "bias": wave(3, start=5)}
    features = {"x": wave(4, 3), **affine}
    moments = {"mean": wave(3, start=2), "variance": 1 + wave(3, start=6) ** 2}

    def trained(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return layers.batch_norm(x, *layers.batch_statistics(x), weight, bias)

    kernel = {"weight": wave(3, 2, 3, 2, start=2), "bias": wave(3)}
    stamp = {"weight": wave(2, 3, 3, 2, start=2), "bias": wave(3)}
    return {
        "linear": case(layers.linear, {"x": wave(4, 3), "weight": wave(2, 3, start=4), "bias": wave(2)}),
        "batch_norm": case(trained, features),
        "batch_norm_evaluation": case(layers.batch_norm, features | moments),
        "layer_norm": case(layers.layer_norm, features),
        "embedding": case(layers.embedding, {"tokens": torch.tensor([[0, 3], [3, 1]]), "weight": wave(4, 3)}),
        "conv2d": case(convolution.conv2d, {"x": image, **kernel}, stride=1, padding=0),
        "conv2d_strided": case(convolution.conv2d, {"x": image, **kernel}, stride=2, padding=1),
        "conv2d_dilated": case(convolution.conv2d, {"x": image, **kernel}, stride=1, padding=0, dilation=2),
        "conv_transpose2d": case(convolution.conv_transpose2d, {"x": image, **stamp}, stride=2, padding=0),
        "max_pool2d": case(convolution.max_pool2d, {"x": image}, kernel_size=2, stride=2),
        "avg_pool2d": case(convolution.avg_pool2d, {"x": image}, kernel_size=2, stride=2),
    }


def _sequences() -> dict[str, Case]:
    def cell(gates: int) -> dict[str, Tensor]:
        sizes = {"w_ih": (gates * 4, 3), "w_hh": (gates * 4, 4), "b_ih": (gates * 4,), "b_hh": (gates * 4,)}
        return {name: wave(*size, start=n) for n, (name, size) in enumerate(sizes.items(), 2)}

    def lstm(x: Tensor, h: Tensor, c: Tensor, **weights: Tensor) -> Tensor:
        return torch.cat(recurrent.lstm_cell(x, (h, c), **weights), -1)

    def causal(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return attention.scaled_dot_product_attention(query, key, value, attention.causal_mask(4))

    def ctc(logits: Tensor, target: Tensor) -> Tensor:
        return losses.ctc(activations.log_softmax(logits), target)

    now = {"x": wave(2, 3), "h": wave(2, 4, start=6)}
    triple = {name: wave(2, 4, 3, start=n) for n, name in enumerate(("query", "key", "value"), 1)}
    return {
        "rnn_cell": case(recurrent.rnn_cell, now | cell(1)),
        "lstm_cell": case(lstm, now | {"c": wave(2, 4, start=11)} | cell(4)),
        "gru_cell": case(recurrent.gru_cell, now | cell(3), reset_after=True),
        "gru_cell_before": case(recurrent.gru_cell, now | cell(3), reset_after=False),
        "scaled_dot_product_attention": case(attention.scaled_dot_product_attention, triple),
        "causal_attention": case(causal, triple),
        "ctc": case(ctc, {"logits": 2 * wave(6, 4), "target": torch.tensor([1, 1, 3])}),
    }


def _optimizers() -> dict[str, Case]:
    def table(schedule: Callable[..., float], **options: Any) -> Case:
        at = list(range(12))
        return {"inputs": {"step": at}, "options": options, "value": [schedule(step, **options) for step in at]}

    return {
        "sgd_step": steps(optimizers.sgd_step, 0, lr=0.1),
        "momentum_step": steps(optimizers.momentum_step, 1, lr=0.1, momentum=0.9),
        "nesterov_step": steps(optimizers.nesterov_step, 1, lr=0.1, momentum=0.9),
        "adagrad_step": steps(optimizers.adagrad_step, 1, lr=0.1, eps=1e-8),
        "rmsprop_step": steps(optimizers.rmsprop_step, 1, lr=0.1, alpha=0.9, eps=1e-8),
        "adam_step": steps(optimizers.adam_step, 2, counts=True, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8),
        "adamw_step": steps(
            optimizers.adamw_step, 2, counts=True, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.1
        ),
        "clip_by_norm": {
            "inputs": {"gradients": wave(6).tolist()}, "options": {"max_norm": 1.0},
            "value": clipped(wave(6), 1.0).tolist(),
        },
        "step_schedule": table(optimizers.step_schedule, lr=0.1, every=4, gamma=0.5),
        "cosine_schedule": table(optimizers.cosine_schedule, lr=0.1, steps=10, final=0.01),
        "warmup_cosine_schedule": table(optimizers.warmup_cosine_schedule, lr=0.1, warmup=3, steps=10, final=0.01),
    }  # fmt: skip


def flat(tree: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (place, leaf) of nested dicts and lists."""
    branches = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if branches is None:
        yield where, tree
    else:
        for key, branch in branches:
            yield from flat(branch, f"{where}.{key}")


def functions(module: ModuleType) -> Iterator[str]:
    """Yield the names of a module's own public functions."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            yield name


def test_the_file_holds_what_dlref_gives() -> None:
    kept = dict(flat(json.loads(FILE.read_text())))
    now = dict(flat({name: row for group in cases().values() for name, row in group.items()}))
    assert kept.keys() == now.keys()
    for place, value in now.items():
        near = math.isclose(kept[place], value, rel_tol=1e-9, abs_tol=1e-12) if type(value) is float else False
        assert near or kept[place] == value, f"{place}; is the change meant? then {__doc__}"


def test_every_public_function_has_a_row_or_a_reason() -> None:
    rows = {name for group in cases().values() for name in group}
    public = {name for module in MODULES for name in functions(module)}
    assert public - rows == ELSEWHERE.keys()


if __name__ == "__main__":
    rows = {name: row for group in cases().values() for name, row in group.items()}
    FILE.write_text("{\n" + ",\n".join(f'"{name}": {json.dumps(row)}' for name, row in rows.items()) + "\n}\n")
    sys.exit()
