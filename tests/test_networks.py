"""Each network by hand, by what it must and must not see, by finite differences, beside its twin in torch."""

import math
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from dlref.activations import relu, tanh
from dlref.convolution import Conv2d
from dlref.networks import GPT, MLP, CharLSTM, LeNet, ResidualBlock, ResNet, generate, sample


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def tokens(*shape: int, vocabulary: int = 7, seed: int = 0) -> Tensor:
    return torch.randint(vocabulary, shape, generator=torch.Generator().manual_seed(seed))


def close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-9)


def draw_parameters(module: nn.Module, scale: float = 0.5) -> None:
    """Make the module double and draw every parameter anew, biases and scales included."""
    with torch.no_grad():
        for k, parameter in enumerate(module.double().parameters()):
            parameter.copy_(scale * random(*parameter.shape, seed=50 + k))


def copy_state(ours: nn.Module, theirs: nn.Module, names: dict[str, str]) -> list[tuple[nn.Parameter, nn.Parameter]]:
    """Draw torch's parameters anew, load them into ours under our names, and return the pairs."""
    draw_parameters(theirs)
    renamed = {}
    for name, value in theirs.state_dict().items():
        for old, new in names.items():
            name = name.replace(old, new, 1) if name.startswith(old) else name
        renamed[name] = value
    ours.double().load_state_dict(renamed)
    return list(zip(ours.parameters(), theirs.parameters(), strict=True))


def same_descent(
    ours: nn.Module, theirs: Callable[[Tensor], Tensor], pairs: list[Any], inputs: list[Tensor], rate: float = 0.1
) -> None:
    """Compare outputs, gradients and parameters over steps of descent."""
    for k, x in enumerate(inputs):
        y, twin = ours(x), theirs(x)
        close(y, twin)
        weight = random(*y.shape, seed=200 + k)
        own = torch.autograd.grad((y * weight).sum(), [own for own, _ in pairs])
        other = torch.autograd.grad((twin * weight).sum(), [theirs for _, theirs in pairs])
        with torch.no_grad():
            for (parameter, their_parameter), slope, their_slope in zip(pairs, own, other, strict=True):
                close(slope, their_slope)
                parameter.sub_(rate * slope)
                their_parameter.sub_(rate * their_slope)


# MLP


def test_an_mlp_by_hand() -> None:
    model = MLP([2, 2, 1], relu)
    values = [[[1, -1], [2, 0]], [0, -3], [[10, 1]], [0.5]]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(torch.tensor(value))
    # hidden: relu(3 - 1) = 2, relu(6 - 3) = 3; output 20 + 3 + 0.5; and relu(-1) = 0, relu(-1) = 0
    assert model(torch.tensor([[3.0, 1.0], [1.0, 2.0]])).tolist() == [[23.5], [0.5]]


@given(st.lists(st.integers(1, 6), min_size=2, max_size=5))
def test_an_mlp_has_the_parameters_of_its_sizes_and_without_an_activation_is_linear(sizes: list[int]) -> None:
    model = MLP(sizes, lambda z: z).double()
    assert sum(p.numel() for p in model.parameters()) == sum(i * o + o for i, o in pairwise(sizes))
    x, y = random(3, sizes[0]), random(3, sizes[0], seed=1)
    close(model(x + y) - model(y), model(x) - model(torch.zeros_like(x)))


def test_the_activation_follows_every_layer_but_the_last() -> None:
    seen = []

    def spy(z: Tensor) -> Tensor:
        seen.append(tuple(z.shape))
        return z

    MLP([4, 3, 2, 1], spy)(torch.zeros(5, 4))
    assert seen == [(5, 3), (5, 2)]


def test_an_mlp_matches_torch_over_three_steps() -> None:
    ours = MLP([3, 5, 4, 2], tanh)
    theirs = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
    pairs = copy_state(ours, theirs, {"0.": "layers.0.", "2.": "layers.1.", "4.": "layers.2."})
    same_descent(ours, theirs, pairs, [random(6, 3, seed=k) for k in range(3)])


