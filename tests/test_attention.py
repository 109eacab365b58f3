"""Attention by hand, by its symmetries, by finite differences, beside its twin in torch."""

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from dlref import attention
from dlref.attention import (
    MultiHeadAttention,
    TransformerBlock,
    attention_weights,
    causal_mask,
    scaled_dot_product_attention,
)

sizes = st.integers(1, 5)
ln = math.log
Module = TypeVar("Module", bound=nn.Module)


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def some_mask(*shape: int, seed: int = 0) -> Tensor:
    """Return a mask in which every query may attend to something."""
    mask = random(*shape, seed=seed) > 0
    mask[..., 0] |= ~mask.any(-1)
    return mask


def close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-9)


def with_weights(module: Module, seed: int = 50) -> Module:
    """Return the module in double with every parameter drawn anew, biases and scales included."""
    with torch.no_grad():
        for k, parameter in enumerate(module.double().parameters()):
            parameter.copy_(0.5 * random(*parameter.shape, seed=seed + k))
    return module


# Worked by hand


def test_the_causal_mask_by_hand() -> None:
    assert causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]


def test_attention_by_hand() -> None:
    # The scores, divided by the root of two features, are 0 and ln 3 for the first query.
    query = torch.tensor([[math.sqrt(2), 0], [0, 5]], dtype=torch.float64)
    key = torch.tensor([[0, 1], [ln(3), 1]], dtype=torch.float64)
    value = torch.tensor([[4, 0, 1], [8, 4, 1]], dtype=torch.float64)
    close(attention_weights(query, key), torch.tensor([[1 / 4, 3 / 4], [1 / 2, 1 / 2]]).double())
    expected = torch.tensor([[7, 3, 1], [6, 2, 1]], dtype=torch.float64)
    close(scaled_dot_product_attention(query, key, value), expected)
    masked = scaled_dot_product_attention(query, key, value, causal_mask(2))
    close(masked, torch.tensor([[4, 0, 1], [6, 2, 1]], dtype=torch.float64))


def test_a_query_that_may_attend_to_nothing_gets_zeros_and_harms_no_gradient() -> None:
    query, key, value = (random(3, 2, seed=k).requires_grad_() for k in range(3))
    mask = torch.tensor([[True, True, False], [False, False, False], [False, True, True]])
    y = scaled_dot_product_attention(query, key, value, mask)
    assert y[1].tolist() == [0, 0]
    assert attention_weights(query, key, mask)[1].tolist() == [0, 0, 0]
    with pytest.warns(UserWarning, match="Anomaly Detection"), torch.autograd.detect_anomaly():  # refuses NaN
        slopes = torch.autograd.grad(scaled_dot_product_attention(query, key, value, mask).sum(), (query, key, value))
    assert all(slope.isfinite().all() for slope in slopes)


def test_two_heads_are_two_attentions_side_by_side() -> None:
    module, x = with_weights(MultiHeadAttention(4, 2)), random(1, 3, 4)
    q, k, v = (x[0] @ module.in_proj_weight.T + module.in_proj_bias).split(4, dim=1)
    heads = [scaled_dot_product_attention(q[:, own], k[:, own], v[:, own]) for own in (slice(2), slice(2, 4))]
    close(module(x)[0], module.out_proj(torch.cat(heads, dim=1)))


# Invariants


@given(sizes, sizes, sizes, sizes, st.integers(0, 99))
def test_the_weights_are_shares_of_what_the_mask_allows(B: int, T: int, S: int, D: int, seed: int) -> None:
    mask = some_mask(T, S, seed=seed)
    weights = attention_weights(3 * random(B, T, D), random(B, S, D, seed=1), mask)
    assert (weights >= 0).all()
    assert (weights[:, ~mask] == 0).all()
    assert (weights[:, mask] > 0).all()
    close(weights.sum(-1), torch.ones(B, T).double())


@given(sizes, sizes, sizes, st.integers(0, 99))
def test_the_order_of_keys_with_their_values_does_not_matter(T: int, S: int, D: int, seed: int) -> None:
    query, key, value = random(T, D), random(S, D, seed=1), random(S, 3, seed=2)
    order = torch.randperm(S, generator=torch.Generator().manual_seed(seed))
    expected = scaled_dot_product_attention(query, key, value)
    close(scaled_dot_product_attention(query, key[order], value[order]), expected)


@pytest.mark.parametrize("module", [MultiHeadAttention(6, 3), TransformerBlock(6, 2)])
def test_without_a_mask_a_new_order_of_places_gives_the_same_outputs_in_the_new_order(module: nn.Module) -> None:
    module, x, order = with_weights(module), random(2, 5, 6), torch.randperm(5)
    close(module(x[:, order]), module(x)[:, order])


