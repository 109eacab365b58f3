"""The chain rule on single numbers: by hand, by finite differences, beside torch on trees that hypothesis grows."""

import gc
import math
import operator
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlref.autograd import Graph, Node, Value

# Worked by hand


def test_a_sum_of_products_by_hand() -> None:
    w, x, b = Value(3.0), Value(2.0), Value(-1.0)
    y = (w * x + b) ** 2  # 5 squared, slope 10
    y.backward()
    assert (y.data, y.grad) == (25, 1)
    assert (w.grad, x.grad, b.grad) == (20, 30, 10)


@pytest.mark.parametrize(
    ("expression", "at", "value", "slope"),
    [
        (lambda a: a + 3, 2, 5, 1),
        (lambda a: 3 + a, 2, 5, 1),
        (lambda a: a - 3, 2, -1, 1),
        (lambda a: 3 - a, 2, 1, -1),
        (lambda a: a * 3, 2, 6, 3),
        (lambda a: 3 * a, 2, 6, 3),
        (lambda a: a / 4, 2, 0.5, 0.25),
        (lambda a: 4 / a, 2, 2, -1),
        (lambda a: -a, 2, -2, -1),
        (lambda a: a**3, -2, -8, 12),
        (lambda a: a**-1, -2, -0.5, -0.25),
        (lambda a: a**0.5, 4, 2, 0.25),
        (lambda a: a**0, 0, 1, 0),
        (lambda a: a**1, 0, 0, 1),
        (lambda a: a.exp(), math.log(3), 3, 3),
        (lambda a: a.log(), 4, math.log(4), 0.25),
        (lambda a: a.tanh(), math.log(2), 3 / 5, 16 / 25),
        (lambda a: a.sigmoid(), math.log(3), 3 / 4, 3 / 16),
        (lambda a: a.sigmoid(), -math.log(3), 1 / 4, 3 / 16),
        (lambda a: a.sigmoid(), -1000, 0, 0),
        (lambda a: a.sigmoid(), 1000, 1, 0),
        (lambda a: a.relu(), 2, 2, 1),
        (lambda a: a.relu(), -2, 0, 0),
        (lambda a: a.relu(), 0, 0, 0),
    ],
)
def test_every_operation_by_hand(expression: Callable[[Value], Value], at: float, value: float, slope: float) -> None:
    a = Value(at)
    result = expression(a)
    result.backward()
    assert result.data == pytest.approx(value, rel=1e-15)
    assert a.grad == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize(
    ("op", "slopes"),
    [(operator.add, (1, 1)), (operator.sub, (1, -1)), (operator.mul, (4, 8)), (operator.truediv, (1 / 4, -1 / 2))],
)
def test_an_operation_on_two_values_has_a_slope_in_each(op: Callable[..., Value], slopes: tuple[float, float]) -> None:
    a, b = Value(8.0), Value(4.0)
    op(a, b).backward()
    assert (a.grad, b.grad) == slopes


def test_a_value_used_twice_gets_the_sum_of_both_ways() -> None:
    a = Value(3.0)
    b = a * a  # 6 along one operand and the other
    c = b * a + b  # (a^3 + a^2)' = 3 a^2 + 2 a
    c.backward()
    assert a.grad == 33
    assert b.grad == 4  # a + 1


def test_a_value_is_visited_after_all_that_use_it_though_one_way_is_longer() -> None:
    a = Value(2.0)
    early = a * 3
    late = early + early * early + a  # 6 + 36 + 2
    late.backward()
    assert early.grad == 13
    assert a.grad == 40  # 3 (1 + 2 * 6) + 1


def test_a_second_backward_adds_everything_once_more() -> None:
    a = Value(3.0)
    b = a * a
    c = 2 * b
    c.backward()
    c.backward()
    assert (a.grad, b.grad, c.grad) == (24, 4, 2)


def test_gradients_of_two_results_add_up() -> None:
    a = Value(3.0)
    (a * a).backward()
    (5 * a).backward()
    assert a.grad == 11


def test_slopes_stay_those_of_the_moment_when_the_data_change_later() -> None:
    a = Value(3.0)
    b = a * a
    a.data = 100.0
    b.backward()
    assert (b.data, a.grad) == (9, 6)


def test_values_that_took_no_part_keep_their_gradient() -> None:
    a, bystander = Value(1.0), Value(2.0)
    _ = bystander * a
    (a + 1).backward()
    assert bystander.grad == 0


