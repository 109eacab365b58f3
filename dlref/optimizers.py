r"""Optimisers, from their equations, in order of increasing difficulty.

First the steps, as pure functions: they take the parameters $\theta$, the gradient and what the
method remembers, and return new parameters and a new memory; nothing is modified. Memories start at
zero, `torch.zeros_like(theta)`. A rate may be a number or a tensor that broadcasts with $\theta$, so
that many runs, each with its own rate, go on side by side. Then the classes that torch users know:
they own parameters and call the steps. Then clipping, schedules, and the theory of momentum.
"""

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, overload

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer  # the bookkeeping: groups, state, zero_grad; no mathematics

from dlref.checks import check_floating

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "adagrad_step",
    "adam_step",
    "adamw_step",
    "clip_by_norm",
    "constant_schedule",
    "cosine_schedule",
    "momentum_spectral_radius",
    "momentum_step",
    "nesterov_step",
    "rmsprop_step",
    "sgd_step",
    "step_schedule",
    "warmup_cosine_schedule",
]

Rate: TypeAlias = float | Tensor
Parameters: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]]


def _check_rates(below: float, **rates: Rate) -> None:
    """Refuse rates outside of 0 to `below`, which is excluded, and NaN."""
    for name, rate in rates.items():
        inside = (rate >= 0) & (rate < below)
        if not (inside.all() if isinstance(inside, Tensor) else inside):
            raise ValueError(f"{name} must be in [0, {below:g}), got {rate}")


def _check_tensors(theta: Tensor, rate: Rate, **others: Tensor) -> None:
    """Refuse a gradient or a memory of another dtype or shape than theta, and a rate that does not fit."""
    check_floating(theta=theta, **others)
    shape = tuple(theta.shape)
    for name, tensor in others.items():
        if tensor.shape != shape:
            raise ValueError(f"{name} must have the shape of theta, {shape}, got {tuple(tensor.shape)}")
    if isinstance(rate, Tensor):
        sizes = zip(reversed(rate.shape), reversed(shape), strict=False)
        if rate.ndim > theta.ndim or not all(size in (1, whole) for size, whole in sizes):
            raise ValueError(f"lr must broadcast to the shape of theta, {shape}, got {tuple(rate.shape)}")


def sgd_step(theta: Tensor, grad: Tensor, *, lr: Rate = 1e-3) -> Tensor:
    r"""Go downhill, in proportion to the slope.

    $$\theta \leftarrow \theta - \eta\, g$$

    Gradient descent if $g$ is the gradient over all data, stochastic gradient descent if it is an
    estimate from some of them: the step is the same.

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, same shape and dtype.
        lr: Learning rate $\eta$, at least 0.

    Returns:
        The new parameters.

    Raises:
        ValueError: If dtypes or shapes differ, or `lr` is below 0 or not finite.

    Source:
        Robbins and Monro, "A Stochastic Approximation Method", Annals of Mathematical Statistics
        22(3), 1951; the deterministic step is Cauchy's, 1847.

    Differs from:
        `torch.optim.SGD`: nothing. Keras' `SGD` has a larger default rate, 0.01.

    Examples:
        >>> sgd_step(torch.tensor([1.0]), torch.tensor([2.0]), lr=0.1)
        tensor([0.8000])
    """
    _check_tensors(theta, lr, grad=grad)
    _check_rates(math.inf, lr=lr)
    return theta - lr * grad


