"""Refuse what a function cannot take, in words that name the expected and the given.

A shape is written as in the docstrings, sizes by name: `"B D"` has two axes, `"... D"` any number of
axes before the last, `"O 1 3"` has sizes that are given. A name stands for one size in a whole call.
"""

from typing import Any

import torch
from torch import Tensor

__all__ = ["check_floating", "check_labels", "check_shapes"]


def check_floating(**tensors: Any) -> None:
    """Refuse what is not a floating-point tensor, and tensors of different dtypes.

    Args:
        tensors: The arguments to check by their names; None is an argument that was left out.

    Raises:
        ValueError: If one is not a floating-point torch tensor, or two differ in dtype.

    Examples:
        >>> check_floating(x=torch.ones(2), bias=None)
        >>> check_floating(x=torch.ones(2), weight=torch.tensor([1, 2]))
        Traceback (most recent call last):
        ValueError: weight must be a floating-point torch tensor, got torch.int64
    """
    given = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    for name, tensor in given.items():
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            kind = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
            raise ValueError(f"{name} must be a floating-point torch tensor, got {kind}")
    if len({tensor.dtype for tensor in given.values()}) > 1:
        dtypes = ", ".join(f"{name} {tensor.dtype}" for name, tensor in given.items())
        raise ValueError(f"expected one dtype, got {dtypes}")


def check_shapes(**arguments: tuple[Tensor | None, str]) -> dict[str, int]:
    """Refuse tensors whose shapes do not fit together.

    Args:
        arguments: By name, a tensor and the shape it must have; a tensor that is None is skipped.

    Returns:
        The size that each name stands for.

    Raises:
        ValueError: If a tensor has another number of axes than its shape, or a size differs from the
            number in its place, or from what the same name stood for before.

    Examples:
        >>> x, weight = torch.ones(5, 3), torch.ones(4, 2)
        >>> check_shapes(x=(x, "B D"))
        {'B': 5, 'D': 3}
        >>> check_shapes(x=(x, "... D"), weight=(weight, "O D"))
        Traceback (most recent call last):
        ValueError: weight must have shape (O, D) with D = 3, got (4, 2)
    """
    sizes: dict[str, int] = {}
    for name, (tensor, shape) in arguments.items():
        if tensor is None:
            continue
        axes = shape.split()
        last = axes[1:] if axes[:1] == ["..."] else axes
        given = tuple(tensor.shape)
        fits = len(given) >= len(last) if last is not axes else len(given) == len(last)
        known = {axis: sizes[axis] for axis in last if axis in sizes}
        if fits:
            for axis, size in zip(last, given[len(given) - len(last) :], strict=True):
                fits &= size == (int(axis) if axis.isdecimal() else sizes.setdefault(axis, size))
        if not fits:
            with_sizes = ", ".join(f"{axis} = {size}" for axis, size in known.items())
            comma = "," if len(axes) == 1 else ""
            expected = f"({', '.join(axes)}{comma})" + (f" with {with_sizes}" if with_sizes else "")
            raise ValueError(f"{name} must have shape {expected}, got {given}")
    return sizes


def check_labels(name: str, labels: Any, classes: int) -> None:
    """Refuse what is not a tensor of class numbers.

    Args:
        name: What the argument is called.
        labels: Class numbers, int64, of any shape.
        classes: How many classes there are; labels go from 0 to ``classes`` - 1.

    Raises:
        ValueError: If it is not an int64 tensor, or a label is out of range.

    Examples:
        >>> check_labels("target", torch.tensor([0, 3]), 3)
        Traceback (most recent call last):
        ValueError: target must hold classes from 0 to 2, got 0 to 3
    """
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64:
        kind = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"{name} must be an int64 torch tensor, got {kind}")
    if labels.numel() and not 0 <= labels.min() <= labels.max() < classes:
        given = f"{int(labels.min())} to {int(labels.max())}"
        raise ValueError(f"{name} must hold classes from 0 to {classes - 1}, got {given}")
