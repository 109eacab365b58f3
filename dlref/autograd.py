r"""Reverse-mode differentiation of expressions in single numbers.

Every operation on a `Value` computes its result and, at once, the slope of the result with respect to
each operand. `Value.backward` then walks from the result to where it came from and multiplies slopes along
the way: the chain rule, each step of it once.

$$\frac{\partial y}{\partial u} = \sum_{v \text{ computed from } u}
\frac{\partial y}{\partial v} \, \frac{\partial v}{\partial u}$$

torch does the same with tensors in place of numbers.
"""

import itertools
import math
from numbers import Real
from operator import attrgetter
from typing import Any, NamedTuple

__all__ = ["Graph", "Node", "Value"]

_clock = itertools.count()


class Node(NamedTuple):
    """One value of a graph: its name, the operation that made it, the value and the gradient."""

    name: str
    op: str
    data: float
    grad: float


class Graph(NamedTuple):
    """The values behind a result in the order of their making, and who was computed from whom.

    An edge (i, j) says that `nodes[j]` was computed from `nodes[i]`; always i < j.
    """

    nodes: list[Node]
    edges: list[tuple[int, int]]


def _number(x: Any, role: str) -> float:
    """Return x as a float, refusing what is not a finite number."""
    countable = issubclass(type(x), Real) and type(x) is not bool
    number = _or_infinite(float, x) if countable else math.nan
    if not math.isfinite(number):
        raise ValueError(f"{role} must be a finite number, got {x!r}")
    return number


