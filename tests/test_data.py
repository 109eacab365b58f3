"""The data sets are what their descriptions say, split the same way each time, without a shared example."""

import socket
import time
from collections.abc import Callable

import numpy as np
import pytest
import skimage.data
import sklearn.datasets
import torch

from dlref import data
from dlref.data import Splits

SETS: dict[str, tuple[Callable[[], Splits], list[int], tuple[int, ...]]] = {
    "digits": (data.digits, [1197, 300, 300], (1, 8, 8)),
    "faces": (data.faces, [120, 40, 40], (1, 25, 25)),
    "iris": (data.iris, [90, 30, 30], (4,)),
    "wine": (data.wine, [108, 35, 35], (13,)),
    "breast_cancer": (data.breast_cancer, [341, 114, 114], (30,)),
    "diabetes": (data.diabetes, [266, 88, 88], (10,)),
}
each_set = pytest.mark.parametrize("name", SETS)
tables = pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a data set asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@each_set
def test_a_set_has_the_parts_that_its_description_names(name: str) -> None:
    load, sizes, shape = SETS[name]
    parts = load()
    assert [len(part.inputs) for part in parts] == sizes == [len(part.targets) for part in parts]
    for part in parts:
        assert part.inputs.shape[1:] == shape
        assert part.inputs.dtype == torch.float32
        assert part.targets.dtype == (torch.float32 if name == "diabetes" else torch.int64)


@each_set
def test_a_set_is_the_same_each_time(name: str) -> None:
    load = SETS[name][0]
    for once, again in zip(load(), load(), strict=True):
        assert torch.equal(once.inputs, again.inputs)
        assert torch.equal(once.targets, again.targets)


@each_set
def test_the_parts_together_are_the_whole_set_and_share_nothing(name: str) -> None:
    """The parts' values are those of the original, column by column; tables after undoing their scale."""
    originals = {
        "digits": lambda: sklearn.datasets.load_digits().data / 16,
        "faces": lambda: skimage.data.lfw_subset().reshape(200, -1),
        "iris": lambda: sklearn.datasets.load_iris().data,
        "wine": lambda: sklearn.datasets.load_wine().data,
        "breast_cancer": lambda: sklearn.datasets.load_breast_cancer().data,
        "diabetes": lambda: sklearn.datasets.load_diabetes(scaled=False).data,
    }
    parts = SETS[name][0]()
    ours = torch.cat([part.inputs.flatten(1) for part in parts]).double().numpy()
    theirs = originals[name]()
    if name not in ("digits", "faces"):
        std = parts.train.inputs.std(0).double().numpy()
        scale = theirs.std(0) / ours.std(0) * std
        theirs = (theirs - theirs.mean(0)) / scale + ours.mean(0)
    assert np.allclose(np.sort(ours, axis=0), np.sort(theirs, axis=0), atol=1e-4)


@pytest.mark.parametrize("name", [name for name in SETS if name != "diabetes"])
def test_each_class_has_its_share_in_every_part(name: str) -> None:
    parts = SETS[name][0]()
    whole = torch.cat([part.targets for part in parts]).bincount() / sum(len(part.targets) for part in parts)
    for part in parts:
        assert (part.targets.bincount() / len(part.targets) - whole).abs().max() < 0.02


@tables
def test_tables_are_standardised_by_the_training_part_alone(name: str) -> None:
    train, _, test = SETS[name][0]()
    assert train.inputs.mean(0).abs().max() < 1e-4
    assert (train.inputs.std(0) - 1).abs().max() < 1e-4
    assert test.inputs.mean(0).abs().max() > 1e-3


def test_labels_belong_to_their_images() -> None:
    original = sklearn.datasets.load_digits()
    places = {row.tobytes(): label for row, label in zip(original.data, original.target, strict=True)}
    for part in data.digits():
        rows = (part.inputs.flatten(1) * 16).double().numpy()
        assert [places[row.tobytes()] for row in rows] == part.targets.tolist()