def test_other_kinds_of_numbers_are_taken() -> None:
    threes: list[Any] = [3, 3.0, Fraction(3), np.float64(3), np.float32(3), np.int64(3)]
    for three in threes:
        for product in (Value(2) * three, three * Value(2)):
            assert isinstance(product, Value)
            assert product.data == 6


def test_values_are_shown_with_their_names() -> None:
    assert [repr(Value(2.0)), repr(Value(0.5, "w"))] == ["Value(2.0)", "Value(0.5, 'w')"]


def test_the_graph_lists_values_oldest_first_and_an_edge_for_each_operand() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    _ = a * 100  # no part of the result
    product = a * b
    result = product + a
    result.name = "y"
    result.backward()
    nodes = [Node("a", "", 2.0, 4.0), Node("b", "", 3.0, 2.0), Node("", "×", 6.0, 1.0), Node("y", "+", 8.0, 1.0)]
    assert result.graph() == Graph(nodes, [(0, 2), (1, 2), (2, 3), (0, 3)])


# Trees of expressions, each evaluated with Value and with torch

Tree = tuple[Any, ...]
Call = Callable[[str, Any], Any]  # applies a function by its name


def steps_on_one(f: Call) -> dict[str, Callable[[Any], Any]]:
    """Return steps that keep numbers moderate and away from corners: no tree has to be thrown away."""
    return {
        "minus": lambda a: -a,
        "shared": lambda a: a * f("tanh", a) - a,  # one object, used three times
        "cube": lambda a: f("tanh", a) ** 3,
        "inverse": lambda a: (a * a + 1) ** -1,
        "root": lambda a: (a * a + 1) ** 0.5,
        "exp": lambda a: f("exp", f("tanh", a)),
        "log": lambda a: f("log", a * a + 0.5),
        "sigmoid": lambda a: f("sigmoid", a),
        "constants": lambda a: 3 + a * 0.5 - (2 - (1 / (a * a + 1)) * 2) / 4,
    }


def steps_on_two(f: Call) -> dict[str, Callable[[Any, Any], Any]]:
    return {
        "sum": lambda a, b: a + b,
        "difference": lambda a, b: a - b,
        "product": lambda a, b: f("tanh", a) * b,
        "quotient": lambda a, b: a / (b * b + 1),
        "relu": lambda a, b: f("relu", a) - b,
    }


def evaluate(tree: Tree, inputs: Any, f: Call) -> Any:
    if len(tree) == 1:
        return inputs[tree[0]]
    step, *children = tree
    arguments = [evaluate(child, inputs, f) for child in children]
    return steps_on_one(f)[step](*arguments) if len(children) == 1 else steps_on_two(f)[step](*arguments)


ONE, TWO = sorted(steps_on_one(getattr)), sorted(steps_on_two(getattr))
leaves = st.tuples(st.integers(0, 2))  # one of three inputs
trees = st.recursive(
    leaves,
    lambda child: st.tuples(st.sampled_from(ONE), child) | st.tuples(st.sampled_from(TWO), child, child),
    max_leaves=12,
)
points = st.lists(st.floats(-2, 2), min_size=3, max_size=3)


@settings(max_examples=200)
@given(trees, points)
def test_random_expressions_have_torchs_values_and_gradients(tree: Tree, point: list[float]) -> None:
    twin(tree, point)


@pytest.mark.parametrize("tree", [*((step, (0,)) for step in ONE), *((step, (0,), (1,)) for step in TWO)], ids=str)
def test_each_kind_of_step_has_torchs_value_and_gradients(tree: Tree) -> None:
    twin(tree, [0.3, -0.8, 1.1])


