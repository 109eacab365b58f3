"""Data sets as tensors: always the same split, nothing downloaded.

The files come with other packages: scikit-learn, scikit-image, statsmodels and names; speech is made
by espeakng-loader. Each is imported by the function that needs it, and named there;
`pip install 'dlref[data]'` installs all five.
"""

import ctypes
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "Examples",
    "Series",
    "Splits",
    "Utterances",
    "blobs",
    "breast_cancer",
    "co2",
    "diabetes",
    "digits",
    "faces",
    "iris",
    "moons",
    "names",
    "photograph",
    "spirals",
    "spoken",
    "spoken_digits",
    "sunspots",
    "wine",
]

PHOTOGRAPHS = {"astronaut", "brick", "camera", "cat", "chelsea", "coffee", "coins", "grass", "gravel", "moon", "rocket"}


_DIGITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Examples(NamedTuple):
    """Inputs and what belongs to them.

    Attributes:
        inputs: Shape (N, ...), float32.
        targets: Shape (N,); class numbers as int64, or values as float32.
    """

    inputs: Tensor
    targets: Tensor


class Splits(NamedTuple):
    """A data set in three parts that share no example.

    Attributes:
        train: To fit parameters.
        validation: To choose between fits, and to stop.
        test: To be looked at once.
    """

    train: Examples
    validation: Examples
    test: Examples


class Series(NamedTuple):
    """Values over time, one after the other at equal distances.

    Attributes:
        time: Shape (T,), float64, in years.
        values: Shape (T,), float32.
    """

    time: Tensor
    values: Tensor


class Utterances(NamedTuple):
    """Sounds of different lengths, and what is said in them.

    Attributes:
        sounds: Shape (T, B, D), float32: T is that of the longest, others end in zeros.
        lengths: How many time steps each lasts, shape (B,), int64.
        labels: What is said, shape (B, S), int64.
    """

    sounds: Tensor
    lengths: Tensor
    labels: Tensor


# --- real examples -------------------------------------------------------------------------------