@pytest.mark.parametrize("module", [MultiHeadAttention(6, 3), TransformerBlock(6, 2)])
@pytest.mark.parametrize("t", [0, 2, 4])
def test_under_the_causal_mask_a_place_does_not_see_what_comes_after(module: nn.Module, t: int) -> None:
    module, x = with_weights(module), random(2, 6, 6)
    changed = x.clone()
    changed[:, t + 1 :] += random(2, 5 - t, 6, seed=9)
    before, after = module(x, mask=causal_mask(6)), module(changed, mask=causal_mask(6))
    assert torch.equal(before[:, : t + 1], after[:, : t + 1])
    assert ((before - after).abs().amax(-1)[:, t + 1 :] > 1e-6).all()


@given(sizes, sizes, st.floats(1e2, 1e4))
def test_a_sure_query_gets_the_value_of_its_key(S: int, D: int, sure: float) -> None:
    key = torch.eye(S, dtype=torch.float64)
    value = random(S, D)
    close(scaled_dot_product_attention(sure * S * key, key, value), value)


# Finite differences


def test_gradients_match_finite_differences() -> None:
    query, key, value = (random(2, n, d, seed=n).requires_grad_() for n, d in ((3, 2), (4, 2), (4, 5)))
    check = torch.autograd.gradcheck
    assert check(scaled_dot_product_attention, (query, key, value))
    assert check(partial(scaled_dot_product_attention, mask=some_mask(3, 4)), (query, key, value))
    mask = torch.tensor([[True, False, True], [False, False, False], [True, True, True]])
    for module in (MultiHeadAttention(4, 2), TransformerBlock(4, 2, 3)):
        assert check(partial(with_weights(module), mask=mask), random(1, 3, 4).requires_grad_())


# Twins


def same_values_and_gradients(ours: Callable[[], Tensor], theirs: Callable[[], Tensor], inputs: list[Tensor]) -> None:
    results = []
    for function in (ours, theirs):
        y = function()
        results.append([y, *torch.autograd.grad(y, inputs, random(*y.shape, seed=77))])
    for own, twin in zip(*results, strict=True):
        close(own, twin)


@pytest.mark.parametrize(
    "mask",
    [
        None,
        causal_mask(5),
        some_mask(3, 4, 5, 5),
        some_mask(3, 1, 1, 5),
        torch.tensor([True, False, False, True, False]) & torch.tensor([[True], [False], [True], [True], [True]]),
    ],
    ids=["none", "causal", "for each head", "padding", "with an empty row"],
)
def test_attention_matches_torch(mask: Tensor | None) -> None:
    q, k, v = (random(3, 4, 5, 6, seed=k).requires_grad_() for k in range(3))
    same_values_and_gradients(
        lambda: scaled_dot_product_attention(q, k, v, mask),
        lambda: functional.scaled_dot_product_attention(q, k, v, mask),
        [q, k, v],
    )


def test_attention_across_different_lengths_and_sizes_matches_torch() -> None:
    q, k, v = (random(2, *shape, seed=k).requires_grad_() for k, shape in enumerate([(3, 4), (7, 4), (7, 5)]))
    same_values_and_gradients(
        lambda: scaled_dot_product_attention(q, k, v),
        lambda: functional.scaled_dot_product_attention(q, k, v),
        [q, k, v],
    )


def paired_parameters(ours: nn.Module, theirs: nn.Module) -> list[nn.Parameter]:
    """Give ours torch's parameters, then make both share them, so that gradients can be compared."""
    ours.double().load_state_dict(with_weights(theirs).state_dict())
    shared = dict(theirs.named_parameters())
    for name, _ in list(ours.named_parameters()):
        owner, _, last = name.rpartition(".")
        setattr(ours.get_submodule(owner), last, shared[name])
    return list(shared.values())


@pytest.mark.parametrize("mask", [None, causal_mask(5), some_mask(5, 5)], ids=["none", "causal", "some"])
def test_multi_head_attention_with_torchs_weights_matches_torch(mask: Tensor | None) -> None:
    ours, theirs = MultiHeadAttention(6, 3), nn.MultiheadAttention(6, 3, batch_first=True)
    parameters, x = paired_parameters(ours, theirs), random(2, 5, 6).requires_grad_()
    forbidden = None if mask is None else ~mask
    same_values_and_gradients(
        lambda: ours(x, mask=mask), lambda: theirs(x, x, x, attn_mask=forbidden)[0], [x, *parameters]
    )


def test_attending_to_a_memory_with_torchs_weights_matches_torch() -> None:
    ours, theirs = MultiHeadAttention(6, 2), nn.MultiheadAttention(6, 2, batch_first=True)
    parameters = paired_parameters(ours, theirs)
    x, memory = random(2, 5, 6).requires_grad_(), random(2, 7, 6, seed=1).requires_grad_()
    same_values_and_gradients(lambda: ours(x, memory), lambda: theirs(x, memory, memory)[0], [x, memory, *parameters])