def test_malignant_is_one_and_the_first_hundred_patches_are_the_faces() -> None:
    malignant = sum(int(part.targets.sum()) for part in data.breast_cancer())
    assert malignant == 212
    faces = {face.astype(np.float32).tobytes() for face in skimage.data.lfw_subset()[:100]}
    for part in data.faces():
        found = [image[0].numpy().tobytes() in faces for image in part.inputs]
        assert found == part.targets.bool().tolist()


@pytest.mark.parametrize("name", sorted(data.PHOTOGRAPHS))
def test_every_photograph_is_shipped_and_lies_in_the_unit_interval(name: str) -> None:
    grey = data.photograph(name)
    assert grey.ndim == 2
    assert grey.dtype == torch.float32
    assert 0 <= grey.min() < 0.3 < grey.max() <= 1


def test_grey_is_the_luminance_of_the_colours() -> None:
    colour = data.photograph("astronaut", colour=True)
    weights = torch.tensor([0.2125, 0.7154, 0.0721])
    assert colour.shape == (3, 512, 512)
    torch.testing.assert_close(data.photograph("astronaut"), (weights[:, None, None] * colour).sum(0))


def test_photographs_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match=r"name must be one of astronaut, .*; got 'dog'"):
        data.photograph("dog")
    with pytest.raises(ValueError, match="'camera' is a grey photograph"):
        data.photograph("camera", colour=True)


def test_sunspots_are_the_years_that_astronomers_know() -> None:
    series = data.sunspots()
    assert (series.time.diff() == 1).all()
    assert series.time[series.values.argmax()] == 1957  # the strongest solar maximum on record
    assert series.values.max().item() == pytest.approx(190.2)


def test_carbon_dioxide_is_the_mean_of_each_months_weeks() -> None:
    series = data.co2()
    torch.testing.assert_close(series.time.diff(), torch.full((515,), 1 / 12, dtype=torch.float64))
    assert series.values[0].item() == pytest.approx((315.0 + 315.5 + 315.6 + 315.6 + 315.8) / 5, abs=0.2)
    assert series.values.isfinite().all()
    yearly = series.values.view(43, 12).mean(1)
    assert (yearly.diff() > 0).all()  # it rose in every year
    assert (series.values.view(43, 12).argmax(1) == 4).float().mean() > 0.8  # and is highest in May


def test_months_without_a_measurement_lie_on_the_line_between_their_neighbours() -> None:
    values = data.co2().values.view(43, 12)[5]  # nothing was measured from February to April 1964
    torch.testing.assert_close(values[1:4], values[0] + (values[4] - values[0]) * torch.tensor([0.25, 0.5, 0.75]))


def test_names_are_sorted_and_each_occurs_once() -> None:
    names = data.names()
    assert names == sorted(set(names))
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)
    assert {"ada", "alan", "grace"} <= set(names)


@pytest.mark.parametrize("draw", [data.moons, data.spirals, data.blobs])
def test_made_up_examples_depend_on_the_seed_alone(draw: Callable[..., data.Examples]) -> None:
    torch.manual_seed(1)
    once = draw(40, seed=3)
    torch.manual_seed(2)
    again, other = draw(40, seed=3), draw(40, seed=4)
    assert torch.equal(once.inputs, again.inputs)
    assert torch.equal(once.targets, again.targets)
    assert not torch.equal(once.inputs, other.inputs)


def test_without_noise_the_points_lie_on_their_curves() -> None:
    inputs, targets = data.moons(200, noise=0)
    middle = torch.where(targets[:, None] == 0, torch.tensor([0.0, 0.0]), torch.tensor([1.0, 0.5]))
    torch.testing.assert_close((inputs - middle).norm(dim=1), torch.ones(200))
    assert ((inputs[:, 1] >= 0) | (targets == 1)).all()

    inputs, targets = data.spirals(200, classes=3, turns=1, noise=0)
    radius = inputs.norm(dim=1)
    angle = 2 * torch.pi * ((radius - 0.1) / 0.9 + targets / 3)
    torch.testing.assert_close(inputs, radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1))


