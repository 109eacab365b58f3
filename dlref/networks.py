"""Whole networks, put together from the layers."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from dlref.activations import relu, sigmoid, softmax
from dlref.attention import TransformerBlock, causal_mask
from dlref.checks import check_floating, check_shapes
from dlref.convolution import AvgPool2d, Conv2d
from dlref.initializers import he_normal
from dlref.layers import BatchNorm, Embedding, LayerNorm, Linear, linear
from dlref.recurrent import LSTM

__all__ = ["GPT", "MLP", "CharLSTM", "LeNet", "ResNet", "ResidualBlock", "generate", "sample"]


class MLP(nn.Module):
    r"""Alternate fully connected layers and an activation; the last layer has none.

    $$h_0 = x, \qquad h_{k} = f(W_k h_{k-1} + b_k), \qquad y = W_K h_{K-1} + b_K$$

    Args:
        sizes: The sizes of input, hidden layers and output, at least two, each at least 1.
        activation: $f$, from a tensor to one of the same shape.

    Attributes:
        layers: K = `len(sizes) - 1` modules `Linear`.

    Raises:
        ValueError: If there are fewer than two sizes, or one is below 1.

    Source:
        Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors",
        Nature 323, 1986.

    Differs from:
        `sklearn.neural_network.MLPClassifier` applies softmax to its outputs; these are scores.

    Examples:
        >>> model = MLP([64, 32, 10])
        >>> model(torch.zeros(5, 64)).shape
        torch.Size([5, 10])
        >>> sum(parameter.numel() for parameter in model.parameters())  # 64·32 + 32 + 32·10 + 10
        2410
    """

    def __init__(self, sizes: Sequence[int], activation: Callable[[Tensor], Tensor] = relu) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"sizes must hold at least the input's and the output's, got {list(sizes)}")
        self.layers = nn.ModuleList(Linear(i, o) for i, o in pairwise(sizes))
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores for inputs of shape (..., first size): shape (..., last size)."""
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        scores: Tensor = self.layers[-1](x)
        return scores


class LeNet(nn.Module):
    r"""Recognise handwritten digits: two convolutions, two poolings, three fully connected layers.

    | layer | output | parameters |
    |---|---|---|
    | convolution 5 × 5, padding 2, sigmoid | 6 × 28 × 28 | 156 |
    | average of 2 × 2 | 6 × 14 × 14 | 0 |
    | convolution 5 × 5, sigmoid | 16 × 10 × 10 | 2,416 |
    | average of 2 × 2 | 16 × 5 × 5 | 0 |
    | fully connected, sigmoid | 120 | 48,120 |
    | fully connected, sigmoid | 84 | 10,164 |
    | fully connected | 10 | 850 |

    Attributes:
        conv1, conv2: Modules `Conv2d`.
        pool: The `AvgPool2d` after each of them.
        fc1, fc2, fc3: Modules `Linear`, the head.

    Source:
        LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document
        Recognition", Proceedings of the IEEE 86, 1998, section II.B: LeNet-5.

    Differs from:
        The paper's LeNet-5, as it is usually taught: images of 28 × 28 with padding instead of
        32 × 32; sigmoid instead of a scaled tanh; a mean instead of a mean with a learned weight
        and bias for each channel; each kernel of the second convolution sees all six channels
        instead of a chosen few; scores instead of distances to drawn digits at the end.
        61,706 parameters instead of about 60,000.

    Examples:
        >>> import torch
        >>> LeNet()(torch.zeros(5, 1, 28, 28)).shape
        torch.Size([5, 10])
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = Conv2d(1, 6, 5, padding=2), Conv2d(6, 16, 5)
        self.pool = AvgPool2d(2)
        self.fc1, self.fc2, self.fc3 = Linear(16 * 5 * 5, 120), Linear(120, 84), Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of ten classes for images of shape (B, 1, 28, 28): shape (B, 10).

        Raises:
            ValueError: If the images are of another shape.
        """
        check_floating(x=x)
        check_shapes(x=(x, "B 1 28 28"))
        h = self.pool(sigmoid(self.conv1(x)))
        h = self.pool(sigmoid(self.conv2(h)))
        h = sigmoid(self.fc1(h.flatten(1)))
        scores: Tensor = self.fc3(sigmoid(self.fc2(h)))
        return scores