@pytest.mark.parametrize("mask", [None, causal_mask(5)], ids=["none", "causal"])
def test_two_transformer_blocks_with_torchs_weights_match_torch(mask: Tensor | None) -> None:
    options: dict[str, Any] = {"dropout": 0.0, "activation": "gelu", "batch_first": True, "norm_first": True}
    pairs = [(TransformerBlock(6, 3, 8), nn.TransformerEncoderLayer(6, 3, 8, **options)) for _ in range(2)]
    parameters = [parameter for ours, theirs in pairs for parameter in paired_parameters(ours, theirs)]
    x, forbidden = random(2, 5, 6).requires_grad_(), None if mask is None else ~mask
    same_values_and_gradients(
        lambda: pairs[1][0](pairs[0][0](x, mask), mask),
        lambda: pairs[1][1](pairs[0][1](x, src_mask=forbidden), src_mask=forbidden),
        [x, *parameters],
    )


def test_multi_head_attention_starts_from_torchs_numbers() -> None:
    states = []
    for make in (lambda: MultiHeadAttention(6, 3), lambda: nn.MultiheadAttention(6, 3)):
        torch.manual_seed(4)
        states.append(make().state_dict())
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], rtol=1e-6, atol=0)


def test_torchs_multi_head_attention_means_the_opposite_by_its_mask_and_gives_nan_for_an_empty_row() -> None:
    ours, theirs = MultiHeadAttention(4, 2), nn.MultiheadAttention(4, 2, batch_first=True)
    paired_parameters(ours, theirs)
    x, mask = random(1, 3, 4), torch.tensor([[True, False, False], [False, False, False], [True, True, True]])
    same_word = theirs(x, x, x, attn_mask=mask)[0]
    opposite = theirs(x, x, x, attn_mask=~mask)[0]
    close(ours(x, mask=mask)[0, [0, 2]], opposite[0, [0, 2]])
    assert not torch.allclose(ours(x, mask=mask)[0, 0], same_word[0, 0])
    assert opposite[0, 1].isnan().all()
    close(ours(x, mask=mask)[0, 1], ours.out_proj.bias.detach())  # type: ignore[union-attr]


def test_the_hidden_layer_is_four_times_as_wide_unless_told_otherwise_and_dropout_rests_after_training() -> None:
    block = with_weights(TransformerBlock(4, 2, dropout=0.5))
    assert block.linear1.weight.shape == (16, 4)
    x = random(1, 3, 4)
    torch.manual_seed(0)
    assert not torch.allclose(block(x), block(x))
    close(block.eval()(x), block(x))


# Bad input

one = torch.ones(2, 3, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: causal_mask(0), "length must be at least 1, got 0"),
        (lambda: attention_weights(one.int(), one), "query must be a floating-point torch tensor, got torch.int32"),
        (
            lambda: attention_weights(one, one.double()),
            "expected one dtype, got query torch.float32, key torch.float64",
        ),
        (
            lambda: attention_weights(one, one[..., :3]),
            r"key must have shape \(..., S, D\) with D = 4, got \(2, 3, 3\)",
        ),
        (lambda: attention_weights(one, one[:1]), r"same leading axes, got \(2, 3, 4\), \(1, 3, 4\)"),
        (lambda: attention_weights(one, one, torch.ones(3, 3)), "mask must be boolean.*, got torch.float32"),
        (lambda: attention_weights(one, one, causal_mask(4)), r"mask must broadcast to.* = \(2, 3, 3\), got \(4, 4\)"),
        (lambda: attention_weights(one, one, torch.ones(2, 3) > 0), r"mask must broadcast to.*, got \(2, 3\)"),
        (lambda: attention_weights(one[0], one[0], causal_mask(3)[None]), r"broadcast to.*\(3, 3\), got \(1, 3, 3\)"),
        (lambda: scaled_dot_product_attention(one, one, one[:, :2]), r"value must have shape \(..., S, E\) with S = 3"),
        (lambda: scaled_dot_product_attention(one, one, one.int()), "value must be a floating-point torch tensor"),
        (lambda: MultiHeadAttention(6, 4), "features must be a multiple of heads, got 6 and 4"),
        (lambda: MultiHeadAttention(4, 0), "features must be a multiple of heads, got 4 and 0"),
        (lambda: MultiHeadAttention(6, 2)(one), r"x must have shape \(B, T, 6\), got \(2, 3, 4\)"),
        (lambda: MultiHeadAttention(4, 2)(one, one[:1]), r"memory must have shape \(B, S, 4\) with B = 2, got"),
        (lambda: TransformerBlock(6, 4), "features must be a multiple of heads, got 6 and 4"),
        (lambda: TransformerBlock(4, 2, 0), "out_features must be at least 1, got 0"),
        (lambda: TransformerBlock(4, 2, dropout=2), "p must be from 0 to 1, got 2"),
    ],
)
def test_bad_input_is_refused_in_words_that_name_it(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", [name for name in attention.__all__ if name.islower()])
def test_every_function_is_documented_and_does_not_call_torchs_own(name: str) -> None:
    function = getattr(attention, name)
    doc = inspect.getdoc(function) or ""
    for section in ("Args", "Returns", "Raises", "Source", "Differs from", "Examples"):
        assert f"\n{section}:\n" in doc
    assert f"functional.{name}(" not in inspect.getsource(function).replace(function.__doc__ or "", "")
