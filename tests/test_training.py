"""The plain loop does what its history says, and nothing else."""

import pytest
import torch
from torch import Tensor, nn

from dlref.data import Examples
from dlref.training import fit

LINE = Examples(torch.arange(1.0, 8.0)[:, None], 2 * torch.arange(1.0, 8.0)[:, None])


def squared(output: Tensor, target: Tensor) -> Tensor:
    return ((output - target) ** 2).mean()


def run(model: nn.Module, **changes: object):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    return fit(model, LINE, **({"loss": squared, "optimizer": optimizer, "epochs": 2} | changes))  # type: ignore[arg-type]


def slope() -> nn.Linear:
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    return model


def test_two_steps_on_the_whole_set_worked_by_hand() -> None:
    model = slope()
    history = run(model, batch_size=7)
    square = 20.0  # the mean of 1, 4, …, 49
    first = 0.01 * 2 * square * 2
    second = first + 0.01 * 2 * square * (2 - first)
    assert model.weight.item() == pytest.approx(second)
    assert history.train_loss == pytest.approx([square * 4, square * (2 - first) ** 2])
    assert history.validation_loss == history.validation_score == []


def test_an_epoch_sees_every_example_once_in_an_order_that_the_seed_decides() -> None:
    def seen(seed: int) -> list[list[float]]:
        batches: list[list[float]] = []
        model = slope()

        def watched(x: Tensor) -> Tensor:
            batches.append(x.flatten().tolist())
            output: Tensor = model(x)
            return output

        optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        fit(watched, LINE, loss=squared, optimizer=optimizer, epochs=2, batch_size=3, seed=seed)
        return batches

    first = seen(0)
    assert [len(batch) for batch in first] == [3, 3, 1, 3, 3, 1]
    for epoch in (first[:3], first[3:]):
        assert sorted(x for batch in epoch for x in batch) == LINE.inputs.flatten().tolist()
    assert first[:3] != first[3:]
    assert first == seen(0) != seen(1)


def test_the_order_does_not_touch_the_global_generator() -> None:
    model = slope()
    before = torch.get_rng_state()
    run(model)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_training_loss_weighs_examples_and_not_minibatches() -> None:
    model = slope()
    history = run(model, optimizer=torch.optim.SGD(model.parameters(), lr=0.0), batch_size=3, epochs=1)
    assert history.train_loss == pytest.approx([80.0])


def test_validation_is_measured_after_each_epoch_in_evaluation_mode_without_gradients() -> None:
    class Watched(nn.Linear):
        modes: list[tuple[bool, bool]] = []  # noqa: RUF012 (one test, one list)

        def forward(self, x: Tensor) -> Tensor:
            self.modes.append((self.training, torch.is_grad_enabled()))
            return super().forward(x)

    model = Watched(1, 1)
    history = run(model, batch_size=7, validation=LINE, score=lambda y, t: squared(y, t).sqrt().item())
    assert Watched.modes == [(True, True), (False, False)] * 2
    assert not model.training
    assert history.validation_loss[0] == pytest.approx(history.train_loss[1], rel=1e-5)
    assert history.validation_score == pytest.approx([value**0.5 for value in history.validation_loss])


def test_no_epochs_leave_the_model_as_it_is() -> None:
    model = slope()
    assert run(model, epochs=0).train_loss == []
    assert model.weight.item() == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": -1}, "expected epochs >= 0 and batch_size >= 1, got -1 and 32"),
        ({"batch_size": 0}, "got 2 and 0"),
        ({"score": lambda _output, _target: 1.0}, "score needs validation examples"),
    ],
)
def test_impossible_runs_are_refused(changes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(slope(), **changes)


def test_examples_without_targets_are_refused() -> None:
    model = slope()
    optimizer = torch.optim.SGD(model.parameters())
    for examples in (Examples(torch.ones(3, 1), torch.ones(2, 1)), Examples(torch.ones(0, 1), torch.ones(0, 1))):
        with pytest.raises(ValueError, match="as many targets as inputs"):
            fit(model, examples, loss=squared, optimizer=optimizer, epochs=1)


def test_a_loss_that_runs_away_is_named_with_its_step() -> None:
    model = slope()
    with pytest.raises(FloatingPointError, match=r"the loss is (inf|nan) in epoch \d+, step 0"):
        run(model, optimizer=torch.optim.SGD(model.parameters(), lr=10.0), batch_size=7, epochs=100)
