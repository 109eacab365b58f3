"""Each cell and layer by hand, by its invariants, by finite differences, beside its twin in torch."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from dlref.recurrent import GRU, LSTM, RNN, gru_cell, lstm_cell, rnn_cell

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
CELLS: dict[str, Callable[..., Any]] = {"rnn": rnn_cell, "gru": gru_cell, "lstm": lstm_cell}
LAYERS: dict[str, Callable[[int, int], Any]] = {"rnn": RNN, "gru": GRU, "lstm": LSTM}
TORCH_CELLS: dict[str, Callable[[int, int], Any]] = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}
TORCH_LAYERS: dict[str, Callable[[int, int], Any]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
each_kind = pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
seeds = st.integers(0, 10_000)


def sigma(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def close(actual: Tensor, expected: Tensor | float) -> None:
    expected = torch.as_tensor(expected, dtype=actual.dtype).broadcast_to(actual.shape)
    torch.testing.assert_close(actual, expected, rtol=1e-11, atol=1e-12)


def weights(kind: str, D: int = 3, H: int = 4, seed: int = 0) -> list[Tensor]:
    """Return w_ih, w_hh, b_ih, b_hh, all different, of the size that keeps gates off their ends."""
    generator = torch.Generator().manual_seed(seed)
    G = GATES[kind] * H
    return [torch.randn(size, generator=generator, dtype=torch.float64) for size in ((G, D), (G, H), (G,), (G,))]


def inputs(*size: int, seed: int = 1) -> Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def state(kind: str, *size: int, seed: int = 2) -> Any:
    """Return a random hidden state; for the LSTM with a cell."""
    h, c = inputs(*size, seed=seed).tanh(), inputs(*size, seed=seed + 1)
    return (h, c) if kind == "lstm" else h


def tensors(value: Any) -> list[Tensor]:
    """Return the tensors in an output or a state, in their order."""
    return [value] if isinstance(value, Tensor) else [tensor for part in value for tensor in tensors(part)]


# Worked by hand: one unit, every weight another number


def test_one_step_of_a_plain_unit_by_hand() -> None:
    h = rnn_cell(column(2), column(0.5), column(0.3), column(-0.4), column(0.1)[0], column(0.2)[0])
    close(h, math.tanh(0.3 * 2 + 0.1 - 0.4 * 0.5 + 0.2))


def test_one_step_of_an_lstm_unit_by_hand() -> None:
    x, h, c = 2.0, 0.5, -0.7
    w_ih, w_hh = (0.1, -0.2, 0.3, 0.4), (0.5, 0.6, -0.7, 0.8)
    b_ih, b_hh = (0.01, 0.02, -0.03, 0.04), (0.05, -0.06, 0.07, 0.08)
    i = sigma(0.1 * x + 0.5 * h + 0.06)
    f = sigma(-0.2 * x + 0.6 * h - 0.04)
    g = math.tanh(0.3 * x - 0.7 * h + 0.04)
    o = sigma(0.4 * x + 0.8 * h + 0.12)
    ours = lstm_cell(
        column(x), (column(h), column(c)), column(*w_ih), column(*w_hh), column(*b_ih)[:, 0], column(*b_hh)[:, 0]
    )
    close(ours[1], f * c + i * g)
    close(ours[0], o * math.tanh(f * c + i * g))


@pytest.mark.parametrize("reset_after", [True, False])
def test_one_step_of_a_gru_unit_by_hand_in_both_forms(reset_after: bool) -> None:
    x, h = 2.0, 0.5
    w_ih, w_hh = (0.1, -0.2, 0.3), (0.5, 0.6, -0.7)
    b_ih, b_hh = (0.01, 0.02, -0.03), (0.05, -0.06, 0.07)
    r = sigma(0.1 * x + 0.5 * h + 0.06)
    z = sigma(-0.2 * x + 0.6 * h - 0.04)
    recalled = r * (-0.7 * h + 0.07) if reset_after else -0.7 * (r * h) + 0.07
    n = math.tanh(0.3 * x - 0.03 + recalled)
    ours = gru_cell(
        *(column(x), column(h), column(*w_ih), column(*w_hh), column(*b_ih)[:, 0], column(*b_hh)[:, 0]),
        reset_after=reset_after,
    )
    close(ours, (1 - z) * n + z * h)


def test_two_units_use_their_own_rows_of_the_weights() -> None:
    w_ih, w_hh = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    h = rnn_cell(torch.tensor([[0.1, 0.2]]), torch.tensor([[0.3, 0.4]]), w_ih, w_hh, torch.zeros(2), torch.zeros(2))
    torch.testing.assert_close(h, torch.tensor([[0.1 + 0.4 + 0.4, 0.3 + 0.8 - 0.3]]).tanh())


# Invariants


@given(seeds)
def test_an_lstm_with_an_open_forget_gate_and_a_closed_input_gate_keeps_its_cell(seed: int) -> None:
    w_ih, w_hh, b_ih, b_hh = weights("lstm", seed=seed)
    b_ih[0:4], b_ih[4:8] = -200, 200
    _, c = state("lstm", 5, 4)
    for step in range(3):
        h, kept = lstm_cell(inputs(5, 3, seed=step), (inputs(5, 4, seed=seed), c), w_ih, w_hh, b_ih, b_hh)
    close(kept, c)
    assert (h.abs() <= c.tanh().abs()).all()  # the output gate lets through a part


@given(seeds)
def test_an_lstm_with_a_closed_forget_gate_forgets_its_cell(seed: int) -> None:
    w_ih, w_hh, b_ih, b_hh = weights("lstm", seed=seed)
    b_hh[4:8] = -200
    h, c = state("lstm", 5, 4)
    x = inputs(5, 3, seed=seed)
    for one, other in zip(
        lstm_cell(x, (h, c), w_ih, w_hh, b_ih, b_hh), lstm_cell(x, (h, 9 * c), w_ih, w_hh, b_ih, b_hh), strict=True
    ):
        close(one, other)


@given(seeds, st.booleans())
def test_a_gru_whose_update_gate_is_one_keeps_its_state(seed: int, reset_after: bool) -> None:
    w_ih, w_hh, b_ih, b_hh = weights("gru", seed=seed)
    b_ih[4:8] = 200
    h = state("gru", 5, 4)
    close(gru_cell(inputs(5, 3, seed=seed), h, w_ih, w_hh, b_ih, b_hh, reset_after=reset_after), h)


@given(seeds)
def test_a_gru_whose_gates_are_zero_and_one_is_a_plain_unit(seed: int) -> None:
    w_ih, w_hh, b_ih, b_hh = weights("gru", seed=seed)
    b_ih[0:4], b_ih[4:8] = 200, -200  # r = 1 and z = 0
    x, h = inputs(5, 3, seed=seed), state("gru", 5, 4)
    plain = rnn_cell(x, h, w_ih[8:], w_hh[8:], b_ih[8:], b_hh[8:])
    for reset_after in (True, False):
        close(gru_cell(x, h, w_ih, w_hh, b_ih, b_hh, reset_after=reset_after), plain)


@given(seeds, st.floats(-3, 3))
def test_the_two_forms_agree_if_all_units_share_one_reset_and_no_bias(seed: int, logit: float) -> None:
    w_ih, w_hh, b_ih, b_hh = weights("gru", seed=seed)
    w_ih[0:4], w_hh[0:4], b_ih[0:4], b_hh[0:4], b_hh[8:] = 0, 0, logit, 0, 0
    x, h = inputs(5, 3, seed=seed), state("gru", 5, 4)
    after, before = (gru_cell(x, h, w_ih, w_hh, b_ih, b_hh, reset_after=form) for form in (True, False))
    close(after, before)


def test_the_two_forms_differ_for_random_weights_and_for_a_bias_alone() -> None:
    x, h = inputs(5, 3), state("gru", 5, 4)
    w_ih, w_hh, b_ih, b_hh = weights("gru")
    for b in (b_hh, torch.zeros_like(b_hh)):
        after, before = (gru_cell(x, h, w_ih, w_hh, b_ih, b, reset_after=form) for form in (True, False))
        assert (after - before).abs().max() > 0.05
    after, before = (gru_cell(x, 0 * h, w_ih, w_hh, b_ih, b_hh, reset_after=form) for form in (True, False))
    assert (after - before).abs().max() > 0.05


@given(seeds)
def test_the_states_of_plain_and_gated_units_stay_between_minus_one_and_one(seed: int) -> None:
    for kind, cell in CELLS.items():
        new = cell(10 * inputs(5, 3, seed=seed), state(kind, 5, 4), *weights(kind, seed=seed))
        assert tensors(new)[0].abs().max() <= 1


@each_kind
@given(seed=seeds, cut=st.integers(1, 5))
def test_a_sequence_in_two_halves_is_the_sequence_as_a_whole(kind: str, seed: int, cut: int) -> None:
    torch.manual_seed(seed)
    layer, x = LAYERS[kind](3, 4).double(), inputs(6, 2, 3, seed=seed)
    outputs, end = layer(x)
    first, middle = layer(x[:cut])
    second, end_of_halves = layer(x[cut:], middle)
    close(torch.cat([first, second]), outputs)
    for one, other in zip(tensors(end_of_halves), tensors(end), strict=True):
        close(one, other)


@each_kind
@given(seed=seeds)
def test_examples_of_a_batch_do_not_touch_each_other_nor_steps_the_past(kind: str, seed: int) -> None:
    torch.manual_seed(seed)
    layer, x = LAYERS[kind](3, 4).double(), inputs(6, 2, 3, seed=seed)
    outputs, _ = layer(x)
    close(layer(x[:, 1:])[0], outputs[:, 1:])
    changed = x.clone()
    changed[4:] += 1
    assert torch.equal(layer(changed)[0][:4], outputs[:4])
    assert not torch.isclose(layer(changed)[0][4:], outputs[4:]).all(-1).any()  # each step changed, in some unit


# A layer is its cell, step by step


@each_kind
def test_a_layer_is_its_cell_applied_to_every_step(kind: str) -> None:
    layer, x = LAYERS[kind](3, 4).double(), inputs(6, 2, 3)
    start = state(kind, 1, 2, 4)
    now = tuple(part[0] for part in start) if kind == "lstm" else start[0]
    outputs, end = layer(x, start)
    for x_t, output in zip(x, outputs, strict=True):
        now = CELLS[kind](x_t, now, *layer.parameters())
        close(output, tensors(now)[0])
    for one, other in zip(tensors(end), tensors(now), strict=True):
        close(one, other[None])


def test_a_layer_passes_the_form_of_its_reset_gate_on() -> None:
    layer, x = GRU(3, 4, reset_after=False).double(), inputs(1, 2, 3)
    h = state("gru", 1, 2, 4)
    close(layer(x, h)[0][0], gru_cell(x[0], h[0], *layer.parameters(), reset_after=False))


# Finite differences


@pytest.mark.parametrize("kind", ["rnn", "gru", "gru, reset before", "lstm"])
def test_gradients_of_a_cell_match_finite_differences_in_every_argument(kind: str) -> None:
    kind, _, before = kind.partition(", ")
    given_tensors = [inputs(2, 3), *tensors(state(kind, 2, 4)), *weights(kind)]
    leaves = [tensor.clone().requires_grad_() for tensor in given_tensors]

    def cell(x: Tensor, *rest: Tensor) -> Any:
        if kind == "lstm":
            return lstm_cell(x, (rest[0], rest[1]), *rest[2:])
        return gru_cell(x, *rest, reset_after=not before) if kind == "gru" else rnn_cell(x, *rest)

    assert torch.autograd.gradcheck(cell, leaves, eps=1e-6, atol=1e-8, rtol=1e-6)


# Twins


def same_gradients(
    ours: list[Tensor], theirs: list[Tensor], outputs: list[Tensor], their_outputs: list[Tensor]
) -> None:
    """Compare outputs, and the gradients of one random weighting of them."""
    signals = [inputs(*output.shape, seed=10 + k) for k, output in enumerate(outputs)]
    for output, expected in zip(outputs, their_outputs, strict=True):
        close(output, expected)
    for gradient, expected in zip(
        torch.autograd.grad(outputs, ours, signals), torch.autograd.grad(their_outputs, theirs, signals), strict=True
    ):
        assert gradient.abs().max() > 1e-3
        close(gradient, expected)


@each_kind
def test_cells_match_torch_over_five_steps_in_values_and_gradients(kind: str) -> None:
    twin = TORCH_CELLS[kind](3, 4).double()
    ours = [w.requires_grad_() for w in weights(kind)]
    for parameter, w in zip(twin.parameters(), ours, strict=True):
        parameter.data = w.detach().clone()
    now = theirs = state(kind, 2, 4)
    for x in inputs(5, 2, 3):
        now, theirs = CELLS[kind](x, now, *ours), twin(x, theirs)
    same_gradients(ours, list(twin.parameters()), tensors(now), tensors(theirs))


@each_kind
@pytest.mark.parametrize("given_state", [False, True])
def test_layers_take_torchs_state_dict_and_match_in_values_and_gradients(kind: str, given_state: bool) -> None:
    twin, layer = TORCH_LAYERS[kind](3, 4).double(), LAYERS[kind](3, 4).double()
    for parameter, w in zip(twin.parameters(), weights(kind), strict=True):
        parameter.data = w
    layer.load_state_dict(twin.state_dict())
    x = inputs(5, 2, 3).requires_grad_()
    start = [state(kind, 1, 2, 4)] if given_state else []
    same_gradients(
        [x, *layer.parameters()],
        [x, *(getattr(twin, name) for name, _ in layer.named_parameters())],
        tensors(layer(x, *start)),
        tensors(twin(x, *start)),
    )


@each_kind
def test_torch_takes_our_state_dict_too(kind: str) -> None:
    twin = TORCH_LAYERS[kind](3, 4)
    layer = LAYERS[kind](3, 4)
    twin.load_state_dict(layer.state_dict())
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(layer(x)[0], twin(x)[0])


@each_kind
def test_parameters_start_uniformly_within_one_over_the_root_of_the_hidden_size(kind: str) -> None:
    for parameter in LAYERS[kind](64, 100).parameters():
        assert parameter.abs().max() <= 0.1
        assert parameter.abs().max() > 0.09
        assert abs(parameter.std().item() - 0.1 / 3**0.5) < 0.01


@each_kind
def test_a_layer_says_its_sizes_and_works_in_its_own_dtype(kind: str) -> None:
    layer = LAYERS[kind](3, 4).to(torch.bfloat16)
    assert repr(layer).endswith("(3, 4)")
    outputs, end = layer(torch.zeros(2, 1, 3, dtype=torch.bfloat16))
    assert {tensor.dtype for tensor in tensors((outputs, end))} == {torch.bfloat16}


# Bad input


@each_kind
@pytest.mark.parametrize(
    ("position", "shape", "message"),
    [
        (0, (2, 5), r"w_ih must have shape \({G}, D\) with D = 5, got \({G}, 3\)"),
        (0, (3,), r"x must have shape \(B, D\), got \(3,\)"),
        (1, (3, 4), r"h must have shape \(B, H\) with B = 2, got \(3, 4\)"),
        (2, (5, 3), r"w_ih must have shape \({G}, D\) with D = 3, got \(5, 3\)"),
        (3, (5, 4), r"w_hh must have shape \({G}, 4\), got \(5, 4\)"),
        (4, (5,), r"b_ih must have shape \({G},\), got \(5,\)"),
        (5, (5,), r"b_hh must have shape \({G},\), got \(5,\)"),
    ],
)
def test_cells_name_the_argument_that_does_not_fit(
    kind: str, position: int, shape: tuple[int, ...], message: str
) -> None:
    arguments = [inputs(2, 3), state(kind, 2, 4), *weights(kind)]
    bad = inputs(*shape)
    arguments[position] = (bad, arguments[1][1]) if kind == "lstm" and position == 1 else bad
    with pytest.raises(ValueError, match=message.replace("{G}", str(4 * GATES[kind]))):
        CELLS[kind](*arguments)


@each_kind
def test_cells_and_layers_refuse_whole_numbers_and_mixed_dtypes(kind: str) -> None:
    rest = [state(kind, 2, 4), *weights(kind)]
    with pytest.raises(ValueError, match=r"x must be a floating-point torch tensor, got torch\.int64"):
        CELLS[kind](torch.zeros(2, 3, dtype=torch.int64), *rest)
    with pytest.raises(ValueError, match=r"expected one dtype, got x torch.float32, h torch.float64"):
        CELLS[kind](torch.zeros(2, 3), *rest)
    with pytest.raises(ValueError, match=r"expected one dtype, got x torch.float64, weight_ih_l0 torch.float32"):
        LAYERS[kind](3, 4)(inputs(5, 2, 3))
    with pytest.raises(ValueError, match=r"expected one dtype, got x torch.float32, h torch.float64"):
        LAYERS[kind](3, 4)(torch.zeros(5, 2, 3), state(kind, 1, 2, 4))


def test_an_lstm_names_a_cell_that_does_not_fit() -> None:
    x, (h, _) = inputs(2, 3), state("lstm", 2, 4)
    with pytest.raises(ValueError, match=r"c must have shape \(B, H\) with B = 2, H = 4, got \(2, 5\)"):
        lstm_cell(x, (h, inputs(2, 5)), *weights("lstm"))
    with pytest.raises(ValueError, match=r"expected one dtype, got h torch.float64, c torch.float32"):
        lstm_cell(x, (h, h.float()), *weights("lstm"))
    with pytest.raises(ValueError, match=r"c must have shape \(1, 2, 4\), got \(1, 3, 4\)"):
        LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(1, 2, 4), torch.zeros(1, 3, 4)))


@pytest.mark.parametrize(
    ("bad", "named"), [(torch.zeros(2, 4), "Tensor"), ((torch.zeros(2, 4),), "a tuple of 1"), ([1, 2], "list")]
)
def test_an_lstm_refuses_a_state_that_is_not_a_pair(bad: Any, named: str) -> None:
    message = rf"state must be a pair of tensors \(h, c\), got {named}"
    with pytest.raises(ValueError, match=message):
        lstm_cell(inputs(2, 3), bad, *weights("lstm"))
    with pytest.raises(ValueError, match=message):
        LSTM(3, 4)(torch.zeros(5, 2, 3), bad)


@each_kind
def test_layers_refuse_other_shapes_empty_sequences_and_sizes_below_one(kind: str) -> None:
    layer = LAYERS[kind](3, 4)
    with pytest.raises(ValueError, match=r"x must have shape \(T, B, D\) with D = 3, got \(5, 3\)"):
        layer(torch.zeros(5, 3))
    with pytest.raises(ValueError, match=r"x must have shape \(T, B, D\) with D = 3, got \(5, 2, 4\)"):
        layer(torch.zeros(5, 2, 4))
    with pytest.raises(ValueError, match=r"x must hold at least one step, got shape \(0, 2, 3\)"):
        layer(torch.zeros(0, 2, 3))
    bad = torch.zeros(1, 7, 4)
    with pytest.raises(ValueError, match=r"h must have shape \(1, 2, 4\), got \(1, 7, 4\)"):
        layer(torch.zeros(5, 2, 3), (bad, bad) if kind == "lstm" else bad)
    with pytest.raises(ValueError, match="input_size must be at least 1, got 0"):
        LAYERS[kind](0, 4)
    with pytest.raises(ValueError, match="hidden_size must be at least 1, got -1"):
        LAYERS[kind](3, -1)
