"""The loop that every training run is: forward, loss, backward, step."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from dlref.data import Examples

__all__ = ["History", "Optimizer", "fit"]


class Optimizer(Protocol):
    """What `fit` needs of an optimiser; torch's and `dlref.optimizers`' have it."""

    def zero_grad(self) -> None:
        """Forget the gradients."""

    def step(self) -> object:
        """Change the parameters by their gradients."""


class History(NamedTuple):
    """What a training run went through, one number for each epoch.

    Attributes:
        train_loss: Mean over the epoch's examples of the loss that was stepped on, measured
            before each step.
        validation_loss: Loss on the validation examples after the epoch; empty without them.
        validation_score: Score on the validation examples after the epoch; empty without one.
    """

    train_loss: list[float]
    validation_loss: list[float]
    validation_score: list[float]


def fit(  # noqa: PLR0913 (two things to train, and seven named choices)
    model: Callable[[Tensor], Tensor],
    train: Examples,
    *,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    epochs: int,
    batch_size: int = 32,
    validation: Examples | None = None,
    score: Callable[[Tensor, Tensor], float] | None = None,
    seed: int = 0,
) -> History:
    """Train a model on minibatches.

    Each epoch goes once through the training examples in a new random order; the last minibatch
    may be smaller. A model that is an `nn.Module` is in training mode for the steps and in
    evaluation mode for the validation and afterwards.

    Args:
        model: From inputs (B, ...) to outputs.
        train: Inputs (N, ...) and targets (N, ...).
        loss: From outputs and targets to a number, a mean over the batch.
        optimizer: Holds the model's parameters.
        epochs: How often to go through the examples, at least 0.
        batch_size: Examples in a step, at least 1; N or more is the whole set at once.
        validation: Examples to measure `loss` and `score` on after each epoch.
        score: From outputs and targets to a number, such as `dlref.metrics.accuracy`.
        seed: Decides the order of the examples, and nothing else.

    Returns:
        The history of the run.

    Raises:
        ValueError: If there are no examples or not as many targets, if `epochs` or `batch_size`
            is too small, or if there is a score but nothing to validate on.
        FloatingPointError: If the loss becomes infinite or NaN.

    Examples:
        >>> weight = torch.zeros(1, requires_grad=True)
        >>> line = Examples(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([2.0, 4.0, 6.0]))
        >>> history = fit(
        ...     lambda x: weight * x,
        ...     line,
        ...     loss=lambda y, target: ((y - target) ** 2).mean(),
        ...     optimizer=torch.optim.SGD([weight], lr=0.05),
        ...     epochs=20,
        ... )
        >>> round(weight.item(), 3), history.train_loss[0] > history.train_loss[-1]
        (2.0, True)
    """
    count = len(train.inputs)
    if not count or len(train.targets) != count:
        raise ValueError(f"train must hold as many targets as inputs, at least one; got {len(train.targets)}, {count}")
    if epochs < 0 or batch_size < 1:
        raise ValueError(f"expected epochs >= 0 and batch_size >= 1, got {epochs} and {batch_size}")
    if score is not None and validation is None:
        raise ValueError("score needs validation examples, got none")
    generator = torch.Generator().manual_seed(seed)
    history = History([], [], [])
    for epoch in range(epochs):
        _train_mode(model, on=True)
        total = 0.0
        for step, batch in enumerate(torch.randperm(count, generator=generator).split(batch_size)):
            optimizer.zero_grad()
            value = loss(model(train.inputs[batch]), train.targets[batch])
            if not value.isfinite():
                raise FloatingPointError(
                    f"the loss is {value.item()} in epoch {epoch}, step {step}; a smaller step may help"
                )
            value.backward()
            optimizer.step()
            total += value.item() * len(batch)
        history.train_loss.append(total / count)
        _train_mode(model, on=False)
        if validation is not None:
            with torch.no_grad():
                outputs = model(validation.inputs)
                history.validation_loss.append(loss(outputs, validation.targets).item())
                if score is not None:
                    history.validation_score.append(float(score(outputs, validation.targets)))
    return history


def _train_mode(model: object, *, on: bool) -> None:
    if isinstance(model, nn.Module):
        model.train(on)
