"""Each optimiser by hand, by its invariants, by finite differences, beside its twin in torch."""

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim import lr_scheduler

from dlref import optimizers
from dlref.optimizers import (
    SGD,
    Adam,
    AdamW,
    RMSprop,
    adagrad_step,
    adam_step,
    adamw_step,
    clip_by_norm,
    constant_schedule,
    cosine_schedule,
    momentum_spectral_radius,
    momentum_step,
    nesterov_step,
    rmsprop_step,
    sgd_step,
    step_schedule,
    warmup_cosine_schedule,
)

# Each step, how many tensors it remembers, whether it counts its steps, and its twin in torch.
STEPS: dict[str, tuple[Callable[..., Any], int, bool, Callable[..., torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": (sgd_step, 0, False, torch.optim.SGD, {}),
    "momentum": (momentum_step, 1, False, torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (nesterov_step, 1, False, partial(torch.optim.SGD, nesterov=True), {"momentum": 0.9}),
    "adagrad": (adagrad_step, 1, False, torch.optim.Adagrad, {}),
    "rmsprop": (rmsprop_step, 1, False, torch.optim.RMSprop, {}),
    "adam": (adam_step, 2, True, torch.optim.Adam, {}),
    "adamw": (adamw_step, 2, True, torch.optim.AdamW, {}),
}
# What is not torch's default, so that no number can stand in another's place.
UNUSUAL: dict[str, dict[str, float]] = {
    "sgd": {"lr": 0.3},
    "momentum": {"lr": 0.3, "momentum": 0.7},
    "nesterov": {"lr": 0.3, "momentum": 0.7},
    "adagrad": {"lr": 0.3, "eps": 0.05},
    "rmsprop": {"lr": 0.3, "alpha": 0.6, "eps": 0.05},
    "adam": {"lr": 0.3, "beta1": 0.7, "beta2": 0.6, "eps": 0.05},
    "adamw": {"lr": 0.3, "beta1": 0.7, "beta2": 0.6, "eps": 0.05, "weight_decay": 0.2},
}
SETTINGS: list[tuple[type[torch.optim.Optimizer], type[torch.optim.Optimizer], dict[str, Any]]] = [
    (SGD, torch.optim.SGD, {}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.3}),
    (SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.3, "nesterov": True}),
    (RMSprop, torch.optim.RMSprop, {}),
    (RMSprop, torch.optim.RMSprop, {"lr": 0.1, "alpha": 0.7, "eps": 0.02, "weight_decay": 0.3}),
    (Adam, torch.optim.Adam, {}),
    (Adam, torch.optim.Adam, {"lr": 0.1, "betas": (0.7, 0.6), "eps": 0.02, "weight_decay": 0.3}),
    (AdamW, torch.optim.AdamW, {}),
    (AdamW, torch.optim.AdamW, {"lr": 0.1, "betas": (0.7, 0.6), "eps": 0.02, "weight_decay": 0.3}),
]
CLASSES = {
    f"{ours.__name__} {settings}": (partial(ours, **settings), partial(theirs, **settings))
    for ours, theirs, settings in SETTINGS
}
each_step = pytest.mark.parametrize("name", STEPS)
each_class = pytest.mark.parametrize(("ours", "theirs"), CLASSES.values(), ids=CLASSES)

numbers = st.floats(-100, 100).filter(lambda x: abs(x) > 1e-3)
rates = st.floats(1e-4, 1)
shares = st.floats(0, 0.999)


def double(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def close(actual: Tensor, expected: Tensor | float, rtol: float = 1e-12, atol: float = 1e-14) -> None:
    expected = torch.as_tensor(expected, dtype=actual.dtype).broadcast_to(actual.shape)
    torch.testing.assert_close(actual, expected, rtol=rtol, atol=atol)


def slope(theta: Tensor) -> Tensor:
    """Return the gradient of a loss that bends differently along each parameter."""
    return theta**3 - torch.linspace(-1, 2, theta.numel(), dtype=theta.dtype).reshape(theta.shape) * theta.cos()


def follow(name: str, steps: int, theta: Tensor, **settings: Any) -> list[tuple[Tensor, ...]]:
    """Take pure steps from zero memory; return parameters and memory after each."""
    step, memories, counts, _, _ = STEPS[name]
    path, memory = [], [torch.zeros_like(theta)] * memories
    for t in range(1, steps + 1):
        result = step(theta, slope(theta), *memory, *([t] if counts else []), **settings)
        theta, *memory = (result,) if isinstance(result, Tensor) else result
        path.append((theta, *memory))
    return path


def start(dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64).to(dtype)


# Worked by hand: two steps each, with gradients 3 and 1, and numbers whose roots are whole


def test_sgd_by_hand() -> None:
    theta = sgd_step(double(1), double(3), lr=0.1)
    close(theta, 0.7)
    close(sgd_step(theta, double(1), lr=0.1), 0.6)


def test_momentum_by_hand() -> None:
    theta, velocity = momentum_step(double(1), double(3), double(0), lr=0.1, momentum=0.5)
    close(theta, 0.7)  # the first velocity is the raw gradient
    close(velocity, 3)
    theta, velocity = momentum_step(theta, double(1), velocity, lr=0.1, momentum=0.5)
    close(velocity, 2.5)  # 3/2 + 1
    close(theta, 0.45)


def test_nesterov_by_hand() -> None:
    theta, velocity = nesterov_step(double(1), double(3), double(0), lr=0.1, momentum=0.5)
    close(theta, 0.55)  # 3 + 3/2
    theta, velocity = nesterov_step(theta, double(1), velocity, lr=0.1, momentum=0.5)
    close(velocity, 2.5)
    close(theta, 0.325)  # 1 + 5/4


def test_adagrad_by_hand() -> None:
    theta, s = adagrad_step(double(1), double(3), double(0), lr=0.1, eps=1.0)
    close(s, 9)
    close(theta, 1 - 0.3 / 4)
    theta, s = adagrad_step(theta, double(4), s, lr=0.1, eps=1.0)
    close(s, 25)
    close(theta, 1 - 0.3 / 4 - 0.4 / 6)


def test_rmsprop_by_hand() -> None:
    theta, s = rmsprop_step(double(1), double(2), double(0), lr=0.1, alpha=0.75, eps=1.0)
    close(s, 1)
    close(theta, 0.9)  # 2 / (1 + 1): inside the root it would be 2 / sqrt(2)
    theta, s = rmsprop_step(theta, double(1), s * 20, lr=0.1, alpha=0.75, eps=1.0)
    close(s, 15.25)
    close(theta, 0.9 - 0.1 / (math.sqrt(15.25) + 1))


def test_adam_by_hand() -> None:
    theta, m, v = adam_step(double(1), double(3), double(0), double(0), 1, lr=0.1, beta1=0.5, beta2=0.75, eps=1.0)
    close(m, 1.5)
    close(v, 2.25)
    close(theta, 1 - 0.1 * 3 / (3 + 1))  # corrected, the averages are 3 and 9
    theta, m, v = adam_step(theta, double(1), m, v, 2, lr=0.1, beta1=0.5, beta2=0.75, eps=1.0)
    close(m, 1.25)
    close(v, 1.9375)
    close(theta, 1 - 0.3 / 4 - 0.1 * (1.25 / 0.75) / (math.sqrt(1.9375 / 0.4375) + 1))


def test_adamw_by_hand() -> None:
    keywords = {"lr": 0.1, "beta1": 0.5, "beta2": 0.75, "eps": 1.0}
    theta, m, v = adamw_step(double(1), double(3), double(0), double(0), 1, weight_decay=0.5, **keywords)
    close(theta, 0.95 - 0.3 / 4)
    theta, m, v = adamw_step(theta, double(1), m, v, 2, weight_decay=0.5, **keywords)
    close(theta, 0.875 * 0.95 - 0.1 * (1.25 / 0.75) / (math.sqrt(1.9375 / 0.4375) + 1))
    close(torch.cat([m, v]), double(1.25, 1.9375))  # the decay does not enter the averages


def test_clip_by_norm_by_hand() -> None:
    first, second = nn.Parameter(double(0, 0)), nn.Parameter(double(0))
    first.grad, second.grad = double(2, -3), double(6)  # 4 + 9 + 36 = 49
    close(clip_by_norm([first, second], 3.5), 7)
    close(first.grad, double(1, -1.5), rtol=1e-6)
    close(second.grad, 3, rtol=1e-6)
    close(clip_by_norm([first, second], 100), 3.5, rtol=1e-6)
    close(second.grad, 3, rtol=1e-6)


def test_schedules_by_hand() -> None:
    assert [constant_schedule(t, lr=0.3) for t in (0, 7)] == [0.3, 0.3]
    assert [step_schedule(t, lr=8, every=3, gamma=0.5) for t in (0, 2, 3, 5, 6)] == [8, 8, 4, 4, 2]
    falling = [cosine_schedule(t, lr=1, steps=6, final=0.2) for t in (0, 2, 3, 4, 6, 7)]
    assert falling == pytest.approx([1, 0.8, 0.6, 0.4, 0.2, 0.2])  # cos 60° is one half
    rising = [warmup_cosine_schedule(t, lr=1, warmup=2, steps=8) for t in (0, 1, 2, 4, 8, 9)]
    assert rising == pytest.approx([0.5, 1, 1, 0.75, 0, 0])


@pytest.mark.parametrize(
    ("rate", "momentum", "curvature", "radius"),
    [
        (0.1, 0.0, 3.0, 0.7),  # gradient descent: |1 - 0.3|
        (1.0, 0.0, 3.0, 2.0),  # beyond 2/3 it diverges
        (0.5, 0.25, 1.0, 0.5),  # 0.75² < 1: it swings, by √µ
        (1.0, 0.25, 2.5, 1.0),  # on the limit 2 (1 + µ): trace -1.25, roots -1 and -1/4
        (0.2, 0.5, -2.5, 1.7071067811865475),  # uphill: roots of z² - 2z + 1/2
    ],
)
def test_the_spectral_radius_by_hand(rate: float, momentum: float, curvature: float, radius: float) -> None:
    assert momentum_spectral_radius(rate, momentum, curvature).item() == pytest.approx(radius)


# Invariants


@each_step
def test_a_step_leaves_its_inputs_as_they_were_and_keeps_shape_and_dtype(name: str) -> None:
    step, memories, counts, _, _ = STEPS[name]
    inputs = [start(torch.float32).abs() + k for k in range(2 + memories)]
    before = [tensor.clone() for tensor in inputs]
    result = step(*inputs, *([5] if counts else []))
    for tensor in (result,) if isinstance(result, Tensor) else result:
        assert (tensor.shape, tensor.dtype) == ((3, 4), torch.float32)
    assert all(torch.equal(*pair) for pair in zip(inputs, before, strict=True))


@each_step
def test_a_rate_of_zero_moves_nothing(name: str) -> None:
    assert torch.equal(follow(name, 3, start(), lr=0.0)[-1][0], start())


@each_step
def test_many_rates_side_by_side_are_many_runs(name: str) -> None:
    lr = double(0.01, 0.1, 0.2)[:, None]
    together = follow(name, 5, start(), lr=lr)[-1][0]
    for k, rate in enumerate([0.01, 0.1, 0.2]):
        assert torch.equal(follow(name, 5, start(), lr=rate)[-1][0][k], together[k])


@given(st.lists(numbers, min_size=1, max_size=5), rates, shares)
def test_momentum_is_the_sum_of_what_is_left_of_all_gradients(grads: list[float], lr: float, momentum: float) -> None:
    theta, velocity, by_hand = double(1), double(0), 1.0
    for t, grad in enumerate(grads):
        theta, velocity = momentum_step(theta, double(grad), velocity, lr=lr, momentum=momentum)
        by_hand -= lr * sum(momentum ** (t - k) * grads[k] for k in range(t + 1))
    close(theta, by_hand, rtol=1e-9, atol=1e-9)


def test_nesterov_is_the_papers_form_seen_from_the_point_looked_ahead_to() -> None:
    lr, momentum, phi, velocity = 0.05, 0.8, start(), torch.zeros(3, 4, dtype=torch.float64)
    for theta, *_ in follow("nesterov", 10, phi, lr=lr, momentum=momentum):
        velocity = momentum * velocity - lr * slope(phi + momentum * velocity)  # Sutskever et al., equation 3
        phi = phi + velocity
        close(theta, phi + momentum * velocity, rtol=1e-10)


@given(st.lists(numbers, min_size=1, max_size=5), rates, st.floats(1e-3, 1e3))
def test_dividing_methods_ignore_the_scale_of_the_gradient(grads: list[float], lr: float, scale: float) -> None:
    for name in ("adagrad", "rmsprop", "adam"):
        step, memories, counts, _, _ = STEPS[name]
        ends = []
        for factor in (1.0, scale):
            theta, *memory = [double(0)] * (1 + memories)
            for t, grad in enumerate(grads, 1):
                theta, *memory = step(theta, double(factor * grad), *memory, *([t] if counts else []), lr=lr, eps=0.0)
            ends.append(theta)
        close(ends[0], ends[1], rtol=1e-9, atol=1e-9)


@given(numbers, rates, shares, shares)
def test_adams_first_step_is_the_rate_in_the_direction_of_the_sign(
    grad: float, lr: float, beta1: float, beta2: float
) -> None:
    theta, _, _ = adam_step(double(0), double(grad), double(0), double(0), 1, lr=lr, beta1=beta1, beta2=beta2, eps=0.0)
    close(theta, -math.copysign(lr, grad), rtol=1e-9)


@given(numbers, st.integers(1, 50), shares, shares)
def test_in_a_constant_slope_adams_corrected_averages_are_the_slope_and_its_square(
    grad: float, steps: int, beta1: float, beta2: float
) -> None:
    theta = m = v = double(0)
    for t in range(1, steps + 1):
        theta, m, v = adam_step(theta, double(grad), m, v, t, beta1=beta1, beta2=beta2)
    close(m, grad * (1 - beta1**steps), rtol=1e-9)
    close(v, grad**2 * (1 - beta2**steps), rtol=1e-9)


def test_without_its_parts_adam_is_sign_descent_or_rmsprop() -> None:
    theta, grad, zero, s = start(), slope(start()), torch.zeros(3, 4, dtype=torch.float64), start().square()
    sign, _, _ = adam_step(theta, grad, zero, zero, 7, lr=0.1, beta1=0.0, beta2=0.0, eps=0.0)
    close(sign, theta - 0.1 * grad.sign())
    # Late enough, the correction is gone.
    adam, _, v = adam_step(theta, grad, zero, s, 10**6, lr=0.1, beta1=0.0, beta2=0.9)
    rmsprop, new_s = rmsprop_step(theta, grad, s, lr=0.1, alpha=0.9)
    close(adam, rmsprop)
    close(v, new_s)


@given(st.floats(-10, 10), rates, st.floats(0, 1))
def test_without_a_gradient_adamw_shrinks_by_a_fixed_share(theta: float, lr: float, decay: float) -> None:
    new, _, _ = adamw_step(double(theta), double(0), double(0), double(0), 1, lr=lr, weight_decay=decay)
    close(new, theta * (1 - lr * decay))


def test_no_memory_is_plain_descent_and_no_decay_is_adam() -> None:
    plain = follow("sgd", 5, start(), lr=0.1)[-1][0]
    for name in ("momentum", "nesterov"):
        assert torch.equal(follow(name, 5, start(), lr=0.1, momentum=0.0)[-1][0], plain)
    adam, adamw = follow("adam", 5, start()), follow("adamw", 5, start(), weight_decay=0.0)
    assert torch.equal(adam[-1][0], adamw[-1][0])


@given(st.lists(numbers, min_size=1, max_size=6), st.floats(0.1, 1e4))
def test_clipping_never_lengthens_never_turns_and_reports_what_was(grads: list[float], max_norm: float) -> None:
    parameters = [nn.Parameter(double(0)) for _ in grads]
    for parameter, grad in zip(parameters, grads, strict=True):
        parameter.grad = double(grad)
    before, norm = double(*grads), clip_by_norm(parameters, max_norm)
    after = torch.cat([parameter.grad for parameter in parameters if parameter.grad is not None])
    close(norm, before.norm())
    assert after.norm() <= min(max_norm, before.norm().item()) * (1 + 1e-9)
    close(torch.dot(after, before), after.norm() * before.norm(), rtol=1e-9)


@given(st.integers(0, 300), st.integers(1, 100), st.integers(1, 100), rates)
def test_schedules_stay_between_zero_and_the_rate_and_fall_after_the_top(
    step: int, warmup: int, rest: int, lr: float
) -> None:
    schedules = [
        partial(step_schedule, every=rest),
        partial(cosine_schedule, steps=rest, final=lr / 10),
        partial(warmup_cosine_schedule, warmup=warmup, steps=warmup + rest),
    ]
    for schedule in schedules:
        now, later = schedule(step, lr=lr), schedule(step + 1, lr=lr)
        assert 0 <= now <= lr * (1 + 1e-12)
        rising = schedule is schedules[2] and step < warmup
        assert later >= now - 1e-15 if rising and step + 1 < warmup else rising or later <= now + 1e-15


# Momentum's theory


@given(st.floats(0, 3), st.floats(0, 0.999), st.floats(-2, 5))
def test_the_spectral_radius_is_that_of_the_matrix(eta: float, mu: float, lam: float) -> None:
    matrix = torch.tensor([[1 - eta * lam, -eta * mu], [lam, mu]], dtype=torch.float64)
    largest = torch.linalg.eigvals(matrix).abs().max()
    # Near a double root an eigenvalue has only half of the digits.
    close(momentum_spectral_radius(eta, mu, lam), largest, rtol=1e-6, atol=1e-7)


def test_the_spectral_radius_is_the_rate_at_which_steps_shrink_the_error() -> None:
    eta, lam = double(0.02, 0.1, 0.25)[:, None, None], double(0.5, 2.0, 9.0)
    mu = double(0.0, 0.3, 0.6, 0.9)[:, None]
    predicted = momentum_spectral_radius(eta, mu, lam)
    theta, velocity = torch.ones_like(predicted), torch.zeros_like(predicted)
    sizes = []
    for _ in range(400):
        theta, velocity = momentum_step(theta, lam * theta, velocity, lr=eta, momentum=mu)
        sizes.append((theta.square() + velocity.square()).sqrt())
    measured = (torch.stack(sizes[380:]).mean(0) / torch.stack(sizes[180:200]).mean(0)) ** (1 / 200)
    converging = (predicted > 0.3) & (predicted < 0.999)  # faster than that, nothing is left to measure
    assert converging.sum() > 25
    close(measured[converging], predicted[converging], rtol=0.01)


def test_momentum_converges_up_to_two_times_one_plus_mu() -> None:
    mu = torch.linspace(0, 0.99, 34, dtype=torch.float64)
    assert (momentum_spectral_radius(2 * (1 + mu) / 5 * 0.999, mu, 5.0) < 1).all()
    assert (momentum_spectral_radius(2 * (1 + mu) / 5 * 1.001, mu, 5.0) > 1).all()


def test_polyaks_choice_is_the_best_on_a_bowl_and_no_other_reaches_its_rate() -> None:
    curvatures = double(1, 25)
    best = momentum_spectral_radius(4 / 36, 4 / 9, curvatures).max()  # √κ = 5: µ = (4/6)²
    close(best, 2 / 3, rtol=1e-7)
    grid = momentum_spectral_radius(
        torch.linspace(0.001, 0.2, 80)[:, None, None].double(),
        torch.linspace(0, 0.99, 80)[:, None].double(),
        curvatures,
    )
    assert grid.amax(-1).min() > best


def test_the_spectral_radius_broadcasts_and_keeps_float32() -> None:
    radius = momentum_spectral_radius(torch.rand(2, 1), 0.5, torch.rand(3))
    assert (radius.shape, radius.dtype) == ((2, 3), torch.float32)


# Finite differences


@each_step
def test_a_step_can_be_differentiated_with_respect_to_all_that_goes_in(name: str) -> None:
    step, memories, counts, _, _ = STEPS[name]
    inputs = [(start()[0] + 3 + k).requires_grad_() for k in range(2 + memories)]
    lr = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)

    def of(lr: Tensor, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        result: Tensor | tuple[Tensor, ...] = step(*inputs, *([3] if counts else []), **(UNUSUAL[name] | {"lr": lr}))
        return result

    assert torch.autograd.gradcheck(of, (lr, *inputs))


def test_the_slope_of_the_spectral_radius_matches_finite_differences() -> None:
    eta, mu, lam = (double(*row).requires_grad_() for row in [(0.1, 0.3, 0.9), (0.6, 0.0, 0.5), (2.0, 1.0, 4.0)])
    assert torch.autograd.gradcheck(momentum_spectral_radius, (eta[[0, 2]], mu[[0, 2]], lam[[0, 2]]))
    # Without momentum, where the root of µ has no slope: τ is 0.7, and the slope in µ (1 + (τ - 2) / τ) / 2.
    slopes = torch.autograd.grad(momentum_spectral_radius(eta[1], mu[1], lam[1]), (eta, mu, lam))
    close(torch.stack(slopes)[:, 1], double(-1, -3 / 7, -0.3))


# Twins


@each_step
@pytest.mark.parametrize("settings", ["torch's defaults", "unusual ones"])
def test_every_pure_step_matches_torch_for_twelve_steps(name: str, settings: str) -> None:
    _, _, _, twin, given = STEPS[name]
    ours = UNUSUAL[name] if settings == "unusual ones" else given
    theirs: dict[str, Any] = {key: value for key, value in ours.items() if not key.startswith("beta")}
    if "beta1" in ours:
        theirs["betas"] = (ours["beta1"], ours["beta2"])
    parameter = nn.Parameter(start())
    optimizer = twin([parameter], **theirs)
    for theta, *memory in follow(name, 12, start(), **ours):
        parameter.grad = slope(parameter.detach())
        optimizer.step()
        close(theta, parameter.detach())
        kept = [x for x in optimizer.state[parameter].values() if isinstance(x, Tensor) and x.shape == theta.shape]
        assert len(kept) == len(memory)
        for mine, torchs in zip(memory, kept, strict=True):
            close(mine, torchs)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()


def train(model: nn.Module, optimizer: torch.optim.Optimizer, steps: int, first: int = 0) -> None:
    for step in range(first, first + steps):
        x = torch.randn(8, 3, generator=torch.Generator().manual_seed(step)).double()
        optimizer.zero_grad()
        (model(x) - x[:, :2].exp()).square().mean().backward()
        optimizer.step()


def same(ours: nn.Module, theirs: nn.Module) -> None:
    for mine, torchs in zip(ours.parameters(), theirs.parameters(), strict=True):
        close(mine.detach(), torchs.detach(), rtol=1e-10)


@each_class
def test_every_class_trains_a_network_as_torch_does(ours: Callable[..., Any], theirs: Callable[..., Any]) -> None:
    mine, torchs = network(), network()
    train(mine, ours(mine.parameters()), 12)
    train(torchs, theirs(torchs.parameters()), 12)
    same(mine, torchs)
    assert not any(torch.equal(*pair) for pair in zip(mine.parameters(), network().parameters(), strict=True))


@each_class
def test_every_class_goes_on_from_torchs_state_and_from_its_own(
    ours: Callable[..., Any], theirs: Callable[..., Any]
) -> None:
    torchs = network()
    optimizer = theirs(torchs.parameters())
    train(torchs, optimizer, 4)
    mine = network()
    mine.load_state_dict(torchs.state_dict())
    middle = ours(mine.parameters(), lr=0.77)  # the loaded rate takes its place
    middle.load_state_dict(optimizer.state_dict())
    train(mine, middle, 3, first=4)
    last = ours(mine.parameters())
    last.load_state_dict(middle.state_dict())
    train(mine, last, 5, first=7)
    train(torchs, optimizer, 8, first=4)
    same(mine, torchs)


@each_class
def test_groups_keep_numbers_of_their_own(ours: Callable[..., Any], theirs: Callable[..., Any]) -> None:
    mine, torchs = network(), network()
    for model, optimizer in ((mine, ours), (torchs, theirs)):
        groups = [{"params": model[0].parameters(), "lr": 0.02, "weight_decay": 0.5}, {"params": model[2].parameters()}]
        train(model, optimizer(groups), 10)
    same(mine, torchs)


@pytest.mark.parametrize("optimizer", [SGD, RMSprop, Adam, AdamW])
def test_torchs_schedulers_and_closures_can_drive_every_class(optimizer: Callable[..., Any]) -> None:
    weight, frozen = nn.Parameter(double(1)), nn.Parameter(double(2))
    descent = optimizer([weight, frozen], lr=0.5)
    scheduler = lr_scheduler.ExponentialLR(descent, 0.1)

    def closure() -> Tensor:
        descent.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        return loss

    assert descent.step(closure).item() == 1
    assert descent.step() is None
    scheduler.step()
    assert descent.param_groups[0]["lr"] == pytest.approx(0.05)
    assert weight.item() != 1
    assert frozen.item() == 2  # no gradient, no step, not even decay
    descent.zero_grad()
    assert weight.grad is None


@pytest.mark.parametrize("max_norm", [0.01, 1.0, 1e3, math.inf])
def test_clipping_matches_torch(max_norm: float) -> None:
    models = network(), network()
    for model in models:
        model(torch.ones(4, 3).double()).exp().sum().backward()
        model[2].bias.grad = None
    norm = clip_by_norm(models[0].parameters(), max_norm)
    close(norm, nn.utils.clip_grad_norm_(models[1].parameters(), max_norm))
    for mine, torchs in zip(models[0].parameters(), models[1].parameters(), strict=True):
        if mine.grad is None or torchs.grad is None:
            assert mine.grad is torchs.grad
        else:
            close(mine.grad, torchs.grad)


def test_clipping_without_gradients_and_with_a_frozen_parameter_is_harmless() -> None:
    frozen = nn.Parameter(double(5), requires_grad=False)
    assert clip_by_norm([frozen], 1.0).item() == 0
    assert frozen.item() == 5
    assert clip_by_norm([], 1.0).item() == 0


SCHEDULES: dict[str, tuple[Callable[[int], float], Callable[[torch.optim.Optimizer], Any]]] = {
    "constant": (partial(constant_schedule, lr=0.4), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    "step": (partial(step_schedule, lr=0.4, every=4, gamma=0.3), lambda o: lr_scheduler.StepLR(o, 4, 0.3)),
    "exponential": (partial(step_schedule, lr=0.4, every=1, gamma=0.9), lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    "cosine": (
        partial(cosine_schedule, lr=0.4, steps=12, final=0.1),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 12, eta_min=0.1),
    ),
    "warm-up, cosine": (
        partial(warmup_cosine_schedule, lr=0.4, warmup=4, steps=12),
        lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.LinearLR(o, start_factor=1 / 4, total_iters=3), lr_scheduler.CosineAnnealingLR(o, 8)],
            milestones=[4],
        ),
    ),
}


@pytest.mark.parametrize(("ours", "theirs"), SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step")  # torch's SequentialLR calls itself so
def test_schedules_match_torchs(ours: Callable[[int], float], theirs: Callable[..., Any]) -> None:
    optimizer = SGD([nn.Parameter(double(1))], lr=0.4)
    scheduler = theirs(optimizer)
    for step in range(13):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(ours(step), abs=1e-12)
        optimizer.step()
        scheduler.step()


# Bad input


@each_step
def test_a_step_refuses_what_has_another_shape_or_dtype(name: str) -> None:
    step, memories, counts, _, _ = STEPS[name]
    count = [1] if counts else []
    for bad in range(1, 2 + memories):
        inputs = [torch.zeros(2, 3) for _ in range(2 + memories)]
        inputs[bad] = torch.zeros(3)
        which = list(inspect.signature(step).parameters)[bad]
        with pytest.raises(ValueError, match=rf"{which} must have the shape of theta, \(2, 3\), got \(3,\)"):
            step(*inputs, *count)
        inputs[bad] = torch.zeros(2, 3, dtype=torch.float64)
        with pytest.raises(ValueError, match=rf"expected one dtype, got .*{which} torch\.float64"):
            step(*inputs, *count)
    inputs = [torch.zeros(2, dtype=torch.int64) for _ in range(2 + memories)]
    with pytest.raises(ValueError, match=r"theta must be a floating-point torch tensor, got torch\.int64"):
        step(*inputs, *count)


@each_step
def test_a_step_refuses_rates_out_of_range(name: str) -> None:
    step, memories, counts, _, _ = STEPS[name]
    inputs = [*([torch.ones(2)] * (2 + memories)), *([1] if counts else [])]
    for rate in UNUSUAL[name]:
        top = "1" if rate in ("momentum", "alpha", "beta1", "beta2") else "inf"
        for bad in (-0.1, math.nan, math.inf if top == "inf" else 1.0):
            with pytest.raises(ValueError, match=rf"{rate} must be in \[0, {top}\), got {bad}"):
                step(*inputs, **{rate: bad})
    with pytest.raises(ValueError, match=r"lr must be in \[0, inf\), got tensor"):
        step(*inputs, lr=torch.tensor([0.1, -0.1]))
    for lr in (torch.ones(3), torch.ones(2, 1)):
        with pytest.raises(ValueError, match=r"lr must broadcast to the shape of theta, \(2,\), got \("):
            step(*inputs, lr=lr)


@pytest.mark.parametrize("step", [adam_step, adamw_step])
def test_adam_refuses_a_step_number_below_one(step: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="t must be at least 1, the number of the first step, got 0"):
        step(*[torch.ones(1)] * 4, 0)


@pytest.mark.parametrize("optimizer", [SGD, RMSprop, Adam, AdamW])
def test_a_class_refuses_rates_out_of_range_when_it_is_made(optimizer: Callable[..., Any]) -> None:
    for name in inspect.signature(optimizer).parameters:
        if name in ("lr", "eps", "weight_decay", "momentum", "alpha"):
            with pytest.raises(ValueError, match=rf"{name} must be in \[0, (inf|1)\), got -1"):
                optimizer([nn.Parameter(torch.ones(1))], **{name: -1.0})


@pytest.mark.parametrize("optimizer", [Adam, AdamW])
def test_adam_refuses_a_beta_of_one_when_it_is_made(optimizer: Callable[..., Any]) -> None:
    for name, betas in (("beta1", (1.0, 0.9)), ("beta2", (0.9, 1.0))):
        with pytest.raises(ValueError, match=rf"{name} must be in \[0, 1\), got 1"):
            optimizer([nn.Parameter(torch.ones(1))], betas=betas)


def test_nesterov_without_momentum_is_refused() -> None:
    with pytest.raises(ValueError, match="nesterov needs momentum above 0, got 0"):
        SGD([nn.Parameter(torch.ones(1))], nesterov=True)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_clipping_to_nothing_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=f"max_norm must be above 0, got {bad}"):
        clip_by_norm([], bad)


def test_clipping_refuses_a_gradient_where_a_parameter_belongs() -> None:
    with pytest.raises(ValueError, match=r"the parameters whose .grad to clip, got a tensor of shape \(2,\)"):
        clip_by_norm(torch.ones(2), 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (partial(constant_schedule, -1, lr=1), r"step must be in \[0, inf\), got -1"),
        (partial(constant_schedule, 0, lr=-1), r"lr must be in \[0, inf\), got -1"),
        (partial(step_schedule, 0, lr=1, every=0), "every must be at least 1, got 0"),
        (partial(step_schedule, 0, lr=1, every=1, gamma=-1), r"gamma must be in \[0, inf\), got -1"),
        (partial(cosine_schedule, 0, lr=1, steps=0), "steps must be at least 1, got 0"),
        (partial(cosine_schedule, 0, lr=1, steps=1, final=-1), r"final must be in \[0, inf\), got -1"),
        (partial(warmup_cosine_schedule, 0, lr=1, warmup=0, steps=1), "warmup must be at least 1, got 0"),
        (partial(warmup_cosine_schedule, 0, lr=1, warmup=5, steps=5), "steps must be more than warmup, 5, got 5"),
        (partial(momentum_spectral_radius, -1.0, 0.5, 1.0), r"learning_rate must be in \[0, inf\), got -1"),
        (partial(momentum_spectral_radius, 0.1, 1.0, 1.0), r"momentum must be in \[0, 1\), got 1"),
    ],
)
def test_schedules_and_the_theory_refuse_numbers_out_of_range(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# The module


@pytest.mark.parametrize("name", optimizers.__all__)
def test_everything_public_is_documented(name: str) -> None:
    doc = inspect.getdoc(getattr(optimizers, name)) or ""
    for section in ("Args", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