class ResidualBlock(nn.Module):
    r"""Add what two convolutions make of the input to the input itself.

    $$y = \operatorname{relu}\bigl(F(x) + x\bigr), \qquad
    F(x) = \operatorname{norm}_2(w_2 * \operatorname{relu}(\operatorname{norm}_1(w_1 * x)))$$

    With a stride, or another number of channels, $x$ passes a 1 × 1 convolution and a batch norm
    first, so that the shapes agree.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        stride: Of the first convolution, and of the 1 × 1 one.

    Attributes:
        conv1, conv2: Modules `Conv2d` with kernels of 3 × 3, without bias: the norm has one.
        norm1, norm2: Modules `BatchNorm`.
        shortcut: What happens to $x$: nothing, or a `Conv2d` and a `BatchNorm`.

    Source:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", arXiv 1512.03385,
        equations 1 and 2.

    Examples:
        >>> import torch
        >>> ResidualBlock(16, 32, stride=2)(torch.zeros(5, 16, 8, 8)).shape
        torch.Size([5, 32, 4, 4])
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = BatchNorm(out_channels)
        self.conv2 = Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = BatchNorm(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut.append(Conv2d(in_channels, out_channels, 1, stride=stride, bias=False))
            self.shortcut.append(BatchNorm(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return shape (B, out_channels, H', W') for `x` of shape (B, in_channels, H, W)."""
        h = relu(self.norm1(self.conv1(x)))
        return relu(self.norm2(self.conv2(h)) + self.shortcut(x))