def test_noise_has_the_standard_deviation_that_was_asked_for() -> None:
    noisy, clean = (data.blobs(4000, noise=noise, seed=1) for noise in (0.3, 0.0))
    assert (noisy.inputs - clean.inputs).std().item() == pytest.approx(0.3, rel=0.05)
    assert noisy.targets.bincount().tolist() == [1334, 1333, 1333]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 1}, "at least 2 classes and a point for each, got 1 points, 2 classes"),
        ({"count": 9, "classes": 1}, "got 9 points, 1 classes"),
        ({"count": 9, "noise": -0.1}, r"noise must not be negative, got -0\.1"),
    ],
)
def test_impossible_examples_are_refused(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.spirals(**arguments)


def test_speech_is_the_same_each_time_whatever_was_said_before() -> None:
    first, hertz = data.spoken("seven")
    breath, _ = data.spoken("seven eight", "en-us+f2")
    data.spoken("eight", "en-us+f3", rate=120)
    time.sleep(1.1)  # left alone, the synthesiser seeds the breath with the seconds of the clock
    assert torch.equal(data.spoken("seven")[0], first)
    assert torch.equal(data.spoken("seven eight", "en-us+f2")[0], breath)
    assert hertz == 22050
    assert first.dtype == torch.float32
    assert 0.1 < first.abs().max() <= 1
    assert not first.isnan().any()


def test_words_voices_rates_and_pitches_differ_as_they_should() -> None:
    def fundamental(pitch: int) -> float:
        """Return the frequency, in Hz, at which a long vowel repeats itself best."""
        waveform, hertz = data.spoken("are", rate=80, pitch=pitch)
        middle = waveform[len(waveform) // 4 :][:4096]
        spectrum = torch.fft.rfft(middle - middle.mean(), n=8192).abs().square()
        repeats = torch.fft.irfft(spectrum)[hertz // 200 : hertz // 60]
        return hertz / (int(repeats.argmax()) + hertz // 200)

    plain, _ = data.spoken("seven")
    assert len(data.spoken("seven", rate=100)[0]) > 1.3 * len(plain)
    assert len(data.spoken("one two three")[0]) > 1.5 * len(plain)
    assert data.spoken("seven", "en-us+f3")[0].shape != plain.shape
    assert 60 < fundamental(20) < fundamental(50) < fundamental(80) < 200


def test_spoken_digits_depend_on_their_arguments_alone_and_are_standardised() -> None:
    voices = ["en-us+m1", "en-us+f2"]
    torch.manual_seed(1)
    sounds, lengths, digits = data.spoken_digits(4, voices, noise=0.01, seed=3)
    torch.manual_seed(2)
    again = data.spoken_digits(4, voices, noise=0.01, seed=3)
    assert torch.equal(sounds, again.sounds)
    assert torch.equal(digits, again.labels)
    assert not torch.equal(digits, data.spoken_digits(4, voices, seed=4).labels)
    assert 1 <= digits.min() <= digits.max() <= 9
    for sound, length in zip(sounds.unbind(1), lengths.tolist(), strict=True):
        assert 20 < length < 100  # from one to two seconds, in steps of 30 ms
        torch.testing.assert_close(sound[:length].mean(0), torch.zeros(40), atol=1e-5, rtol=0)
        assert 0.5 < sound[:length].std() < 1
        assert (sound[length:] == 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0, "voices": ["en-us"]}, "expected at least one utterance and one voice, got 0 and 1"),
        ({"count": 1, "voices": []}, "got 1 and 0"),
        ({"count": 1, "voices": ["en-us"], "noise": -1.0}, r"noise must not be negative, got -1\.0"),
        ({"count": 1, "voices": ["nobody"]}, "voice must be one of .*, got 'nobody'"),
    ],
)
def test_impossible_utterances_are_refused(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.spoken_digits(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": " "}, "text must hold something to say, got ' '"),
        ({"text": "a", "rate": 20}, "expected rate from 80 to 450 and pitch from 0 to 99, got 20 and 50"),
        ({"text": "a", "pitch": 100}, "got 175 and 100"),
        ({"text": "a", "voice": "klingon-x"}, "voice must be one of .*, got 'klingon-x'"),
        ({"text": "a", "voice": "en-us+nobody"}, r"voice must be one of .*, got 'en-us\+nobody'"),
    ],
)
def test_what_cannot_be_spoken_is_refused(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.spoken(**arguments)