def twin(tree: Tree, point: list[float]) -> None:
    inputs = [Value(x) for x in point]
    ours = evaluate(tree, inputs, lambda name, x: getattr(x, name)())
    ours.backward()
    tensors = torch.tensor(point, dtype=torch.float64, requires_grad=True)
    theirs = evaluate(tree, tensors, lambda name, x: getattr(torch, name)(x))
    (wanted,) = torch.autograd.grad(theirs, tensors)
    assert ours.data == pytest.approx(theirs.item(), rel=1e-9, abs=1e-9)
    assert [value.grad for value in inputs] == pytest.approx(wanted.tolist(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "expression",
    [
        lambda a, b, c: (a * b + c).tanh() * a,
        lambda a, b, c: (a - b) ** 2 / (1 + c.exp()) + (a * a * b).sigmoid(),
        lambda a, b, c: (a + 5).log() * (b + c).relu() - a / c,
        lambda a, b, c: ((a + 3) ** 1.5 - 2 / (b + 4)) * (-c),
    ],
)
def test_slopes_match_finite_differences(expression: Callable[..., Value]) -> None:
    point, step = [0.7, -0.4, 1.3], 1e-6
    inputs = [Value(x) for x in point]
    expression(*inputs).backward()
    for place, value in enumerate(inputs):
        up, down = (
            expression(*(Value(x + sign * step * (k == place)) for k, x in enumerate(point))).data for sign in (1, -1)
        )
        assert value.grad == pytest.approx((up - down) / (2 * step), rel=1e-7, abs=1e-9)


# Size


def test_a_chain_of_twenty_thousand_operations_works() -> None:
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1e-3
    y.backward()
    assert y.data == pytest.approx(21)
    assert x.grad == 1
    assert len(y.graph().nodes) == 40_001


def test_a_graph_with_two_ways_at_every_step_takes_linear_time() -> None:
    y = x = Value(1.0)
    for _ in range(300):  # 2^300 paths
        y = (y + y) * 0.5
    y.backward()
    assert x.grad == 1


def test_letting_go_of_a_long_chain_does_not_overflow_the_stack() -> None:
    program = """
import gc, threading
from dlref.autograd import Value
def chain():
    y = Value(0.0)
    for _ in range(200_000):
        y = y + 1
    del y  # by counting references
    y = Value(0.0)
    for _ in range(100_000):
        y = y * 1
    y.name = loop = [y]  # a cycle, for the collector
    loop.append(loop)
    del y, loop
    gc.collect()
    print("gone")
threading.stack_size(256 * 1024)
thread = threading.Thread(target=chain)
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("gone\n", "", 0)


def test_a_graph_holds_no_cycles_so_that_it_goes_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        y = Value(1.0)
        for _ in range(1000):
            y = (y * 2).tanh()
        y.backward()
        del y
        assert len(gc.get_objects()) - before < 100
    finally:
        gc.enable()


# Refusals


def refusals() -> Iterator[Any]:
    one: Any = Value(1.0)
    zero, minus, nothing = Value(0.0), Value(-8.0), None
    yield "text", lambda: Value("2"), r"the data of a Value must be a finite number, got '2'"  # type: ignore[arg-type]
    yield "truth", lambda: Value(True), r"the data of a Value must be a finite number, got True"
    yield "nan", lambda: Value(math.nan), r"the data of a Value must be a finite number, got nan"
    yield "huge whole number", lambda: Value(10**400), r"the data of a Value must be a finite number, got 1000"
    yield "+", lambda: one + "2", r"an operand of a Value must be a finite number, got '2'"
    yield "reflected *", lambda: nothing * one, r"an operand of a Value must be a finite number, got None"
    yield "tensor", lambda: one - torch.tensor(2.0), r"must be a finite number, got tensor\(2\.\)"
    yield "division by 0", lambda: one / 0, r"the divisor must not be 0, got 1\.0 / 0"
    yield "reflected division", lambda: 1 / zero, r"the divisor must not be 0, got 1\.0 / 0"
    yield "log 0", zero.log, r"the logarithm needs a positive number, got 0\.0"
    yield "log negative", minus.log, r"the logarithm needs a positive number, got -8\.0"
    yield "exponent a Value", lambda: one**one, r"the exponent must be a finite number, got Value\(1\.0\)"
    yield "base a number", lambda: 2**one, r"the exponent must be a finite number, got Value\(1\.0\)"
    yield "exponent infinite", lambda: one**math.inf, r"the exponent must be a finite number, got inf"
    yield "root of a negative", lambda: minus ** (1 / 3), r"a negative base needs a whole exponent, got -8\.0 \*\* 0\.3"
    yield "root of 0", lambda: zero**0.5, r"the exponent of 0 must be 0 or at least 1, or there is no slope; got 0\.5"
    yield "inverse of 0", lambda: zero**-1, r"the exponent of 0 must be 0 or at least 1, or there is no slope; got -1"
    yield "exp", lambda: Value(1000).exp(), r"the result of exp on 1000, or its slope, is too large for a float"
    yield "product", lambda: Value(1e200) * 1e200, r"the result of × on 1e\+200 and 1e\+200, or its slope, is too large"
    yield "power", lambda: Value(1e200) ** 2, r"the result of \^2 on 1e\+200, or its slope, is too large"
    yield "slope", lambda: Value(1e-310).log(), r"the result of log on 1e-310, or its slope, is too large"


CASES = list(refusals())


@pytest.mark.parametrize(("call", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_bad_input_is_refused_in_words(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
