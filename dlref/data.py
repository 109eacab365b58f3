"""Data sets as tensors: always the same split, nothing downloaded.

The files come with other packages: scikit-learn, scikit-image, statsmodels and names. Each is
imported by the function that needs it, and named there; `pip install 'dlref[data]'` installs all four.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "Examples",
    "Series",
    "Splits",
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
    "sunspots",
    "wine",
]

PHOTOGRAPHS = {"astronaut", "brick", "camera", "cat", "chelsea", "coffee", "coins", "grass", "gravel", "moon", "rocket"}


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