class ResNet(nn.Module):
    """Stack residual blocks in stages, each at half the resolution of the last, for small images.

    A 3 × 3 convolution, the stages, the mean over all places, one fully connected layer. No part
    asks for a certain size of the image.

    Args:
        in_channels: Channels of the images.
        classes: How many scores come out.
        widths: Channels of each stage; every stage but the first begins with stride 2.
        blocks: Residual blocks in each stage. With n of them in three stages there are 6n + 2
            layers with weights, shortcuts not counted.

    Attributes:
        conv, norm: The `Conv2d` and `BatchNorm` at the start.
        stages: The `ResidualBlock`s, one after another.
        head: The last `Linear`.

    Raises:
        ValueError: If there is no stage, or a number is below 1.

    Source:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", arXiv 1512.03385,
        section 4.2, the networks for CIFAR-10; the first weights as they say, He's normal ones.

    Differs from:
        The paper's networks for CIFAR-10 have no weights in their shortcuts where the size changes:
        they skip pixels and fill new channels with zeros.
        `torchvision.models.resnet18`: that one is for large images, with a 7 × 7 convolution and a
        pooling before the first of four stages.

    Examples:
        >>> import torch
        >>> model = ResNet(in_channels=1, classes=10, widths=(16, 32, 64), blocks=1)
        >>> model(torch.zeros(5, 1, 28, 28)).shape
        torch.Size([5, 10])
        >>> sum(parameter.numel() for parameter in model.parameters())
        77754
    """

    def __init__(
        self, in_channels: int, classes: int, *, widths: Sequence[int] = (16, 32, 64), blocks: int = 1
    ) -> None:
        super().__init__()
        if blocks < 1 or not widths:
            raise ValueError(f"expected at least one width and one block, got widths {tuple(widths)}, {blocks} blocks")
        self.conv = Conv2d(in_channels, widths[0], 3, padding=1, bias=False)
        self.norm = BatchNorm(widths[0])
        self.stages = nn.Sequential()
        for before, width in pairwise((widths[0], *widths)):
            first_stage = len(self.stages) == 0
            self.stages.append(ResidualBlock(before, width, stride=1 if first_stage else 2))
            self.stages.extend(ResidualBlock(width, width) for _ in range(blocks - 1))
        self.head = Linear(widths[-1], classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                module.weight.data = he_normal(module.weight.shape)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores for images of shape (B, C, H, W): shape (B, classes)."""
        h = self.stages(relu(self.norm(self.conv(x))))
        scores: Tensor = self.head(h.mean(dim=(2, 3)))  # the mean over all places
        return scores


def sample(logits: Tensor, *, temperature: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Draw a token from the probabilities that scores stand for.

    $$p_k = \operatorname{softmax}(z / \tau)_k$$

    A temperature $\tau$ below 1 favours the likely tokens, above 1 it evens out the odds.

    Args:
        logits: Scores $z$, shape (..., V).
        temperature: $\tau$, above 0; towards 0 the largest score always wins.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tokens from 0 to V − 1, int64, shape (...,).

    Raises:
        ValueError: If `logits` is not a floating-point tensor or `temperature` is not above 0.

    Source:
        Ackley, Hinton and Sejnowski, "A Learning Algorithm for Boltzmann Machines", Cognitive
        Science 9(1), 1985: the temperature.

    Differs from:
        `torch.distributions.Categorical(logits=logits / temperature).sample()`: nothing but how
        the random numbers are used.

    Examples:
        >>> sample(torch.tensor([[0.0, 9.0], [9.0, 0.0]]), temperature=0.01)
        tensor([1, 0])
    """
    check_floating(logits=logits)
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    odds = softmax(logits / temperature)
    return torch.multinomial(odds.reshape(-1, odds.shape[-1]), 1, generator=generator).reshape(odds.shape[:-1])


def generate(
    model: Callable[[Tensor], Tensor],
    start: Tensor,
    steps: int,
    *,
    temperature: float = 1.0,
    context: int | None = None,
    generator: Generator | None = None,
) -> Tensor:
    r"""Let a model of sequences write on: draw a token, append it, ask again.

    $$x_{t+1} \sim p(\,\cdot \mid x_1, \dots, x_t), \qquad
    p(x_1, \dots, x_T) = \prod_t p(x_t \mid x_1, \dots, x_{t-1})$$

    The model reads the whole sequence anew for each token.

    Args:
        model: From tokens (B, T) to the next token's scores at every place, (B, T, V).
        start: What is there already, int64, shape (B, T), at least one token each.
        steps: How many tokens to append, at least 0.
        temperature: See `sample`.
        context: How many tokens the model can read; it gets the last of them. None for all.
        generator: Where the random numbers come from; torch's global one if left out.

    Returns:
        Tokens of shape (B, T + steps), `start` first.

    Raises:
        ValueError: If `start` is not an int64 matrix with at least one column, or `steps` is
            below 0.

    Source:
        Shannon, "A Mathematical Theory of Communication", Bell System Technical Journal 27, 1948,
        section 3.

    Examples:
        >>> count_up = lambda tokens: 99.0 * torch.eye(5)[(tokens + 1) % 5]
        >>> generate(count_up, torch.tensor([[2]]), 4)
        tensor([[2, 3, 4, 0, 1]])
    """
    if start.dtype != torch.int64 or start.ndim != 2 or not start.shape[1]:
        raise ValueError(
            f"start must be int64 of shape (B, T) with T at least 1, got {start.dtype} {tuple(start.shape)}"
        )
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    tokens = start
    with torch.no_grad():
        for _ in range(steps):
            logits = model(tokens if context is None else tokens[:, -context:])[:, -1]
            drawn = sample(logits, temperature=temperature, generator=generator)
            tokens = torch.cat([tokens, drawn[:, None]], dim=1)
    return tokens


class CharLSTM(nn.Module):
    r"""Predict each next character from what an LSTM remembers of those before.

    $$z_t = W\, h_t + b, \qquad h_t, c_t = \operatorname{lstm}(E_{x_t}, h_{t-1}, c_{t-1})$$

    Args:
        vocabulary: V, the number of different characters.
        features: D, the size of a character's vector.
        hidden: H, the size of the LSTM's state.

    Attributes:
        token: An `Embedding` (V, D).
        lstm: An `LSTM` (D, H).
        head: A `Linear` (H, V).

    Raises:
        ValueError: If a size is below 1.

    Source:
        Graves, "Generating Sequences With Recurrent Neural Networks", arXiv 1308.0850, sections 2
        and 3 (with one layer here).

    Examples:
        >>> CharLSTM(27, 16, 32)(torch.zeros(4, 10, dtype=torch.int64)).shape
        torch.Size([4, 10, 27])
    """

    def __init__(self, vocabulary: int, features: int, hidden: int) -> None:
        super().__init__()
        self.token = Embedding(vocabulary, features)
        self.lstm = LSTM(features, hidden)
        self.head = Linear(hidden, vocabulary)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the next character's scores after each of `tokens`, shape (B, T): shape (B, T, V)."""
        check_shapes(tokens=(tokens, "B T"))
        states, _ = self.lstm(self.token(tokens).transpose(0, 1))  # time first
        logits: Tensor = self.head(states.transpose(0, 1))
        return logits


class GPT(nn.Module):
    r"""Predict each next token by Transformer blocks that look at what came before, and not ahead.

    $$h^0_t = E_{x_t} + P_t, \qquad h^{l} = \operatorname{block}_l(h^{l-1}), \qquad
    z_t = E \operatorname{norm}(h^{L}_t)$$

    The vectors $E$ that tokens come in with also score them at the end (tied weights). Matrices
    start from $\mathcal{N}(0, 0.02^2)$, biases at zero.

    Args:
        vocabulary: V, the number of different tokens.
        context: The longest sequence that the model can read.
        features: D, a multiple of `heads`.
        heads: H, attention heads in each block.
        blocks: L, at least 1.
        dropout: Probability of dropping what a sublayer adds, from 0 to 1.

    Attributes:
        token: An `Embedding` (V, D), $E$.
        place: An `Embedding` (context, D), $P$.
        blocks: L modules `TransformerBlock`.
        norm: The last `LayerNorm`.

    Raises:
        ValueError: If a size does not fit or `dropout` is out of range.

    Source:
        Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3;
        Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018,
        section 4.1.

    Differs from:
        GPT-2's code scales the start of the sublayers' last matrices by $1/\sqrt{2L}$, has the tanh
        form of GELU, and drops embeddings and attention weights too.

    Examples:
        >>> model = GPT(27, context=16, features=32, heads=4, blocks=2)
        >>> model(torch.zeros(4, 10, dtype=torch.int64)).shape
        torch.Size([4, 10, 27])
    """

    def __init__(
        self, vocabulary: int, *, context: int, features: int, heads: int, blocks: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        if blocks < 1:
            raise ValueError(f"blocks must be at least 1, got {blocks}")
        self.token, self.place = Embedding(vocabulary, features), Embedding(context, features)
        self.blocks = nn.ModuleList(TransformerBlock(features, heads, dropout=dropout) for _ in range(blocks))
        self.norm = LayerNorm(features)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the next token's scores after each of `tokens`, shape (B, T): shape (B, T, V).

        Raises:
            ValueError: If `tokens` are not int64 of shape (B, T), out of range, or longer than the
                context.
        """
        T, context = check_shapes(tokens=(tokens, "B T"))["T"], len(self.place.weight)
        if not 1 <= T <= context:
            raise ValueError(f"tokens must be from 1 to {context} long, the context, got {T}")
        x = self.token(tokens) + self.place.weight[:T]
        mask = causal_mask(T).to(x.device)
        for block in self.blocks:
            x = block(x, mask=mask)
        return linear(self.norm(x), self.token.weight)