class Value:
    r"""Hold a number that remembers how it was computed.

    It takes part in `+`, `-`, `*`, `/` and `**` with other values and with plain numbers, and has `exp`,
    `log`, `tanh`, `sigmoid` and `relu` as methods. Each of these gives a new value and changes none. An
    exponent must be a plain number; for $a^b$ of two values write `(b * a.log()).exp()`.

    Args:
        data: Any finite number.
        name: What a drawing of the graph calls it; may be set later.

    Attributes:
        data: The number, a float. Assigning to it, as a step of gradient descent does, changes nothing that
            was computed before: slopes are those at the point where the operation took place.
        grad: The sum of what every `backward` since the last reset has found, 0 at first.
        name: The name for drawings.
        op: The operation that made it, such as `"+"`; empty for a value that was given.
        inputs: What it was computed from, each with the slope of this value in it; empty for one given.

    Raises:
        ValueError: If `data` or an operand is not a number, or not finite, and if a result or a slope is too
            large for a float: every value is finite.

    Source:
        Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16, 1976;
        Baydin, Pearlmutter, Radul and Siskind, "Automatic differentiation in machine learning: a survey",
        arXiv 1502.05767, section 3.2.

    Differs from:
        `torch.autograd` raises on a second `backward` unless told to retain the graph, and keeps the
        gradients of leaves only; here every value keeps its own, and a second call adds them once more.
        torch returns inf or NaN where this class refuses, as for the logarithm of 0.

    Examples:
        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> y = w * x + x**2
        >>> y.backward()
        >>> y, w.grad, x.grad
        (Value(10.0), 2.0, 7.0)
    """

    __slots__ = ("_made", "data", "grad", "inputs", "name", "op")

    def __init__(self, data: float, name: str = "") -> None:
        self.data = _number(data, "the data of a Value")
        self.grad = 0.0
        self.name = name
        self.op = ""
        self.inputs: tuple[tuple[Value, float], ...] = ()
        self._made = next(_clock)

    def __repr__(self) -> str:
        return f"Value({self.data}, {self.name!r})" if self.name else f"Value({self.data})"

    def _then(self, op: str, data: float, *inputs: "tuple[Value, float]") -> "Value":
        """Return the result of an operation on this value, given each input with the result's slope in it."""
        if not all(map(math.isfinite, (data, *(slope for _, slope in inputs)))):
            numbers = " and ".join(f"{value.data:g}" for value, _ in inputs)
            raise ValueError(f"the result of {op} on {numbers}, or its slope, is too large for a float")
        result = Value(data)
        result.op, result.inputs = op, inputs
        return result

    def __add__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return self._then("+", self.data + other.data, (self, 1.0), (other, 1.0))

    def __sub__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return self._then("−", self.data - other.data, (self, 1.0), (other, -1.0))

    def __mul__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return self._then("×", self.data * other.data, (self, other.data), (other, self.data))

    def __truediv__(self, other: "Value | float") -> "Value":
        other = _value(other)
        if other.data == 0:
            raise ValueError(f"the divisor must not be 0, got {self.data} / 0")
        quotient = self.data / other.data
        return self._then("÷", quotient, (self, 1 / other.data), (other, -quotient / other.data))

    def __pow__(self, exponent: float) -> "Value":
        n = _number(exponent, "the exponent")
        if self.data < 0 and not n.is_integer():
            raise ValueError(f"a negative base needs a whole exponent, got {self.data} ** {n}")
        if self.data == 0 and n < 1 and n != 0:
            raise ValueError(f"the exponent of 0 must be 0 or at least 1, or there is no slope; got {n}")
        power = _or_infinite(math.pow, self.data, n)
        slope = n * _or_infinite(math.pow, self.data, n - 1) if n else 0.0
        return self._then(f"^{n:g}", power, (self, slope))

    def __neg__(self) -> "Value":
        return self._then("−", -self.data, (self, -1.0))

    def __radd__(self, other: float) -> "Value":
        return _value(other) + self

    def __rsub__(self, other: float) -> "Value":
        return _value(other) - self

    def __rmul__(self, other: float) -> "Value":
        return _value(other) * self

    def __rtruediv__(self, other: float) -> "Value":
        return _value(other) / self

    def __rpow__(self, base: float) -> "Value":
        return _value(base) ** self  # type: ignore[operator]  # refused there, in words

    def exp(self) -> "Value":
        r"""Return $e^x$, whose slope is itself.

        Raises:
            ValueError: If the result is too large for a float, from about 709.8.
        """
        power = _or_infinite(math.exp, self.data)
        return self._then("exp", power, (self, power))

    def log(self) -> "Value":
        r"""Return $\ln x$, whose slope is $1 / x$.

        Raises:
            ValueError: If the value is not positive.
        """
        if self.data <= 0:
            raise ValueError(f"the logarithm needs a positive number, got {self.data}")
        return self._then("log", math.log(self.data), (self, 1 / self.data))

    def tanh(self) -> "Value":
        r"""Return $t = \tanh x$, whose slope is $1 - t^2$."""
        t = math.tanh(self.data)
        return self._then("tanh", t, (self, 1 - t * t))

    def sigmoid(self) -> "Value":
        r"""Return $s = 1 / (1 + e^{-x})$, whose slope is $s (1 - s)$, without overflow on either side."""
        decay = math.exp(-abs(self.data))
        s = (1 if self.data >= 0 else decay) / (1 + decay)
        return self._then("sigmoid", s, (self, s * (1 - s)))

    def relu(self) -> "Value":
        r"""Return $\max(0, x)$, whose slope is 1 for a positive number and 0 otherwise, at 0 too."""
        positive = self.data > 0
        return self._then("relu", self.data if positive else 0.0, (self, 1.0 if positive else 0.0))

    def backward(self) -> None:
        r"""Add to the `grad` of every value behind this one the slope of this one with respect to it.

        This value itself gets 1. Values are visited from the youngest to the oldest: a value is younger than
        all that it was computed from, so its own gradient is complete when its turn comes. There is no
        recursion, and a chain of any length will do.

        Calling it twice adds everything twice. Set `grad` to 0 before the next step of a training loop.

        Examples:
            >>> x = Value(3.0)
            >>> (x * x).backward()
            >>> (2 * x).backward()
            >>> x.grad
            8.0
        """
        # What this call finds is kept apart until it is complete, or a second call would count the first again.
        found = dict.fromkeys(self._history(), 0.0)
        found[self] = 1.0
        for value in reversed(found):
            value.grad += found[value]
            for source, slope in value.inputs:
                found[source] += slope * found[value]

    def graph(self) -> Graph:
        """Return every value behind this one, itself last, and the edges between them.

        `dlref.plots.computation_graph` draws it.

        Examples:
            >>> a = Value(2.0, "a")
            >>> nodes, edges = (a * a).graph()
            >>> nodes[1], edges
            (Node(name='', op='×', data=4.0, grad=0.0), [(0, 1), (0, 1)])
        """
        history = self._history()
        place = {value: index for index, value in enumerate(history)}
        nodes = [Node(value.name, value.op, value.data, value.grad) for value in history]
        return Graph(nodes, [(place[source], place[value]) for value in history for source, _ in value.inputs])

    def _history(self) -> "list[Value]":
        """Return this value and all that it was computed from, oldest first."""
        seen, waiting = {self}, [self]
        while waiting:
            for source, _ in waiting.pop().inputs:
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
        return sorted(seen, key=attrgetter("_made"))


def _value(operand: Any) -> Value:
    """Return the operand if it is a Value, else make one of it."""
    return operand if isinstance(operand, Value) else Value(_number(operand, "an operand of a Value"))


def _or_infinite(function: Any, *arguments: float) -> float:
    """Call a function of the math module, with inf where it would overflow."""
    try:
        return float(function(*arguments))
    except OverflowError:
        return math.inf