def test_an_mlps_gradient_matches_finite_differences() -> None:
    assert torch.autograd.gradcheck(MLP([3, 4, 2], tanh).double(), random(2, 3).requires_grad_())


# LeNet and ResNet


class TorchLeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        h = functional.avg_pool2d(torch.sigmoid(self.conv1(x)), 2)
        h = functional.avg_pool2d(torch.sigmoid(self.conv2(h)), 2).flatten(1)
        scores: Tensor = self.fc3(torch.sigmoid(self.fc2(torch.sigmoid(self.fc1(h)))))
        return scores


class TorchBlock(nn.Module):
    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential()
        if stride == 2:
            self.shortcut = nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(h)) + self.shortcut(x))


class TorchResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3)
        self.stages = nn.Sequential(*(TorchBlock(*sizes) for sizes in [(3, 3, 1), (3, 3, 1), (3, 5, 2), (5, 5, 1)]))
        self.head = nn.Linear(5, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = self.stages(torch.relu(self.norm(self.conv(x))))
        scores: Tensor = self.head(functional.adaptive_avg_pool2d(h, 1).flatten(1))
        return scores


def test_lenet_has_the_parameters_and_shapes_of_its_table() -> None:
    model, shapes = LeNet(), []
    for module in (model.conv1, model.conv2, model.pool, model.fc1, model.fc2, model.fc3):
        module.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
    model(torch.zeros(2, 1, 28, 28))
    assert shapes == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (84,), (10,)]
    counts = [sum(p.numel() for p in part.parameters()) for part in model.children()]
    by_hand = [6 * 25 + 6, 16 * 6 * 25 + 16, 0, 400 * 120 + 120, 120 * 84 + 84, 84 * 10 + 10]
    assert counts == by_hand
    assert sum(by_hand) == 61_706
    for count in counts:
        assert f"| {count:,} |" in (LeNet.__doc__ or "")


def test_lenet_matches_torch_over_three_steps() -> None:
    ours, theirs = LeNet(), TorchLeNet()
    pairs = copy_state(ours, theirs, {})
    same_descent(ours, theirs, pairs, [random(2, 1, 28, 28, seed=k) for k in range(3)])


@pytest.mark.parametrize(("blocks", "parameters"), [(1, 77_754), (3, 272_186)])
def test_a_resnet_has_the_parameters_worked_by_hand(blocks: int, parameters: int) -> None:
    def stage(before: int, width: int) -> int:
        first = 9 * before * width + 9 * width * width + 4 * width
        projection = before * width + 2 * width if before != width else 0
        return first + projection + (blocks - 1) * (18 * width * width + 4 * width)

    by_hand = 9 * 16 + 2 * 16 + stage(16, 16) + stage(16, 32) + stage(32, 64) + 64 * 10 + 10
    assert sum(p.numel() for p in ResNet(1, 10, blocks=blocks).parameters()) == by_hand == parameters


def test_each_stage_but_the_first_halves_the_resolution() -> None:
    model, shapes = ResNet(1, 10, widths=(4, 6, 8), blocks=2), []
    for block in model.stages:
        block.register_forward_hook(lambda _, __, output: shapes.append(tuple(output.shape[1:])))
    assert model(torch.zeros(2, 1, 9, 8)).shape == (2, 10)
    assert shapes == [(4, 9, 8)] * 2 + [(6, 5, 4)] * 2 + [(8, 3, 2)] * 2


def test_a_residual_block_whose_last_scale_is_zero_passes_what_is_positive() -> None:
    block, x = ResidualBlock(3, 3), torch.randn(2, 3, 4, 4)
    nn.init.zeros_(block.norm2.weight)
    assert torch.equal(block(x), relu(x))
    with torch.no_grad():
        block.norm2.weight.fill_(1)
    assert not torch.allclose(block(x), relu(x))