def momentum_step(
    theta: Tensor, grad: Tensor, velocity: Tensor, *, lr: Rate = 1e-3, momentum: Rate = 0.9
) -> tuple[Tensor, Tensor]:
    r"""Add the gradient to what is left of the previous velocity, and step along the sum.

    $$v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\, v$$

    In a constant slope the velocity grows to $g / (1 - \mu)$: momentum 0.9 steps ten times as far.

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, same shape and dtype.
        velocity: $v$, zeros before the first step, same shape and dtype.
        lr: Learning rate $\eta$, at least 0.
        momentum: $\mu$, in [0, 1); 0 is `sgd_step`.

    Returns:
        The new parameters and the new velocity.

    Raises:
        ValueError: If dtypes or shapes differ, or a rate is out of its range.

    Source:
        Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
        Computational Mathematics and Mathematical Physics 4(5), 1964.

    Differs from:
        `torch.optim.SGD`: nothing but the default, which is 0 there; its first velocity is the raw
        gradient, which is what zeros give here.
        Sutskever et al. (2013, equations 1 and 2) and Keras keep $v \leftarrow \mu v - \eta g$ and
        add it: the same path while $\eta$ is constant, another one when it changes.

    Examples:
        >>> theta, velocity = torch.tensor([1.0]), torch.tensor([2.0])
        >>> momentum_step(theta, torch.tensor([1.0]), velocity, lr=0.1, momentum=0.5)
        (tensor([0.8000]), tensor([2.]))
    """
    _check_tensors(theta, lr, grad=grad, velocity=velocity)
    _check_rates(math.inf, lr=lr)
    _check_rates(1, momentum=momentum)
    velocity = momentum * velocity + grad
    return theta - lr * velocity, velocity


def nesterov_step(
    theta: Tensor, grad: Tensor, velocity: Tensor, *, lr: Rate = 1e-3, momentum: Rate = 0.9
) -> tuple[Tensor, Tensor]:
    r"""Step along the velocity that one more equal gradient would give.

    $$v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\,(g + \mu v)$$

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, same shape and dtype.
        velocity: $v$, zeros before the first step, same shape and dtype.
        lr: Learning rate $\eta$, at least 0.
        momentum: $\mu$, in [0, 1); 0 is `sgd_step`.

    Returns:
        The new parameters and the new velocity.

    Raises:
        ValueError: If dtypes or shapes differ, or a rate is out of its range.

    Source:
        Nesterov, "A method of solving a convex programming problem with convergence rate
        $O(1/k^2)$", Soviet Mathematics Doklady 27(2), 1983; Sutskever, Martens, Dahl and Hinton, "On the
        importance of initialization and momentum in deep learning", ICML 2013, equations 3 and 4.

    Differs from:
        `torch.optim.SGD(nesterov=True)`: nothing but the default momentum.
        The paper takes the gradient at the point looked ahead to, $\theta - \eta \mu v$, with the
        old $v$. This form keeps that very point as its $\theta$; a constant rate makes both one path.

    Examples:
        >>> theta, velocity = torch.tensor([1.0]), torch.tensor([2.0])
        >>> nesterov_step(theta, torch.tensor([1.0]), velocity, lr=0.1, momentum=0.5)
        (tensor([0.8000]), tensor([2.]))
    """
    _check_tensors(theta, lr, grad=grad, velocity=velocity)
    _check_rates(math.inf, lr=lr)
    _check_rates(1, momentum=momentum)
    velocity = momentum * velocity + grad
    return theta - lr * (grad + momentum * velocity), velocity


def adagrad_step(
    theta: Tensor, grad: Tensor, s: Tensor, *, lr: Rate = 1e-2, eps: float = 1e-10
) -> tuple[Tensor, Tensor]:
    r"""Divide each parameter's step by the root of all its squared gradients so far.

    $$s \leftarrow s + g^2, \qquad \theta \leftarrow \theta - \frac{\eta\, g}{\sqrt{s} + \epsilon}$$

    The sum only grows, so steps shrink, like $1/\sqrt{t}$ where gradients keep their size.

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, same shape and dtype.
        s: Sum of squared gradients, zeros before the first step, same shape and dtype.
        lr: Learning rate $\eta$, at least 0.
        eps: Keeps the division defined, at least 0, outside of the root.

    Returns:
        The new parameters and the new sum.

    Raises:
        ValueError: If dtypes or shapes differ, or a rate is out of its range.

    Source:
        Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
        Optimization", Journal of Machine Learning Research 12, 2011.

    Differs from:
        `torch.optim.Adagrad`: nothing. Keras' `Adagrad` adds its epsilon (1e-7) inside the root,
        starts the sum at 0.1, and has rate 0.001.

    Examples:
        >>> adagrad_step(torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([16.0]), lr=0.5)
        (tensor([0.7000]), tensor([25.]))
    """
    _check_tensors(theta, lr, grad=grad, s=s)
    _check_rates(math.inf, lr=lr, eps=eps)
    s = s + grad**2
    return theta - lr * grad / (s.sqrt() + eps), s