def digits() -> Splits:
    """Load 1,797 handwritten digits of 8 by 8 pixels.

    Returns:
        1,197 for training, 300 for validation, 300 for testing, each digit in proportion. Inputs
        have shape (N, 1, 8, 8) and lie in [0, 1], 1 being ink; targets are 0 to 9.

    Source:
        Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
        Repository, 1998: its test set, as scikit-learn ships it.

    Differs from:
        `sklearn.datasets.load_digits`: values from 0 to 16, without a split. The writers are not
        recorded there, so the same hand may be in all three parts: scores are for known hands.

    Examples:
        >>> train, validation, test = digits()
        >>> train.inputs.shape, len(validation.targets), len(test.targets)
        (torch.Size([1197, 1, 8, 8]), 300, 300)
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return _split(images.reshape(-1, 1, 8, 8) / 16, labels, held_out=300)


def faces() -> Splits:
    """Load 100 faces and 100 other patches of photographs, of 25 by 25 pixels.

    Returns:
        120 for training, 40 for validation, 40 for testing, half of each faces. Inputs have shape
        (N, 1, 25, 25), grey values in [0, 1]; target 1 is a face, 0 is none.

    Source:
        Huang, Ramesh, Berg and Learned-Miller, "Labeled Faces in the Wild", University of
        Massachusetts technical report 07-49, 2007; the subset is `skimage.data.lfw_subset`.

    Examples:
        >>> train, _, _ = faces()
        >>> train.inputs.shape, train.targets.sum().item()
        (torch.Size([120, 1, 25, 25]), 60)
    """
    from skimage.data import lfw_subset

    return _split(lfw_subset()[:, None], np.repeat([1, 0], 100), held_out=40)


def iris() -> Splits:
    """Load 150 irises of three species, four lengths measured on each.

    Returns:
        90 for training, 30 for validation, 30 for testing. Inputs have shape (N, 4), standardised
        by the training part's mean and standard deviation; targets are 0 to 2.

    Source:
        Anderson, "The irises of the Gaspé Peninsula", 1935; Fisher, "The use of multiple
        measurements in taxonomic problems", 1936. Shipped by scikit-learn.

    Examples:
        >>> iris().train.inputs.shape
        torch.Size([90, 4])
    """
    from sklearn.datasets import load_iris

    return _standardised(_split(*load_iris(return_X_y=True), held_out=30))


def wine() -> Splits:
    """Load 178 wines from three growers, thirteen chemical measurements of each.

    Returns:
        108 for training, 35 for validation, 35 for testing. Inputs have shape (N, 13),
        standardised by the training part's mean and standard deviation; targets are 0 to 2.

    Source:
        Aeberhard and Forina, "Wine", UCI Machine Learning Repository, 1991. Shipped by
        scikit-learn.

    Examples:
        >>> wine().train.inputs.shape
        torch.Size([108, 13])
    """
    from sklearn.datasets import load_wine

    return _standardised(_split(*load_wine(return_X_y=True), held_out=35))


def breast_cancer() -> Splits:
    """Load 569 tumours, thirty measurements of the cell nuclei of each.

    Returns:
        341 for training, 114 for validation, 114 for testing. Inputs have shape (N, 30),
        standardised by the training part's mean and standard deviation; target 1 is malignant.

    Source:
        Street, Wolberg and Mangasarian, "Nuclear feature extraction for breast tumor diagnosis",
        1993. Shipped by scikit-learn.

    Differs from:
        `sklearn.datasets.load_breast_cancer`: there 0 is malignant.

    Examples:
        >>> breast_cancer().train.inputs.shape
        torch.Size([341, 30])
    """
    from sklearn.datasets import load_breast_cancer

    features, benign = load_breast_cancer(return_X_y=True)
    return _standardised(_split(features, 1 - benign, held_out=114))


def diabetes() -> Splits:
    """Load 442 patients with diabetes, ten measurements of each and how the disease went on.

    Returns:
        266 for training, 88 for validation, 88 for testing. Inputs have shape (N, 10),
        standardised by the training part's mean and standard deviation; targets are the
        progression one year later, a score from 25 to 346, float32.

    Source:
        Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression", Annals of Statistics
        32(2), 2004. Shipped by scikit-learn.

    Examples:
        >>> diabetes().train.inputs.shape
        torch.Size([266, 10])
    """
    from sklearn.datasets import load_diabetes

    return _standardised(_split(*load_diabetes(return_X_y=True, scaled=False), held_out=88))


def photograph(name: str, *, colour: bool = False) -> Tensor:
    """Load a photograph that comes with scikit-image.

    Args:
        name: `"astronaut"`, `"camera"`, `"coffee"` or another that `skimage.data` ships.
        colour: Whether to keep the three colour channels.

    Returns:
        Values in [0, 1], float32: shape (H, W), the luminance, or (3, H, W) with `colour`.

    Raises:
        ValueError: If there is no photograph of that name, or `colour` is asked of a grey one.

    Examples:
        >>> photograph("astronaut").shape, photograph("astronaut", colour=True).shape
        (torch.Size([512, 512]), torch.Size([3, 512, 512]))
    """
    import skimage.data
    from skimage.color import rgb2gray

    if name not in PHOTOGRAPHS:
        raise ValueError(f"name must be one of {', '.join(sorted(PHOTOGRAPHS))}; got {name!r}")
    pixels = getattr(skimage.data, name)()
    if colour and pixels.ndim == 2:
        raise ValueError(f"{name!r} is a grey photograph, it has no colours")
    if colour:
        return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1).contiguous()
    grey = rgb2gray(pixels) if pixels.ndim == 3 else pixels / 255
    return torch.from_numpy(grey.astype(np.float32))


# --- real series ---------------------------------------------------------------------------------


def sunspots() -> Series:
    """Load the yearly number of sunspots from 1700 to 2008.

    Returns:
        309 years and their mean sunspot numbers.

    Source:
        SIDC, Royal Observatory of Belgium; shipped by statsmodels.

    Examples:
        >>> series = sunspots()
        >>> len(series.values), series.time[0].item(), series.values[0].item()
        (309, 1700.0, 5.0)
    """
    table = np.loadtxt(_statsmodels("sunspots/sunspots.csv"), delimiter=",", skiprows=1)
    return Series(torch.tensor(table[:, 0]), torch.tensor(table[:, 1], dtype=torch.float32))


def co2() -> Series:
    """Load the monthly carbon dioxide in the air of Mauna Loa, Hawaii, from 1959 to 2001.

    Returns:
        516 months, the time being the middle of each, and the mean of their weekly measurements
        in parts per million. Months without any are filled by a straight line between their
        neighbours.

    Source:
        Keeling and Whorf, Scripps Institution of Oceanography, 2004; shipped by statsmodels.

    Examples:
        >>> series = co2()
        >>> len(series.values), round(series.values[0].item(), 1)
        (516, 315.5)
    """
    table = np.genfromtxt(_statsmodels("co2/co2.csv"), delimiter=",", skip_header=1)
    month = (table[:, 0] // 10_000 - 1959) * 12 + table[:, 0] // 100 % 100 - 1
    measured = np.isfinite(table[:, 1]) & (month >= 0)
    which, place = np.unique(month[measured], return_inverse=True)
    means = np.bincount(place, table[measured, 1]) / np.bincount(place)
    months = np.arange(43 * 12)
    values = np.interp(months, which, means)
    return Series(torch.from_numpy(1959 + (months + 0.5) / 12), torch.tensor(values, dtype=torch.float32))


def _statsmodels(file: str) -> Path:
    """Return a data file of statsmodels; to import its data sets would take half a second."""
    import statsmodels

    return Path(statsmodels.__file__).parent / "datasets" / file


# --- real text -----------------------------------------------------------------------------------


def names() -> list[str]:
    """Load the 5,163 first names of the census of the United States of 1990, in lower case.

    Returns:
        The names in alphabetical order, each once, written with the letters a to z.

    Source:
        United States Census Bureau, "Frequently Occurring Surnames and Names in the 1990 Census";
        shipped by the package names.

    Examples:
        >>> len(names()), names()[:3]
        (5163, ['aaron', 'abbey', 'abbie'])
    """
    import names as census

    files = [Path(census.FILES[f"first:{gender}"]) for gender in ("female", "male")]
    lines = [line for file in files for line in file.read_text(encoding="ascii").splitlines()]
    return sorted({line.split()[0].lower() for line in lines})


# --- made-up examples ----------------------------------------------------------------------------


def moons(count: int, *, noise: float = 0.1, seed: int = 0) -> Examples:
    """Draw two half circles that reach into each other.

    Args:
        count: How many points; odd numbers give class 0 one more.
        noise: Standard deviation of the normal noise added to both coordinates.
        seed: The same seed gives the same points.

    Returns:
        Inputs of shape (count, 2), targets 0 and 1, in random order.

    Raises:
        ValueError: If `count` is less than 2, or `noise` is negative.

    Examples:
        >>> moons(100).inputs.shape
        torch.Size([100, 2])
    """

    def place(t: Tensor, label: Tensor) -> Tensor:
        angle = math.pi * t
        upper = torch.stack([angle.cos(), angle.sin()], 1)
        lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], 1)
        return torch.where(label[:, None] == 0, upper, lower)

    return _drawn(place, count, 2, noise, seed)


def spirals(count: int, *, classes: int = 2, turns: float = 1.5, noise: float = 0.05, seed: int = 0) -> Examples:
    """Draw spiral arms that wind around each other, one for each class.

    Args:
        count: How many points.
        classes: How many arms, at least 2.
        turns: How often an arm goes around the middle.
        noise: Standard deviation of the normal noise added to both coordinates; arms reach 1 far.
        seed: The same seed gives the same points.

    Returns:
        Inputs of shape (count, 2), targets from 0 to `classes` - 1, in random order.

    Raises:
        ValueError: If there are fewer than 2 classes or fewer points than classes, or `noise` is
            negative.

    Examples:
        >>> spirals(90, classes=3).targets.bincount()
        tensor([30, 30, 30])
    """

    def place(t: Tensor, label: Tensor) -> Tensor:
        radius = 0.1 + 0.9 * t
        angle = 2 * math.pi * (turns * t + label / classes)
        return torch.stack([radius * angle.cos(), radius * angle.sin()], 1)

    return _drawn(place, count, classes, noise, seed)


def blobs(count: int, *, classes: int = 3, noise: float = 0.5, seed: int = 0) -> Examples:
    """Draw round clouds whose middles lie on a circle of radius 1.

    Args:
        count: How many points.
        classes: How many clouds, at least 2.
        noise: Standard deviation of a cloud along each axis.
        seed: The same seed gives the same points.

    Returns:
        Inputs of shape (count, 2), targets from 0 to `classes` - 1, in random order.

    Raises:
        ValueError: If there are fewer than 2 classes or fewer points than classes, or `noise` is
            negative.

    Examples:
        >>> blobs(5, classes=2, noise=0).inputs[:, 0].abs()
        tensor([1., 1., 1., 1., 1.])
    """

    def place(_: Tensor, label: Tensor) -> Tensor:
        angle = 2 * math.pi * label / classes
        return torch.stack([angle.cos(), angle.sin()], 1)

    return _drawn(place, count, classes, noise, seed)


def _drawn(place: Callable[[Tensor, Tensor], Tensor], count: int, classes: int, noise: float, seed: int) -> Examples:
    """Place points along each class by a uniform number, add noise, and shuffle."""
    if classes < 2 or count < classes:
        raise ValueError(f"expected at least 2 classes and a point for each, got {count} points, {classes} classes")
    if noise < 0:
        raise ValueError(f"noise must not be negative, got {noise}")
    generator = torch.Generator().manual_seed(seed)
    labels = (torch.arange(count) % classes)[torch.randperm(count, generator=generator)]
    inputs = place(torch.rand(count, generator=generator), labels)
    return Examples(inputs + noise * torch.randn(count, 2, generator=generator), labels)


# --- splitting -----------------------------------------------------------------------------------


def _split(inputs: Any, targets: Any, *, held_out: int) -> Splits:
    """Put `held_out` examples each aside for validation and testing, classes in proportion."""
    from sklearn.model_selection import train_test_split

    classes = targets if targets.dtype.kind in "iu" else None
    rest, test = train_test_split(np.arange(len(targets)), test_size=held_out, random_state=0, stratify=classes)
    stratify = None if classes is None else classes[rest]
    train, validation = train_test_split(rest, test_size=held_out, random_state=0, stratify=stratify)
    dtype = torch.float32 if classes is None else torch.int64
    x, y = torch.tensor(inputs, dtype=torch.float32), torch.tensor(targets, dtype=dtype)
    return Splits(*(Examples(x[part], y[part]) for part in (train, validation, test)))


def _standardised(splits: Splits) -> Splits:
    """Shift and scale every feature by what the training part alone says."""
    mean, std = splits.train.inputs.mean(0), splits.train.inputs.std(0)
    return Splits(*(Examples((part.inputs - mean) / std, part.targets) for part in splits))


# --- synthetic speech ----------------------------------------------------------------------------


def spoken(text: str, voice: str = "en-us", rate: int = 175, pitch: int = 50) -> tuple[Tensor, int]:
    """Have a speech synthesiser say something.

    It is made from rules about formants, not recorded from people: clear, without noise, room or
    accent, and far more alike from voice to voice than people are.

    Args:
        text: What to say.
        voice: A language of eSpeak NG such as `"en-us"` or `"de"`, or one with a variant:
            `"en-us+f3"` is the third female voice, `"en-us+m1"` the first male.
        rate: Speed in words a minute, from 80 to 450.
        pitch: Height of the voice, from 0 to 99; 50 is the voice's own.

    Returns:
        The waveform, shape (N,), float32 in [-1, 1], the same for the same arguments; and the
        number of its samples in a second.

    Raises:
        ValueError: If there is nothing to say, `rate` or `pitch` is out of range, or there is no
            such voice.

    Source:
        eSpeak NG, https://github.com/espeak-ng/espeak-ng, shipped by espeakng-loader.

    Examples:
        >>> waveform, sample_rate = spoken("seven")
        >>> sample_rate, 0.3 < len(waveform) / sample_rate < 0.7
        (22050, True)
    """
    if not text.strip():
        raise ValueError(f"text must hold something to say, got {text!r}")
    if not 80 <= rate <= 450 or not 0 <= pitch <= 99:
        raise ValueError(f"expected rate from 80 to 450 and pitch from 0 to 99, got {rate} and {pitch}")
    waveforms, sample_rate = _espeak([(text, voice, rate, pitch)])
    return waveforms[0], sample_rate


def _espeak(requests: list[tuple[str, str, int, int]]) -> tuple[list[Tensor], int]:
    """Load eSpeak NG, let it speak, and unload it: its voices waver, and it would remember where they were."""
    import _ctypes

    import espeakng_loader

    data = espeakng_loader.get_data_path()
    variants = {path.name for path in (Path(data) / "voices" / "!v").iterdir()}
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    heard: list[list[Tensor]] = []

    def listen(samples: Any, count: int, _: object) -> int:
        if count > 0:
            heard[-1].append(torch.from_numpy(np.ctypeslib.as_array(samples, (count,)) / np.float32(2**15)))
        return 0

    listener = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(listen)
    synchronous, do_not_exit, rate_parameter, pitch_parameter, utf8 = 2, 0x8000, 1, 3, 1
    try:
        sample_rate = library.espeak_Initialize(synchronous, 0, data.encode(), do_not_exit)
        library.espeak_ng_SetRandSeed(0)  # its breath is random, and the clock would be its seed
        library.espeak_SetSynthCallback(listener)
        for text, voice, rate, pitch in requests:
            variant = voice.partition("+")[2]  # it would ignore an unknown one
            if library.espeak_SetVoiceByName(voice.encode()) or (variant and variant not in variants):
                raise ValueError(f"voice must be one of eSpeak NG's, such as 'en-us' or 'en-us+f3', got {voice!r}")
            library.espeak_SetParameter(rate_parameter, rate, 0)
            library.espeak_SetParameter(pitch_parameter, pitch, 0)
            heard.append([])
            library.espeak_Synth(text.encode(), len(text.encode()) + 1, 0, 1, 0, utf8, None, None)
            library.espeak_Synchronize()
        library.espeak_Terminate()
    finally:
        unload = vars(_ctypes).get("dlclose") or vars(_ctypes)["FreeLibrary"]  # the latter on Windows
        unload(library._handle)  # noqa: SLF001 (ctypes has no public way to unload)
    return [torch.cat(pieces) for pieces in heard], sample_rate


def spoken_digits(count: int, voices: Sequence[str], *, noise: float = 0.0, seed: int = 0) -> Utterances:
    """Have synthetic voices say three digits each, and measure how loud each band of frequencies is.

    Voice, digits from one to nine, speed and pitch are drawn at random. Every 30 ms a window of 23 ms
    is split by its Fourier transform into 40 bands, each 258 Hz wide; the logarithm of each band's mean
    amplitude has its mean over the utterance subtracted, and one scale for all bands makes them about 1.

    Args:
        count: How many utterances.
        voices: Voices as in `spoken`, such as `"en-us+f3"`.
        noise: Standard deviation of the white noise added to the waveform, which stays below 1.
        seed: The same seed gives the same utterances.

    Returns:
        Sounds of shape (T, count, 40), their lengths, and the digits, shape (count, 3).

    Raises:
        ValueError: If `count` is less than 1, there are no voices or unknown ones, or `noise` is
            negative.

    Examples:
        >>> sounds, lengths, digits = spoken_digits(2, ["en-us"])
        >>> sounds.shape[1:], lengths.max().item() == len(sounds), digits.shape
        (torch.Size([2, 40]), True, torch.Size([2, 3]))
    """
    if count < 1 or not voices:
        raise ValueError(f"expected at least one utterance and one voice, got {count} and {len(voices)}")
    if noise < 0:
        raise ValueError(f"noise must not be negative, got {noise}")
    generator = torch.Generator().manual_seed(seed)

    def draw(low: int, high: int) -> list[int]:
        return torch.randint(low, high, (count,), generator=generator).tolist()

    digits = torch.randint(1, 10, (count, 3), generator=generator)
    texts = [" ".join(_DIGITS[digit - 1] for digit in three) for three in digits.tolist()]
    speakers = [voices[k] for k in draw(0, len(voices))]
    waveforms, _ = _espeak(list(zip(texts, speakers, draw(130, 221), draw(30, 71), strict=True)))
    sounds = []
    for waveform in waveforms:
        waveform = waveform + noise * torch.randn(len(waveform), generator=generator)
        windows = waveform.unfold(0, 512, 661) * torch.hann_window(512)
        amplitude = torch.fft.rfft(windows).abs()[:, :240].reshape(-1, 40, 6).mean(2)
        loudness = torch.log(amplitude + 1e-3)
        sounds.append((loudness - loudness.mean(0)) / loudness.std())
    lengths = torch.tensor([len(sound) for sound in sounds])
    return Utterances(torch.nn.utils.rnn.pad_sequence(sounds), lengths, digits)
