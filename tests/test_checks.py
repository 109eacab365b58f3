"""What a function refuses, it refuses in words that name the expected and the given."""

import pytest
import torch

from dlref.checks import check_floating, check_labels, check_shapes


def test_sizes_are_bound_by_name_across_tensors() -> None:
    x, weight, bias = torch.ones(5, 3), torch.ones(4, 3), torch.ones(4)
    sizes = check_shapes(x=(x, "B D"), weight=(weight, "O D"), bias=(bias, "O"))
    assert sizes == {"B": 5, "D": 3, "O": 4}


def test_a_tensor_that_was_left_out_is_skipped() -> None:
    assert check_shapes(x=(torch.ones(2), "D"), bias=(None, "D")) == {"D": 2}
    check_floating(x=torch.ones(1), bias=None)


def test_dots_stand_for_any_number_of_axes_in_front() -> None:
    for shape in [(3,), (2, 3), (5, 2, 3)]:
        assert check_shapes(x=(torch.ones(shape), "... D")) == {"D": 3}


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"x": ((5,), "B D")}, r"x must have shape \(B, D\), got \(5,\)"),
        ({"x": ((5, 3, 1), "B D")}, r"x must have shape \(B, D\), got \(5, 3, 1\)"),
        ({"x": ((), "... D")}, r"x must have shape \(\.\.\., D\), got \(\)"),
        ({"x": ((5, 3), "B D"), "w": ((4, 2), "O D")}, r"w must have shape \(O, D\) with D = 3, got \(4, 2\)"),
        ({"x": ((5, 3), "B D"), "b": ((2,), "D")}, r"b must have shape \(D,\) with D = 3, got \(2,\)"),
        ({"x": ((5, 2, 2), "C 1 2")}, r"x must have shape \(C, 1, 2\), got \(5, 2, 2\)"),
        ({"x": ((5, 4), "N N")}, r"x must have shape \(N, N\), got \(5, 4\)"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(shapes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_shapes(**{name: (torch.ones(size), axes) for name, (size, axes) in shapes.items()})


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"x": [1.0]}, "x must be a floating-point torch tensor, got list"),
        ({"x": torch.tensor([1])}, r"x must be a floating-point torch tensor, got torch\.int64"),
        ({"x": torch.ones(1), "w": torch.ones(1).double()}, r"one dtype, got x torch\.float32, w torch\.float64"),
    ],
)
def test_what_is_not_floating_point_of_one_kind_is_refused(tensors, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_floating(**tensors)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "target must be an int64 torch tensor, got list"),
        (torch.tensor([0.0]), r"target must be an int64 torch tensor, got torch\.float32"),
        (torch.tensor([0, 3]), "target must hold classes from 0 to 2, got 0 to 3"),
        (torch.tensor([-1, 2]), "target must hold classes from 0 to 2, got -1 to 2"),
    ],
)
def test_labels_outside_the_classes_are_refused(labels, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_labels("target", labels, 3)


def test_labels_inside_the_classes_pass() -> None:
    check_labels("target", torch.tensor([[0, 2], [1, 1]]), 3)
    check_labels("target", torch.tensor([], dtype=torch.int64), 3)