def rmsprop_step(
    theta: Tensor, grad: Tensor, s: Tensor, *, lr: Rate = 1e-2, alpha: Rate = 0.99, eps: float = 1e-8
) -> tuple[Tensor, Tensor]:
    r"""Divide each parameter's step by the root of the moving average of its squared gradients.

    $$s \leftarrow \alpha s + (1 - \alpha)\, g^2, \qquad
    \theta \leftarrow \theta - \frac{\eta\, g}{\sqrt{s} + \epsilon}$$

    The average forgets, with a half-life of $\ln \tfrac12 / \ln \alpha$ steps. It starts at zero, so
    the first steps are too long, the very first by a factor of $1 / \sqrt{1 - \alpha}$.

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, same shape and dtype.
        s: Average of squared gradients, zeros before the first step, same shape and dtype.
        lr: Learning rate $\eta$, at least 0.
        alpha: Share of the average that is kept, in [0, 1).
        eps: Keeps the division defined, at least 0, outside of the root.

    Returns:
        The new parameters and the new average.

    Raises:
        ValueError: If dtypes or shapes differ, or a rate is out of its range.

    Source:
        Tieleman and Hinton, "Lecture 6.5: rmsprop", Coursera, Neural Networks for Machine Learning,
        2012, with $\alpha = 0.9$.

    Differs from:
        `torch.optim.RMSprop`: nothing.
        Keras' `RMSprop` adds its epsilon (1e-7) inside the root, $\sqrt{s + \epsilon}$, and has
        $\alpha = 0.9$ (there called `rho`) and rate 0.001.

    Examples:
        >>> theta, grad, s = torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([28.0])
        >>> rmsprop_step(theta, grad, s, lr=0.5, alpha=0.5)
        (tensor([0.7500]), tensor([16.]))
    """
    _check_tensors(theta, lr, grad=grad, s=s)
    _check_rates(math.inf, lr=lr, eps=eps)
    _check_rates(1, alpha=alpha)
    s = alpha * s + (1 - alpha) * grad**2
    return theta - lr * grad / (s.sqrt() + eps), s


