r"""Recurrent cells and layers, from their equations, in order of increasing difficulty.

A cell takes one step: an input of shape (B, D) and a state of shape (B, H) give the next state. A
layer applies its cell to a sequence of shape (T, B, D), time first. Argument order, parameter names
and the order of the gates are torch's: input, forget, cell, output for the LSTM; reset, update, new
for the GRU. So the ``state_dict`` of a one-layer torch model loads into the layers here.

$\sigma$ and $\tanh$ are torch's own primitives: those of `dlref.activations` are the same functions
(its tests say so) made of several operations each, which over hundreds of steps costs a factor of five.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn, sigmoid, tanh

from dlref.checks import check_floating, check_shapes

__all__ = ["GRU", "LSTM", "RNN", "gru_cell", "lstm_cell", "rnn_cell"]


def rnn_cell(x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    r"""Take one step of a plain recurrent network.

    $$h_t = \tanh\left(W_{ih}\,x_t + b_{ih} + W_{hh}\,h_{t-1} + b_{hh}\right)$$

    Args:
        x: The input of this step, shape (B, D).
        h: The hidden state before it, shape (B, H).
        w_ih: Weights of the input, shape (H, D).
        w_hh: Weights of the state, shape (H, H).
        b_ih: Bias that is added to the input's part, shape (H,).
        b_hh: Bias that is added to the state's part, shape (H,).

    Returns:
        The next hidden state, shape (B, H), in $(-1, 1)$.

    Raises:
        ValueError: If shapes do not fit together, or not all are floating-point tensors of one dtype.

    Source:
        Elman, "Finding Structure in Time", Cognitive Science 14, 1990 (with a logistic unit).

    Differs from:
        `torch.nn.RNNCell`: nothing. Two biases are torch's and cuDNN's habit: only their sum matters.
        Keras' `SimpleRNN` has one.

    Examples:
        >>> one, zero = torch.ones(1, 1), torch.zeros(1)
        >>> rnn_cell(0.5 * one, 0.25 * one, one, 2 * one, zero, zero)  # tanh(0.5 + 2 * 0.25)
        tensor([[0.7616]])
    """
    _check(x, h, w_ih, w_hh, b_ih, b_hh, gates=1)
    return _rnn_step(x @ w_ih.T + b_ih, h, w_hh, b_hh)


def gru_cell(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, *, reset_after: bool = True
) -> Tensor:
    r"""Take one step of a gated recurrent unit.

    $$\begin{aligned}
    r_t &= \sigma\left(W_{ir}\,x_t + b_{ir} + W_{hr}\,h_{t-1} + b_{hr}\right) \\
    z_t &= \sigma\left(W_{iz}\,x_t + b_{iz} + W_{hz}\,h_{t-1} + b_{hz}\right) \\
    n_t &= \tanh\left(W_{in}\,x_t + b_{in} + r_t \odot (W_{hn}\,h_{t-1} + b_{hn})\right) \\
    h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}
    \end{aligned}$$

    Without `reset_after`, the reset gate acts before the matrix product:

    $$n_t = \tanh\left(W_{in}\,x_t + b_{in} + W_{hn}\,(r_t \odot h_{t-1}) + b_{hn}\right)$$

    The two are different functions of the same weights, and agree where all of $r_t$ is the same
    number and $b_{hn} = 0$. Weights trained in one form do not work in the other.

    Args:
        x: The input of this step, shape (B, D).
        h: The hidden state before it, shape (B, H).
        w_ih: $W_{ir}, W_{iz}, W_{in}$ below each other, shape (3 H, D).
        w_hh: $W_{hr}, W_{hz}, W_{hn}$ below each other, shape (3 H, H).
        b_ih: $b_{ir}, b_{iz}, b_{in}$ one after the other, shape (3 H,).
        b_hh: $b_{hr}, b_{hz}, b_{hn}$ one after the other, shape (3 H,).
        reset_after: Whether the reset gate acts after the matrix product.

    Returns:
        The next hidden state, shape (B, H).

    Raises:
        ValueError: If shapes do not fit together, or not all are floating-point tensors of one dtype.

    Source:
        Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine
        Translation", arXiv 1406.1078: its first version resets after the product, the published one
        before it. Chung et al., "Empirical Evaluation of Gated Recurrent Neural Networks on Sequence
        Modeling", arXiv 1412.3555, section 3.2: before it.

    Differs from:
        `torch.nn.GRUCell`: nothing, it resets after the product; it has no other form.
        Keras 3 and TensorFlow 2 reset after it by default, TensorFlow 1 before it; they order the
        gates $z, r, n$, and have the second bias only with `reset_after`.
        Chung et al. write $h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t$: their $z$ is one minus ours.

    Examples:
        >>> x, h, zeros = torch.zeros(1, 1), torch.ones(1, 1), torch.zeros(3)
        >>> w_ih, w_hh = torch.zeros(3, 1), torch.ones(3, 1)
        >>> gru_cell(x, h, w_ih, w_hh, zeros, zeros)  # r = z = sigmoid(1), n = tanh(r)
        tensor([[0.8988]])
    """
    _check(x, h, w_ih, w_hh, b_ih, b_hh, gates=3)
    return _gru_step(x @ w_ih.T + b_ih, h, w_hh, b_hh, reset_after=reset_after)


def lstm_cell(
    x: Tensor, state: tuple[Tensor, Tensor], w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    r"""Take one step of a long short-term memory.

    $$\begin{aligned}
    i_t &= \sigma\left(W_{ii}\,x_t + b_{ii} + W_{hi}\,h_{t-1} + b_{hi}\right) \\
    f_t &= \sigma\left(W_{if}\,x_t + b_{if} + W_{hf}\,h_{t-1} + b_{hf}\right) \\
    g_t &= \tanh\left(W_{ig}\,x_t + b_{ig} + W_{hg}\,h_{t-1} + b_{hg}\right) \\
    o_t &= \sigma\left(W_{io}\,x_t + b_{io} + W_{ho}\,h_{t-1} + b_{ho}\right) \\
    c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
    h_t &= o_t \odot \tanh(c_t)
    \end{aligned}$$

    Args:
        x: The input of this step, shape (B, D).
        state: The hidden state and the cell before it, `(h, c)`, both of shape (B, H).
        w_ih: $W_{ii}, W_{if}, W_{ig}, W_{io}$ below each other, shape (4 H, D).
        w_hh: $W_{hi}, W_{hf}, W_{hg}, W_{ho}$ below each other, shape (4 H, H).
        b_ih: $b_{ii}, b_{if}, b_{ig}, b_{io}$ one after the other, shape (4 H,).
        b_hh: $b_{hi}, b_{hf}, b_{hg}, b_{ho}$ one after the other, shape (4 H,).

    Returns:
        The next `(h, c)`, both of shape (B, H); `h` is in $(-1, 1)$, `c` is unbounded.

    Raises:
        ValueError: If `state` is not a pair, if shapes do not fit together, or not all are
            floating-point tensors of one dtype.

    Source:
        Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997, without
        a forget gate; Gers, Schmidhuber and Cummins, "Learning to Forget", Neural Computation 12(10),
        2000, with it.

    Differs from:
        `torch.nn.LSTMCell`: nothing.
        Keras has one bias, and starts the forget gate's at 1.

    Examples:
        >>> x, h, c = torch.zeros(1, 1), torch.zeros(1, 1), torch.ones(1, 1)
        >>> zeros = torch.zeros(4, 1)
        >>> h, c = lstm_cell(x, (h, c), zeros, zeros, zeros[:, 0], zeros[:, 0])  # gates at one half
        >>> c
        tensor([[0.5000]])
        >>> h  # tanh(0.5) / 2
        tensor([[0.2311]])
    """
    h, c = _pair(state)
    _check(x, h, w_ih, w_hh, b_ih, b_hh, gates=4)
    check_floating(h=h, c=c)
    check_shapes(h=(h, "B H"), c=(c, "B H"))
    return _lstm_step(x @ w_ih.T + b_ih, h, c, w_hh, b_hh)


def _rnn_step(from_x: Tensor, h: Tensor, w_hh: Tensor, b_hh: Tensor) -> Tensor:
    return tanh(from_x + h @ w_hh.T + b_hh)


def _gru_step(from_x: Tensor, h: Tensor, w_hh: Tensor, b_hh: Tensor, *, reset_after: bool) -> Tensor:
    H = h.shape[1]
    x_rz, x_n = from_x.tensor_split([2 * H], dim=1)
    w_rz, w_n = w_hh.tensor_split([2 * H])
    b_rz, b_n = b_hh.tensor_split([2 * H])
    r, z = sigmoid(x_rz + h @ w_rz.T + b_rz).chunk(2, dim=1)
    n = tanh(x_n + (r * (h @ w_n.T + b_n) if reset_after else (r * h) @ w_n.T + b_n))
    return (1 - z) * n + z * h


def _lstm_step(from_x: Tensor, h: Tensor, c: Tensor, w_hh: Tensor, b_hh: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = (from_x + h @ w_hh.T + b_hh).chunk(4, dim=1)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


class _Recurrent(nn.Module):
    """Own the parameters of one layer under torch's names, and start its state."""

    def __init__(self, input_size: int, hidden_size: int, *, gates: int) -> None:
        super().__init__()
        for name, size in (("input_size", input_size), ("hidden_size", hidden_size)):
            if size < 1:
                raise ValueError(f"{name} must be at least 1, got {size}")
        self.input_size, self.hidden_size = input_size, hidden_size
        self.weight_ih_l0 = nn.Parameter(torch.empty(gates * hidden_size, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.empty(gates * hidden_size, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.empty(gates * hidden_size))
        self.bias_hh_l0 = nn.Parameter(torch.empty(gates * hidden_size))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)

    def extra_repr(self) -> str:
        """Say the two sizes when the layer is printed."""
        return f"{self.input_size}, {self.hidden_size}"

    def _from_inputs(self, x: Tensor) -> Tensor:
        """Return the part of all steps that does not wait for the state: one matrix product."""
        check_floating(x=x, weight_ih_l0=self.weight_ih_l0)
        T = check_shapes(weight_ih_l0=(self.weight_ih_l0, "G D"), x=(x, "T B D"))["T"]
        if not T:
            raise ValueError(f"x must hold at least one step, got shape {tuple(x.shape)}")
        return x @ self.weight_ih_l0.T + self.bias_ih_l0

    def _start(self, x: Tensor, **states: Tensor | None) -> Iterable[Tensor]:
        """Return each state without torch's axis of layers: as given, or zero."""
        for name, state in states.items():
            if state is not None:
                check_floating(x=x, **{name: state})
                B, H = x.shape[1], self.hidden_size
                check_shapes(**{name: (state, f"1 {B} {H}")})
            yield x.new_zeros(x.shape[1], self.hidden_size) if state is None else state[0]


class RNN(_Recurrent):
    r"""Read a sequence with `rnn_cell`.

    Args:
        input_size: Features of one step, D.
        hidden_size: Size of the state, H.

    Raises:
        ValueError: If a size is below 1.

    Source:
        Elman, "Finding Structure in Time", Cognitive Science 14, 1990.

    Differs from:
        `torch.nn.RNN`, whose `state_dict` it takes: one layer, one direction, tanh, time first, no
        unbatched input. All parameters start uniformly in $\pm 1 / \sqrt H$, as torch's do; Keras
        starts with Glorot's weights for the input, orthogonal ones for the state and zero biases.

    Examples:
        >>> outputs, h = RNN(3, 5)(torch.zeros(7, 2, 3))
        >>> outputs.shape, h.shape
        (torch.Size([7, 2, 5]), torch.Size([1, 2, 5]))
        >>> torch.equal(outputs[-1:], h)
        True
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, gates=1)

    def forward(self, x: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the hidden state after every step, and after the last.

        Args:
            x: The sequence, shape (T, B, D), at least one step.
            h: The state before it, shape (1, B, H); zero if left out.

        Returns:
            All hidden states, shape (T, B, H), and the last one, shape (1, B, H).

        Raises:
            ValueError: If a shape or a dtype does not fit.
        """
        from_inputs = self._from_inputs(x)
        (h,) = self._start(x, h=h)
        outputs = []
        for from_x in from_inputs:
            h = _rnn_step(from_x, h, self.weight_hh_l0, self.bias_hh_l0)
            outputs.append(h)
        return torch.stack(outputs), h[None]


class GRU(_Recurrent):
    r"""Read a sequence with `gru_cell`.

    Args:
        input_size: Features of one step, D.
        hidden_size: Size of the state, H.
        reset_after: Whether the reset gate acts after the matrix product, as in torch.

    Raises:
        ValueError: If a size is below 1.

    Source:
        Cho et al., arXiv 1406.1078; see `gru_cell` for its two forms.

    Differs from:
        `torch.nn.GRU`, whose `state_dict` it takes: one layer, one direction, time first, no
        unbatched input; torch has no `reset_after`.

    Examples:
        >>> outputs, h = GRU(3, 5)(torch.zeros(7, 2, 3))
        >>> outputs.shape, h.shape
        (torch.Size([7, 2, 5]), torch.Size([1, 2, 5]))
    """

    def __init__(self, input_size: int, hidden_size: int, *, reset_after: bool = True) -> None:
        super().__init__(input_size, hidden_size, gates=3)
        self.reset_after = reset_after

    def forward(self, x: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the hidden state after every step, and after the last.

        Args:
            x: The sequence, shape (T, B, D), at least one step.
            h: The state before it, shape (1, B, H); zero if left out.

        Returns:
            All hidden states, shape (T, B, H), and the last one, shape (1, B, H).

        Raises:
            ValueError: If a shape or a dtype does not fit.
        """
        from_inputs = self._from_inputs(x)
        (h,) = self._start(x, h=h)
        outputs = []
        for from_x in from_inputs:
            h = _gru_step(from_x, h, self.weight_hh_l0, self.bias_hh_l0, reset_after=self.reset_after)
            outputs.append(h)
        return torch.stack(outputs), h[None]


class LSTM(_Recurrent):
    r"""Read a sequence with `lstm_cell`.

    Args:
        input_size: Features of one step, D.
        hidden_size: Size of the hidden state and of the cell, H.

    Raises:
        ValueError: If a size is below 1.

    Source:
        Hochreiter and Schmidhuber, Neural Computation 9(8), 1997; Gers, Schmidhuber and Cummins,
        Neural Computation 12(10), 2000.

    Differs from:
        `torch.nn.LSTM`, whose `state_dict` it takes: one layer, one direction, no projection, time
        first, no unbatched input. As in torch, the forget gate's biases start around 0; in Keras
        its one bias starts at 1.

    Examples:
        >>> outputs, (h, c) = LSTM(3, 5)(torch.zeros(7, 2, 3))
        >>> outputs.shape, h.shape, c.shape
        (torch.Size([7, 2, 5]), torch.Size([1, 2, 5]), torch.Size([1, 2, 5]))
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, gates=4)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the hidden state after every step, and `(h, c)` after the last.

        Args:
            x: The sequence, shape (T, B, D), at least one step.
            state: The pair `(h, c)` before it, each of shape (1, B, H); zero if left out.

        Returns:
            All hidden states, shape (T, B, H), and the last `(h, c)`, each of shape (1, B, H).

        Raises:
            ValueError: If `state` is not a pair, or a shape or a dtype does not fit.
        """
        from_inputs = self._from_inputs(x)
        h, c = (None, None) if state is None else _pair(state)
        h, c = self._start(x, h=h, c=c)
        outputs = []
        for from_x in from_inputs:
            h, c = _lstm_step(from_x, h, c, self.weight_hh_l0, self.bias_hh_l0)
            outputs.append(h)
        return torch.stack(outputs), (h[None], c[None])


def _pair(state: Any) -> tuple[Tensor, Tensor]:
    if not isinstance(state, tuple) or len(state) != 2:
        given = f"a {type(state).__name__} of {len(state)}" if isinstance(state, tuple) else type(state).__name__
        raise ValueError(f"state must be a pair of tensors (h, c), got {given}")
    return state


def _check(x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, *, gates: int) -> None:
    """Refuse arguments of a cell that do not fit together."""
    check_floating(x=x, h=h, w_ih=w_ih, w_hh=w_hh, b_ih=b_ih, b_hh=b_hh)
    H = check_shapes(x=(x, "B D"), h=(h, "B H"))["H"]
    G = gates * H
    check_shapes(x=(x, "B D"), w_ih=(w_ih, f"{G} D"), w_hh=(w_hh, f"{G} {H}"), b_ih=(b_ih, f"{G}"), b_hh=(b_hh, f"{G}"))