def test_a_resnet_matches_torch_over_three_steps_and_after_them() -> None:
    ours, theirs = ResNet(2, 4, widths=(3, 5), blocks=2), TorchResNet()
    pairs = copy_state(ours, theirs, {})
    same_descent(ours, theirs, pairs, [random(4, 2, 6, 5, seed=k) for k in range(3)])
    close(ours.eval()(random(4, 2, 7, 7)), theirs.eval()(random(4, 2, 7, 7)))


def test_a_resnet_starts_with_hes_weights() -> None:
    torch.manual_seed(0)
    for module in ResNet(3, 10).stages.modules():
        if isinstance(module, Conv2d):
            fan_in = module.weight[0].numel()
            assert module.weight.std().item() == pytest.approx(math.sqrt(2 / fan_in), rel=0.1)


def test_the_gradients_of_lenet_and_of_a_residual_block_match_finite_differences() -> None:
    model, image, direction = LeNet(), random(1, 1, 28, 28), random(1, 1, 28, 28, seed=1)
    draw_parameters(model)
    step = torch.zeros(1, dtype=torch.float64, requires_grad=True)  # along a line through one image
    assert torch.autograd.gradcheck(lambda step: model(image + step * direction), step)
    block = ResidualBlock(2, 3, stride=2).double().eval()
    assert torch.autograd.gradcheck(block, random(1, 2, 4, 4).requires_grad_())


# Sequence models: what the next token may depend on


def models() -> list[nn.Module]:
    made = [CharLSTM(7, 4, 5), GPT(7, context=6, features=4, heads=2, blocks=2)]
    for model in made:
        draw_parameters(model)
    return made


@pytest.mark.parametrize("model", models(), ids=["CharLSTM", "GPT"])
@pytest.mark.parametrize("t", [0, 2, 4])
def test_a_score_does_not_depend_on_the_tokens_after_it_and_does_on_those_before(model: nn.Module, t: int) -> None:
    x = tokens(3, 6)
    later, earlier = x.clone(), x.clone()
    later[:, t + 1 :] = (later[:, t + 1 :] + 1) % 7
    earlier[:, t] = (earlier[:, t] + 1) % 7
    assert torch.equal(model(x)[:, : t + 1], model(later)[:, : t + 1])
    assert ((model(x) - model(earlier)).abs().amax(-1)[:, t:] > 1e-9).all()


@pytest.mark.parametrize("model", models(), ids=["CharLSTM", "GPT"])
def test_the_examples_of_a_batch_do_not_mix(model: nn.Module) -> None:
    x = tokens(3, 6)
    close(model(x)[1:2], model(x[1:2]))


@pytest.mark.parametrize("model", models(), ids=["CharLSTM", "GPT"])
def test_the_order_of_earlier_tokens_matters(model: nn.Module) -> None:
    x = torch.tensor([[1, 2, 3, 4, 5]])
    assert not torch.allclose(model(x)[0, -1], model(x[:, [1, 0, 2, 3, 4]])[0, -1])


# CharLSTM and GPT beside torch