def adam_step(  # noqa: PLR0913 - the letters of the paper's Algorithm 1
    theta: Tensor,
    grad: Tensor,
    m: Tensor,
    v: Tensor,
    t: int,
    *,
    lr: Rate = 1e-3,
    beta1: Rate = 0.9,
    beta2: Rate = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Step along the average gradient, divided by the root of the average squared gradient.

    $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$

    $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
    \theta \leftarrow \theta - \frac{\eta\, \hat m}{\sqrt{\hat v} + \epsilon}$$

    Both averages start at zero and are divided by the share of real gradients in them: that is the
    bias correction. So the first step is $\eta$ in the direction of each gradient's sign.

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, same shape and dtype.
        m: Average of gradients, zeros before the first step, same shape and dtype.
        v: Average of squared gradients, zeros before the first step, same shape and dtype.
        t: Number of this step; the first one is 1.
        lr: Learning rate $\eta$, at least 0.
        beta1: Share of `m` that is kept, in [0, 1).
        beta2: Share of `v` that is kept, in [0, 1).
        eps: Keeps the division defined, at least 0, outside of the root of the corrected $\hat v$.

    Returns:
        The new parameters and the two new averages, without the correction.

    Raises:
        ValueError: If dtypes or shapes differ, `t` is below 1, or a rate is out of its range.

    Source:
        Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv 1412.6980,
        Algorithm 1.

    Differs from:
        `torch.optim.Adam`: nothing but rounding.
        Keras' `Adam` adds its epsilon (1e-7) to $\sqrt{v}$ before the correction: the paper's
        $\hat\epsilon$, at the end of its section 2. At step $t$ it acts like an epsilon larger by
        $1 / \sqrt{1 - \beta_2^t}$, at the first step by 32.

    Examples:
        >>> zero = torch.zeros(1)
        >>> theta, m, v = adam_step(torch.ones(1), torch.tensor([-200.0]), zero, zero, 1, lr=0.5)
        >>> theta
        tensor([1.5000])
    """
    _check_tensors(theta, lr, grad=grad, m=m, v=v)
    _check_rates(math.inf, lr=lr, eps=eps)
    _check_rates(1, beta1=beta1, beta2=beta2)
    if t < 1:
        raise ValueError(f"t must be at least 1, the number of the first step, got {t}")
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (v_hat.sqrt() + eps), m, v


def adamw_step(  # noqa: PLR0913 - the letters of the paper's Algorithm 2
    theta: Tensor,
    grad: Tensor,
    m: Tensor,
    v: Tensor,
    t: int,
    *,
    lr: Rate = 1e-3,
    beta1: Rate = 0.9,
    beta2: Rate = 0.999,
    eps: float = 1e-8,
    weight_decay: Rate = 1e-2,
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Shrink the parameters by a fixed share, then take Adam's step.

    $$\theta \leftarrow (1 - \eta \lambda)\, \theta, \qquad \text{then as } \texttt{adam\_step}$$

    The decay does not pass through Adam's division, so it shrinks every parameter by the same
    share. A penalty $\tfrac12 \lambda \lVert\theta\rVert^2$ in the loss does not: Adam divides its
    gradient too, and shrinks least what has large gradients.

    Args:
        theta: Parameters, any shape.
        grad: Gradient $g$ of the loss at `theta`, without the decay, same shape and dtype.
        m: Average of gradients, zeros before the first step, same shape and dtype.
        v: Average of squared gradients, zeros before the first step, same shape and dtype.
        t: Number of this step; the first one is 1.
        lr: Learning rate $\eta$, at least 0.
        beta1: Share of `m` that is kept, in [0, 1).
        beta2: Share of `v` that is kept, in [0, 1).
        eps: As in `adam_step`.
        weight_decay: $\lambda$, at least 0; 0 is `adam_step`.

    Returns:
        The new parameters and the two new averages.

    Raises:
        ValueError: If dtypes or shapes differ, `t` is below 1, or a rate is out of its range.

    Source:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, arXiv 1711.05101,
        Algorithm 2.

    Differs from:
        `torch.optim.AdamW`: nothing but rounding.
        The paper multiplies the decay by the schedule only, and not by the learning rate $\alpha$:
        its $\lambda$ is the product $\eta \lambda$ here.
        Keras' `AdamW` has `weight_decay=0.004`.

    Examples:
        >>> zero = torch.zeros(1)
        >>> theta, m, v = adamw_step(torch.ones(1), zero, zero, zero, 1, lr=0.5, weight_decay=0.1)
        >>> theta
        tensor([0.9500])
    """
    _check_rates(math.inf, lr=lr, weight_decay=weight_decay)
    _check_tensors(theta, lr, grad=grad)
    decayed = (1 - lr * weight_decay) * theta
    return adam_step(decayed, grad, m, v, t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


class _PureSteps(Optimizer, ABC):
    """Apply a pure step to every parameter that has a gradient."""

    @abstractmethod
    def _next(self, theta: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
        """Return the new parameters; update the state in place."""

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Move all parameters that have a gradient.

        Args:
            closure: If given, it is called first; it computes the loss and its gradients.

        Returns:
            What the closure returned, or None.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for theta in group["params"]:
                if theta.grad is not None:
                    theta.copy_(self._next(theta, theta.grad, self.state[theta], group))
        return loss


class SGD(_PureSteps):
    """Descend by `sgd_step`, `momentum_step` or `nesterov_step`.

    Like the other classes it is a `torch.optim.Optimizer`: `zero_grad`, `param_groups`,
    `state_dict` and `load_state_dict` are torch's own, `torch.optim.lr_scheduler` can drive it, and
    it continues from the `state_dict` of the optimiser of the same name in torch. Every number
    below except `nesterov` can be set for a group of its own.

    Args:
        params: Parameters, or groups as dicts: `[{"params": first}, {"params": second, "lr": 0.1}]`.
        lr: Learning rate, at least 0.
        momentum: In [0, 1); 0 keeps no velocity.
        weight_decay: At least 0; `weight_decay * theta` is added to the gradient.
        nesterov: Whether to use `nesterov_step`; needs momentum above 0.

    Raises:
        ValueError: If a number is out of its range, or `nesterov` has no momentum.

    Source:
        That of the steps.

    Differs from:
        `torch.optim.SGD` has `dampening`, `maximize` and faster forms for many small tensors too.

    Examples:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0]))
        >>> optimizer = SGD([weight], lr=0.1)
        >>> optimizer.zero_grad()
        >>> weight.square().sum().backward()
        >>> optimizer.step()
        >>> weight.data
        tensor([0.8000])
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        *,
        nesterov: bool = False,
    ) -> None:
        _check_rates(math.inf, lr=lr, weight_decay=weight_decay)
        _check_rates(1, momentum=momentum)
        if nesterov and not momentum:
            raise ValueError("nesterov needs momentum above 0, got 0")
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov})

    def _next(self, theta: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
        grad = grad + group["weight_decay"] * theta
        if not group["momentum"]:
            return sgd_step(theta, grad, lr=group["lr"])
        velocity = _memory(state, "momentum_buffer", theta)
        step = nesterov_step if group["nesterov"] else momentum_step
        theta, state["momentum_buffer"] = step(theta, grad, velocity, lr=group["lr"], momentum=group["momentum"])
        return theta


class RMSprop(_PureSteps):
    """Descend by `rmsprop_step`.

    Args:
        params: Parameters, or groups as dicts.
        lr: Learning rate, at least 0.
        alpha: Share of the average that is kept, in [0, 1).
        eps: Outside of the root, at least 0.
        weight_decay: At least 0; `weight_decay * theta` is added to the gradient.

    Raises:
        ValueError: If a number is out of its range.

    Source:
        That of `rmsprop_step`.

    Differs from:
        `torch.optim.RMSprop` has `momentum` and `centered` too.

    Examples:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0]))
        >>> optimizer = RMSprop([weight], lr=0.1, alpha=0.75)
        >>> weight.square().sum().backward()
        >>> optimizer.step()  # the first step is too long by 1 / sqrt(1 - alpha)
        >>> weight.data
        tensor([0.8000])
    """

    def __init__(
        self, params: Parameters, lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        _check_rates(math.inf, lr=lr, eps=eps, weight_decay=weight_decay)
        _check_rates(1, alpha=alpha)
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay})

    def _next(self, theta: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
        grad = grad + group["weight_decay"] * theta
        s = _memory(state, "square_avg", theta)
        rates = {name: group[name] for name in ("lr", "alpha", "eps")}
        theta, state["square_avg"] = rmsprop_step(theta, grad, s, **rates)
        return theta


class Adam(_PureSteps):
    """Descend by `adam_step`.

    Args:
        params: Parameters, or groups as dicts.
        lr: Learning rate, at least 0.
        betas: What the two averages keep, each in [0, 1).
        eps: Outside of the root, at least 0.
        weight_decay: At least 0; `weight_decay * theta` is added to the gradient, so Adam divides
            it as well. What the name promises is in `AdamW`.

    Raises:
        ValueError: If a number is out of its range.

    Source:
        That of `adam_step`.

    Differs from:
        `torch.optim.Adam` has `amsgrad` and others too.

    Examples:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0]))
        >>> optimizer = Adam([weight], lr=0.1)
        >>> weight.square().sum().backward()
        >>> optimizer.step()
        >>> weight.data
        tensor([0.9000])
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        _check_rates(math.inf, lr=lr, eps=eps, weight_decay=weight_decay)
        _check_rates(1, beta1=betas[0], beta2=betas[1])
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def _next(self, theta: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
        return _with_averages(adam_step, theta, grad + group["weight_decay"] * theta, state, group)


class AdamW(Adam):
    """Descend by `adamw_step`.

    Args:
        params: Parameters, or groups as dicts.
        lr: Learning rate, at least 0.
        betas: What the two averages keep, each in [0, 1).
        eps: Outside of the root, at least 0.
        weight_decay: At least 0; each step first takes the share `lr * weight_decay` off `theta`.

    Raises:
        ValueError: If a number is out of its range.

    Source:
        That of `adamw_step`.

    Differs from:
        `torch.optim.AdamW` has `amsgrad` and others too.

    Examples:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0]))
        >>> optimizer = AdamW([weight], lr=0.1, weight_decay=0.5)
        >>> weight.square().sum().backward()
        >>> optimizer.step()
        >>> weight.data
        tensor([0.8500])
    """

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def _next(self, theta: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
        step = functools.partial(adamw_step, weight_decay=group["weight_decay"])
        return _with_averages(step, theta, grad, state, group)


def _memory(state: dict[str, Any], name: str, theta: Tensor) -> Tensor:
    """Return what is remembered under a name, zeros at first."""
    tensor = state.get(name)
    return torch.zeros_like(theta) if tensor is None else tensor


def _with_averages(
    step: Callable[..., tuple[Tensor, Tensor, Tensor]],
    theta: Tensor,
    grad: Tensor,
    state: dict[str, Any],
    group: dict[str, Any],
) -> Tensor:
    """Take a step of Adam's kind with the averages in the state, and keep the new ones there."""
    m, v, t = _memory(state, "exp_avg", theta), _memory(state, "exp_avg_sq", theta), int(state.get("step", 0)) + 1
    beta1, beta2 = group["betas"]
    theta, m, v = step(theta, grad, m, v, t, lr=group["lr"], beta1=beta1, beta2=beta2, eps=group["eps"])
    state.update(exp_avg=m, exp_avg_sq=v, step=t)
    return theta


@torch.no_grad()
def clip_by_norm(parameters: Tensor | Iterable[Tensor], max_norm: float) -> Tensor:
    r"""Shorten all gradients by one factor if together they are longer than allowed.

    $$n = \Bigl(\sum_k \lVert g_k \rVert^2\Bigr)^{1/2}, \qquad
    g_k \leftarrow \min\!\left(1, \frac{c}{n + 10^{-6}}\right) g_k$$

    The direction stays. Gradients are changed in place, as the optimiser will find them.

    Args:
        parameters: One parameter or several; those without a gradient are left out.
        max_norm: The largest norm $c$ allowed for all gradients as one vector, above 0.

    Returns:
        The norm $n$ before clipping, a scalar tensor; 0 if there is no gradient.

    Raises:
        ValueError: If `max_norm` is not above 0, or something is a plain tensor without a gradient,
            perhaps a gradient itself, where a parameter was expected.

    Source:
        Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
        ICML 2013, arXiv 1211.5063, Algorithm 1.

    Differs from:
        `torch.nn.utils.clip_grad_norm_`: nothing; it has other norms too.
        `torch.nn.utils.clip_grad_value_` clips each number, which turns the direction.

    Examples:
        >>> weight = torch.nn.Parameter(torch.tensor([1.5, 2.0]))
        >>> weight.square().sum().backward()
        >>> clip_by_norm(weight, max_norm=1.0)
        tensor(5.)
        >>> weight.grad
        tensor([0.6000, 0.8000])
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm must be above 0, got {max_norm}")
    every = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    for parameter in every:
        if parameter.grad is None and not (parameter.requires_grad or isinstance(parameter, Parameter)):
            raise ValueError(
                "clip_by_norm expects the parameters whose .grad to clip, got a tensor of shape "
                f"{tuple(parameter.shape)} that has no gradient and needs none"
            )
    grads = [parameter.grad for parameter in every if parameter.grad is not None]
    norm = torch.stack([grad.norm() for grad in grads]).norm() if grads else torch.tensor(0.0)
    factor = (max_norm / (norm + 1e-6)).clamp(max=1.0)
    for grad in grads:
        grad.mul_(factor)
    return norm


def _check_schedule(step: int, lr: float, **counts: int) -> None:
    """Refuse a step below 0, a bad rate, and counts below 1."""
    _check_rates(math.inf, step=step, lr=lr)
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}")


def constant_schedule(step: int, *, lr: float) -> float:
    r"""Return the same learning rate at every step.

    Args:
        step: How many steps were taken before, at least 0.
        lr: Learning rate $\eta$, at least 0.

    Returns:
        `lr`.

    Raises:
        ValueError: If `step` or `lr` is below 0.

    Source:
        The baseline that every schedule has to beat.

    Differs from:
        `torch.optim.lr_scheduler`: its schedules drive an optimiser. These are functions; write the
        number into `optimizer.param_groups`, or give `LambdaLR` one with `lr=1`.

    Examples:
        >>> [constant_schedule(step, lr=0.1) for step in (0, 1000)]
        [0.1, 0.1]
    """
    _check_schedule(step, lr)
    return lr


def step_schedule(step: int, *, lr: float, every: int, gamma: float = 0.1) -> float:
    r"""Multiply the learning rate by a factor, once every so many steps.

    $$\eta_t = \eta\, \gamma^{\lfloor t / n \rfloor}$$

    Args:
        step: How many steps $t$ were taken before, at least 0.
        lr: Learning rate $\eta$ at the start, at least 0.
        every: Number of steps $n$ between two drops, at least 1.
        gamma: The factor, at least 0.

    Returns:
        The learning rate for this step; with `every=1` it falls exponentially.

    Raises:
        ValueError: If a number is out of its range.

    Source:
        Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural
        Networks", NIPS 2012, section 5, by hand.

    Differs from:
        `torch.optim.lr_scheduler.StepLR`: nothing; `every` is called `step_size` there.

    Examples:
        >>> [step_schedule(step, lr=1.0, every=10, gamma=0.5) for step in (0, 9, 10, 20)]
        [1.0, 1.0, 0.5, 0.25]
    """
    _check_schedule(step, lr, every=every)
    _check_rates(math.inf, gamma=gamma)
    return float(lr * gamma ** (step // every))


def cosine_schedule(step: int, *, lr: float, steps: int, final: float = 0.0) -> float:
    r"""Let the learning rate fall along half a cosine, slowly at both ends.

    $$\eta_t = \eta_T + \tfrac12\, (\eta - \eta_T) \left(1 + \cos \frac{\pi t}{T}\right)$$

    Args:
        step: How many steps $t$ were taken before, at least 0; after `steps` the rate stays `final`.
        lr: Learning rate $\eta$ at the start, at least 0.
        steps: Length $T$ of the fall, at least 1.
        final: Learning rate $\eta_T$ at its end, at least 0.

    Returns:
        The learning rate for this step.

    Raises:
        ValueError: If a number is out of its range.

    Source:
        Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017,
        arXiv 1608.03983, equation 5, without the restarts.

    Differs from:
        `torch.optim.lr_scheduler.CosineAnnealingLR`: beyond `steps` it climbs again.

    Examples:
        >>> [cosine_schedule(step, lr=1.0, steps=10) for step in (0, 10, 99)]
        [1.0, 0.0, 0.0]
    """
    _check_schedule(step, lr, steps=steps)
    _check_rates(math.inf, final=final)
    return final + (lr - final) * (1 + math.cos(math.pi * min(step / steps, 1.0))) / 2


def warmup_cosine_schedule(step: int, *, lr: float, warmup: int, steps: int, final: float = 0.0) -> float:
    r"""Let the learning rate rise in a straight line, then fall along half a cosine.

    $$\eta_t = \eta\, \frac{t + 1}{w} \quad (t < w), \qquad \text{then } \texttt{cosine\_schedule}
    \text{ over the other } T - w \text{ steps}$$

    Args:
        step: How many steps $t$ were taken before, at least 0.
        lr: Learning rate $\eta$ at the top, at least 0.
        warmup: Length $w$ of the rise, at least 1.
        steps: Length $T$ of rise and fall together, more than `warmup`.
        final: Learning rate at the end, at least 0.

    Returns:
        The learning rate for this step.

    Raises:
        ValueError: If a number is out of its range.

    Source:
        Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", arXiv 1706.02677,
        section 2.2, for the rise; that of `cosine_schedule` for the fall.

    Differs from:
        Hugging Face's `get_cosine_schedule_with_warmup` rises as $t / w$: its first step has rate
        zero and moves nothing.

    Examples:
        >>> [warmup_cosine_schedule(step, lr=1.0, warmup=4, steps=8) for step in (0, 3, 4, 8)]
        [0.25, 1.0, 1.0, 0.0]
    """
    _check_schedule(step, lr, warmup=warmup, steps=steps)
    if steps <= warmup:
        raise ValueError(f"steps must be more than warmup, {warmup}, got {steps}")
    if step < warmup:
        return lr * (step + 1) / warmup
    return cosine_schedule(step - warmup, lr=lr, steps=steps - warmup, final=final)


def momentum_spectral_radius(learning_rate: Rate, momentum: Rate, curvature: Rate) -> Tensor:
    r"""Return the factor by which momentum shrinks the error at each step, in the long run.

    On $\tfrac12 \lambda \theta^2$ a step of `momentum_step` is a product with a matrix:

    $$\begin{pmatrix} \theta \\ v \end{pmatrix} \leftarrow
    \begin{pmatrix} 1 - \eta\lambda & -\eta\mu \\ \lambda & \mu \end{pmatrix}
    \begin{pmatrix} \theta \\ v \end{pmatrix}$$

    with trace $\tau = 1 + \mu - \eta\lambda$ and determinant $\mu$. Its larger eigenvalue has modulus

    $$\rho = \begin{cases} \sqrt\mu & \tau^2 < 4\mu \quad\text{(it swings)} \\
    \tfrac12 \bigl(|\tau| + \sqrt{\tau^2 - 4\mu}\bigr) & \text{otherwise} \end{cases}$$

    It converges where $\rho < 1$, that is for $0 < \eta\lambda < 2\,(1 + \mu)$. In a bowl with several
    curvatures the slowest direction decides: take the largest of their $\rho$.

    Args:
        learning_rate: $\eta$, at least 0; a number, or a tensor of any shape.
        momentum: $\mu$, in [0, 1); a number, or a tensor that broadcasts with the others.
        curvature: $\lambda$, the second derivative, any real number, or a tensor that broadcasts.

    Returns:
        $\rho$, at least 0, in the shape of the three together; in float64 if all are numbers.

    Raises:
        ValueError: If `learning_rate` or `momentum` is out of its range.

    Source:
        Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Goh, "Why
        Momentum Really Works", Distill, 2017.

    Differs from:
        `torch.linalg.eigvals` of the matrix: nothing but rounding.

    Examples:
        >>> momentum_spectral_radius(0.1, 0.0, 1.0)  # gradient descent: 1 - 0.1
        tensor(0.9000, dtype=torch.float64)
        >>> momentum_spectral_radius(0.1, 0.81, torch.tensor([1.0, 10.0, 100.0]))
        tensor([0.9000, 0.9000, 8.0899])
    """
    _check_rates(math.inf, learning_rate=learning_rate)
    _check_rates(1, momentum=momentum)
    eta, mu, lam = (
        number if isinstance(number, Tensor) else torch.tensor(number, dtype=torch.float64)
        for number in (learning_rate, momentum, curvature)
    )
    trace = 1 + mu - eta * lam
    discriminant = trace**2 - 4 * mu
    swings = discriminant < 0
    # Roots of what is surely positive, so that the branch not taken cannot spoil the slope.
    real = (trace.abs() + torch.where(swings, 1.0, discriminant).sqrt()) / 2
    return torch.where(swings, torch.where(mu > 0, mu, 1.0).sqrt(), real)