def test_a_char_lstm_matches_torch_over_three_steps() -> None:
    class Twin(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Embedding(7, 4)
            self.lstm = nn.LSTM(4, 5, batch_first=True)
            self.head = nn.Linear(5, 7)

        def forward(self, x: Tensor) -> Tensor:
            scores: Tensor = self.head(self.lstm(self.token(x))[0])
            return scores

    ours, theirs = CharLSTM(7, 4, 5), Twin()
    pairs = copy_state(ours, theirs, {})
    same_descent(ours, theirs, pairs, [tokens(3, 6, seed=k) for k in range(3)])


def test_a_gpt_matches_torch_over_three_steps() -> None:
    class Twin(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token, self.place = nn.Embedding(7, 4), nn.Embedding(6, 4)
            options: dict[str, Any] = {"activation": "gelu", "batch_first": True, "norm_first": True}
            self.blocks = nn.ModuleList(nn.TransformerEncoderLayer(4, 2, 16, dropout=0, **options) for _ in range(2))
            self.norm = nn.LayerNorm(4)

        def forward(self, x: Tensor) -> Tensor:
            h = self.token(x) + self.place(torch.arange(x.shape[1]))
            for block in self.blocks:
                h = block(h, src_mask=torch.ones(x.shape[1], x.shape[1]).triu(1).bool())
            return functional.linear(self.norm(h), self.token.weight)

    ours, theirs = GPT(7, context=6, features=4, heads=2, blocks=2), Twin()
    pairs = copy_state(ours, theirs, {})
    same_descent(ours, theirs, pairs, [tokens(3, 6, seed=k) for k in range(3)])


@pytest.mark.parametrize("model", models(), ids=["CharLSTM", "GPT"])
def test_the_gradient_of_a_sequence_model_matches_finite_differences(model: nn.Module) -> None:
    name = "token.weight"

    def scores(weight: Tensor) -> Tensor:
        result: Tensor = torch.func.functional_call(model, {name: weight}, tokens(1, 3))
        return result

    assert torch.autograd.gradcheck(scores, model.get_parameter(name).detach().clone().requires_grad_())


def test_a_gpt_starts_as_its_docstring_says() -> None:
    torch.manual_seed(0)
    model = GPT(50, context=40, features=32, heads=2, blocks=3)
    assert len(model.blocks) == 3
    for name, parameter in model.named_parameters():
        if parameter.ndim == 2:
            assert parameter.std().item() == pytest.approx(0.02, rel=0.1)
        else:
            assert (parameter == (0 if name.endswith("bias") else 1)).all()
    # Scores near zero: every token is about as likely as any other.
    loss = functional.cross_entropy(
        model(tokens(8, 40, vocabulary=50)).flatten(0, 1), tokens(320, vocabulary=50, seed=1)
    )
    assert loss.item() == pytest.approx(math.log(50), rel=0.03)


@pytest.mark.parametrize(
    "make", [lambda: CharLSTM(7, 8, 16), lambda: GPT(7, context=8, features=16, heads=2, blocks=1)]
)
def test_a_sequence_model_learns_a_sequence_that_it_can_only_know_from_two_places_back(
    make: Callable[[], nn.Module],
) -> None:
    torch.manual_seed(0)
    model, x = make(), torch.tensor([[1, 1, 2, 1, 1, 2, 1, 1, 2], [3, 1, 2, 3, 1, 2, 3, 1, 2]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(80):
        optimizer.zero_grad()
        functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten()).backward()
        optimizer.step()
    written = generate(model, x[:, :3], 6, temperature=0.01, context=8)
    assert torch.equal(written, x)


# Sampling


def test_temperature_divides_the_scores() -> None:
    scores = torch.tensor([0.0, math.log(4)]).expand(100_000, 2)
    generator = torch.Generator().manual_seed(0)
    for temperature, share in ((1.0, 4 / 5), (0.5, 16 / 17), (2.0, 2 / 3)):
        drawn = sample(scores, temperature=temperature, generator=generator)
        assert drawn.float().mean().item() == pytest.approx(share, abs=0.005)


def test_sampling_keeps_the_shape_of_what_comes_before_the_scores() -> None:
    scores = 99 * functional.one_hot(tokens(2, 3, 4), 7).double()
    assert torch.equal(sample(scores), tokens(2, 3, 4))
    assert sample(torch.tensor([0.0, 99.0])).item() == 1


def test_generating_appends_and_is_reproducible_by_generator() -> None:
    model, start = models()[1], tokens(3, 2)
    texts = [generate(model, start, 4, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(texts[0], texts[1])
    assert not torch.equal(texts[0], texts[2])
    assert torch.equal(texts[0][:, :2], start)
    assert texts[0].shape == (3, 6)
    assert torch.equal(generate(model, start, 0), start)


def test_generating_feeds_the_last_tokens_that_fit_the_context() -> None:
    read = []

    def model(x: Tensor) -> Tensor:
        read.append(x.tolist())
        return 99.0 * torch.eye(5)[(x + 1) % 5]

    assert generate(model, torch.tensor([[0, 1]]), 3, context=2).tolist() == [[0, 1, 2, 3, 4]]
    assert read == [[[0, 1]], [[1, 2]], [[2, 3]]]


# Bad input

gpt = partial(GPT, 7, context=6, features=4, heads=2, blocks=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLP([3], relu), r"sizes must hold at least the input's and the output's, got \[3\]"),
        (lambda: MLP([3, 0, 2], relu), "out_features must be at least 1, got 0"),
        (lambda: MLP([3, 2], relu)(torch.zeros(5, 4)), r"weight must have shape \(O, I\) with I = 4, got \(2, 3\)"),
        (lambda: LeNet()(torch.zeros(2, 1, 32, 32)), r"x must have shape \(B, 1, 28, 28\), got \(2, 1, 32, 32\)"),
        (lambda: LeNet()(torch.zeros(2, 1, 28, 28).long()), "x must be a floating-point torch tensor, got torch.int64"),
        (lambda: ResNet(1, 10, widths=()), r"at least one width and one block, got widths \(\), 1 blocks"),
        (lambda: ResNet(1, 10, blocks=0), r"at least one width and one block, got widths \(16, 32, 64\), 0 blocks"),
        (lambda: ResNet(0, 10), "in_channels must be a whole number, 1 or more, got 0"),
        (lambda: ResNet(1, 0), "out_features must be at least 1, got 0"),
        (lambda: ResNet(2, 3)(torch.zeros(1, 1, 8, 8)), r"with C = 1 and groups = 1, got \(16, 2, 3, 3\)"),
        (lambda: sample(torch.tensor([1, 2])), "logits must be a floating-point torch tensor, got torch.int64"),
        (lambda: sample(torch.zeros(2), temperature=0), "temperature must be above 0, got 0"),
        (lambda: generate(gpt(), torch.zeros(1, 2), 1), r"start must be int64.*got torch.float32 \(1, 2\)"),
        (lambda: generate(gpt(), torch.zeros(2).long(), 1), r"start must be int64.*got torch.int64 \(2,\)"),
        (lambda: generate(gpt(), torch.zeros(2, 0).long(), 1), r"T at least 1, got torch.int64 \(2, 0\)"),
        (lambda: generate(gpt(), torch.zeros(1, 2).long(), -1), "steps must be at least 0, got -1"),
        (lambda: CharLSTM(7, 0, 4), "embedding_dim must be at least 1, got 0"),
        (lambda: CharLSTM(7, 4, 4)(torch.zeros(3).long()), r"tokens must have shape \(B, T\), got \(3,\)"),
        (lambda: CharLSTM(7, 4, 4)(torch.tensor([[7]])), "tokens must hold classes from 0 to 6, got 7 to 7"),
        (lambda: GPT(7, context=6, features=4, heads=3, blocks=1), "features must be a multiple of heads, got 4 and 3"),
        (lambda: GPT(7, context=6, features=4, heads=2, blocks=0), "blocks must be at least 1, got 0"),
        (lambda: GPT(7, context=0, features=4, heads=2, blocks=1), "num_embeddings must be at least 1, got 0"),
        (lambda: GPT(7, context=6, features=4, heads=2, blocks=1, dropout=-1.0), "p must be from 0 to 1, got -1"),
        (lambda: gpt()(tokens(1, 7)), "tokens must be from 1 to 6 long, the context, got 7"),
        (lambda: gpt()(tokens(1, 0)), "tokens must be from 1 to 6 long, the context, got 0"),
        (lambda: gpt()(tokens(5)), r"tokens must have shape \(B, T\), got \(5,\)"),
        (lambda: gpt()(torch.tensor([[-1]])), "tokens must hold classes from 0 to 6, got -1 to -1"),
    ],
)
def test_bad_input_is_refused_in_words_that_name_it(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
