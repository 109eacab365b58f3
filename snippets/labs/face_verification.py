"""A face test is passed without faces, and a threshold holds only where it was set."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

# %% [markdown]
# # Face detection and verification
#
# **Detection** asks where the faces are, **verification** whether two pictures show one person, and **identification** which of many.
# All are learned from examples, and the examples decide what is learned.
# [The page on faces](../convolutional-networks/faces.md) shows them in short; this lab asks how far you may believe the figures.
#
# A rule with a single number and no notion of a face is wrong on {{ wrong_number:.1f }} % of a well-known set of test patches, and takes {{ alarms_number:.0f }} % of the windows of ordinary photographs for faces.
# An embedding whose threshold promises one false match in a hundred makes {{ masked_matches:.0f }} in a hundred among people with masks.
# Both were measured correctly, on the wrong question.
#
# ## The data
#
# scikit-image ships 100 faces and 100 other patches, cut from [@huang2007labeled] and shrunk to 25 × 25 pixels.

# %% data
# alt: Twenty faces above, thirty other patches below, all of 25 by 25 grey pixels. The faces are centred, upright and look into the camera. Most of the other patches are nearly empty: black wedges, plain walls, blurred edges; one shows half a face, another a mouth.
import math

import matplotlib.pyplot as plt
import numpy as np
import skimage.data
import torch
from skimage.feature import Cascade, hog
from sklearn.datasets import load_sample_images
from torch import nn
from torch.nn.functional import interpolate, normalize, pad

from dlref import detection, losses
from dlref.data import photograph
from dlref.plots import detections, image_grid

patches = torch.tensor(skimage.data.lfw_subset()).float()[:, None]
is_face = torch.arange(200) < 100


def mosaic(images, columns):
    rows = pad(images[:, 0], (0, 1, 0, 1), value=1.0).split(columns)
    return torch.cat([torch.cat(list(row), 1) for row in rows])


def in_32_greys(image):
    """Return an image of half the weight that looks the same."""
    return (31 * image).round() / 31


gap = torch.ones(10, 260)
shown = mosaic(patches[:20], 10), gap, mosaic(patches[110:140], 10)
image_grid([in_32_greys(torch.cat(shown))], height=2.2)

# %% [markdown]
# Look before you train.
#
# - The others are hardly scenes: black wedges left by turning the photographs upright, bare walls, blur.
#   One is half a face and one a mouth, and both count as no face.
# - Every face was found by an older detector first: that is how the collection was made [@umass2019labeled].
#   What that detector misses cannot be in the test.
# - There are no names.
#   One politician has 530 of the 13,233 photographs in the full collection [@umass2019labeled], so among a hundred at random you expect him four times.
# - The authors write that there are hardly any children or people over 80, few women and few or none of many ethnic groups, and that the set is not meant to vet a product [@umass2019labeled].
#
# ## Baselines for detection
#
# Three answers without training a network, each set up on two thirds of the patches and tested on the last, in turn.
# *One number* is the median difference between neighbouring pixels: is there any detail?
# *Mean face* is the correlation with the average of the known faces.
# *Cascade* comes trained with scikit-image: a chain of ever stricter tests on local brightness patterns, in the manner of [@viola2001rapid].


# %% baselines
def median_step(_):
    return lambda images: images.diff(dim=-1).abs().flatten(1).median(1).values


level = nn.InstanceNorm2d(1, eps=0.01)  # each patch to mean 0 and deviation 1


def template(known):
    mean = level(patches[known & is_face]).mean(0)
    return lambda images: (level(images) * mean).mean((1, 2, 3))


def cut(scores, truth):
    """Return the threshold that separates the known patches best."""
    right = [((scores > t) == truth).float().mean() for t in scores]
    return scores[torch.stack(right).argmax()]


def by_thirds(fit):
    """Fit on two thirds of the patches and score the others, until all are scored."""
    scores, fitted = torch.zeros(200), []
    for third in range(3):
        tested = third == torch.arange(200) % 3
        score = fit(~tested)
        known = score(patches[~tested])
        threshold = cut(known, is_face[~tested])
        scores[tested] = score(patches[tested]) - threshold
        fitted.append((score, threshold))
    return scores, fitted


def interval(values):
    """Return the middle 95 % of the means of the values, drawn anew."""
    generator = torch.Generator().manual_seed(0)
    draws = torch.randint(len(values), (2000, len(values)), generator=generator)
    return values[draws].mean(1).quantile(torch.tensor([0.025, 0.975])).tolist()


methods = {"one number": by_thirds(median_step), "mean face": by_thirds(template)}
cascade = Cascade(skimage.data.lbp_frontal_face_cascade_filename())


def cascade_boxes(picture, smallest, neighbours=4):
    pixels = (255 * picture).round().byte().numpy()
    largest = (min(pixels.shape),) * 2
    found = cascade.detect_multi_scale(
        pixels, 1.2, 1, (smallest,) * 2, largest, min_neighbor_number=neighbours
    )
    edges = [(d["c"], d["r"], d["c"] + d["width"], d["r"] + d["height"]) for d in found]
    return torch.tensor(edges, dtype=torch.float32).view(-1, 4)


doubled = interpolate(patches, scale_factor=2.0, mode="bilinear")[:, 0]
fires = torch.tensor([len(cascade_boxes(p, 24, 1)) > 0 for p in doubled])
wrong = {name: 100.0 * ((s > 0) != is_face) for name, (s, _) in methods.items()}
wrong["cascade"] = 100.0 * (fires != is_face)
for name, values in wrong.items():
    low, high = interval(values)
    print(f"{name}: {values.mean():.1f} % wrong, from {low:.1f} to {high:.1f}")
wrong_number, wrong_face, wrong_cascade = (w.mean() for w in wrong.values())

# %% [markdown]
# One number misreads {{ wrong_number:.1f }} % of the patches, fewer than the cascade with {{ wrong_cascade:.1f }} %.
# It does not know what a face is; it knows that the “other” patches come from empty corners.
# That is a **shortcut**, in the word of [@geirhos2020shortcut].
#
# But a detector is shown every place of a picture at every size: thousands of windows, and hardly any is a face.
# So take four pictures without a face, and train a small network on the patches as well.


# %% network
def build():
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, 2), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, 2), nn.ReLU(), nn.Dropout2d(0.2)),
        *(nn.Conv2d(32, 32, 5), nn.ReLU(), nn.Flatten()),
        *(nn.Dropout(0.3), nn.Linear(32, 1)),
    )


def scorer(network):
    """Score patches by a trained network, a few thousand at a time."""
    network.requires_grad_(False)
    return lambda images: torch.cat(
        [network(level(part)).flatten() for part in images.split(2048)]
    )


def posed(known):
    """Return many faces: mirrored, mixed two by two, and moved a little."""
    faces = level(patches[known & is_face])
    faces = torch.cat([faces, faces.flip(-1)]).repeat(10, 1, 1, 1)
    share = torch.rand(len(faces), 1, 1, 1)
    return torch.lerp(faces, faces[torch.randperm(len(faces))], share)


def on_patches(known):
    torch.manual_seed(int(known.nonzero()[0]))
    network, others = build(), level(patches[known & ~is_face])
    faces = level(detection.jitter(posed(known)))
    detection.bootstrap(network, faces, others, others, steps=150)
    return scorer(network)


def grey(pixels):
    return torch.tensor(np.asarray(pixels)).float().mean(2) / 255


pictures = {name: photograph(name) for name in ("astronaut", "camera", "cat")}
pictures["motorcycle"] = grey(skimage.data.stereo_motorcycle()[0])[::2, ::2]
pictures["tissue"] = grey(skimage.data.immunohistochemistry())
windows = {
    name: detection.sliding_windows(picture, 25, smallest=64, growth=1.15)
    for name, picture in pictures.items()
}
without = [name for name in pictures if name != "astronaut"]
empty = torch.cat([windows[name][0][::4] for name in without])
methods["network"] = by_thirds(on_patches)
wrong["network"] = 100.0 * ((methods["network"][0] > 0) != is_face)
alarms, searched = {}, len(empty)
for name, (_, fitted) in methods.items():
    rates = [(score(empty) > t).float().mean() for score, t in fitted]
    alarms[name] = 100 * torch.stack(rates).mean()
    print(
        f"{name}: {wrong[name].mean():.1f} % of patches wrong, "
        f"{alarms[name]:.1f} % of {searched:,} windows without a face taken for one"
    )
alarms_number, alarms_face, alarms_network = alarms.values()
wrong_network = wrong["network"].mean()
assert wrong_number < 5
assert min(alarms_number, alarms_network) > 15

# %% [markdown]
# | method | patches wrong | windows without a face, taken for one |
# |---|---|---|
# | one number | {{ wrong_number:.1f }} % | {{ alarms_number:.0f }} % |
# | mean face | {{ wrong_face:.1f }} % | {{ alarms_face:.0f }} % |
# | network | {{ wrong_network:.1f }} % | {{ alarms_network:.0f }} % |
#
# The best on patches is the worst on pictures, and the network takes the same shortcut.
#
# ## Hard negatives
#
# What is missing is *no face* that is not easy.
# The next network gets two kinds: faces at a wrong size, shifted or turned, and windows of photographs without people, among which those return most often that it still takes for faces.
# [@sung1998example] called that bootstrapping; today they are **hard negatives**.
# None of these photographs is among the four above.

# %% hard_negatives
training = ["brick", "coffee", "coins", "grass", "gravel", "moon", "rocket"]
scenes = [*map(grey, load_sample_images().images), *map(photograph, training)]
scenery = torch.cat(
    [
        level(detection.sliding_windows(s, 25, smallest=40, growth=1.5, stride=10)[0])
        for s in scenes
    ]
)
moves = {"zoom": 0.55, "shift": 0.4}, {"shift": 0.7}, {"turn": 1.6}, {"turn": 3.1}


def on_scenery(known):
    torch.manual_seed(int(known.nonzero()[0]))
    network, faces = build(), posed(known)
    almost = torch.cat([level(detection.jitter(faces, **move)) for move in moves])
    others = torch.cat([scenery, level(patches[known & ~is_face])])
    faces = level(detection.jitter(faces))
    detection.bootstrap(network, faces, almost, others, steps=300)
    return scorer(network)


methods["hard negatives"] = by_thirds(on_scenery)
wrong["hard negatives"] = 100.0 * ((methods["hard negatives"][0] > 0) != is_face)
wrong_hard = wrong["hard negatives"].mean()
print(f"hard negatives: {wrong_hard:.1f} % of patches wrong")

# %% curve
# alt: The share of held-out faces that is found, against false alarms in a thousand windows from a tenth to a thousand. One number finds nothing until it takes a tenth of all windows for faces. The mean face and the network trained on patches cross at about sixty percent and a few false alarms. The network with hard negatives is above all of them everywhere, at almost ninety percent with one false alarm.
figure, axes = plt.subplots()
budget = torch.logspace(-4, 0, 60)
found_at = {}
for number, (name, (scores, fitted)) in enumerate(methods.items()):
    thirds, single = [], torch.zeros(100)
    for third, (score, threshold) in enumerate(fitted):
        own = scores[(torch.arange(200) % 3 == third) & is_face]
        noise = (score(empty) - threshold).sort(descending=True).values
        limits = noise[(budget * (len(noise) - 1)).long()]
        thirds.append(100 * (own > limits[:, None]).float().mean(1))
        at = noise[int(0.001 * len(noise))]
        single[torch.arange(100) % 3 == third] = 100.0 * (own > at)
    style = ("-", "--", ":", "-.")[number]
    axes.plot(1000 * budget, torch.stack(thirds).mean(0), style, label=name)
    found_at[name] = single.mean(), *interval(single)
    share, low, high = found_at[name]
    print(f"{name}: {share:.0f} % at one in 1,000, from {low:.0f} to {high:.0f}")
axes.set(xscale="log", xlabel="false alarms in 1,000 windows", ylabel="faces found, %")
axes.legend(loc="lower center", bbox_to_anchor=(0.45, 0.04))
found_hard, found_low, found_high = found_at["hard negatives"]
found_face, found_network = found_at["mean face"][0], found_at["network"][0]
assert found_hard - 10 > max(found_face, found_network)

# %% [markdown]
# At one false alarm in a thousand windows the network finds {{ found_hard:.0f }} % of the held-out faces (drawing the faces anew: {{ found_low:.0f }} to {{ found_high:.0f }} %), the mean face {{ found_face:.0f }} %, and the same network trained on the patches alone {{ found_network:.0f }} %.
# Architecture and faces are the same; only what it was told is no face has changed.
#
# ## In a photograph
#
# The astronaut's picture has the only face among the five.
# Windows above zero vote for their place, and [suppression](../convolutional-networks/detection.md#one-box-for-each-object) keeps the best.
# There are three networks, each with its own seed and its own third left out.

# %% search
# alt: The photograph of an astronaut in grey. The first boxes of the three networks lie on the flag behind her, beside her collar and on the front of her suit. The cascade's dashed box is on her face.
truth = torch.tensor([[168.0, 66, 278, 184]])  # drawn by hand
nets = [score for score, _ in methods["hard negatives"][1]]
scores_in = {
    name: torch.stack([net(cuts) for net in nets])
    for name, (cuts, _) in windows.items()
}


def boxes_in(name, scores):
    sure, places = scores > 0, windows[name][1]
    if not sure.any():
        return places[:0], scores[:0]
    boxes, votes = detection.vote(places[sure], scores[sure].sigmoid())
    kept = detection.non_max_suppression(boxes, votes, 0.2)
    return boxes[kept], votes[kept]


def by_network(k):
    return lambda name: boxes_in(name, scores_in[name][k])[0]


ways = {f"network {k + 1}": by_network(k) for k in range(3)}
ways["cascade"] = lambda name: cascade_boxes(pictures[name], 64)
false_boxes, places = {}, {}
for name, search in ways.items():
    overlap = detection.iou(search("astronaut"), truth).flatten()
    right = (overlap > 0.5).nonzero().flatten().tolist()
    places[name] = right[0] + 1 if right else 0
    false_boxes[name] = sum(len(search(p)) for p in without) / len(without)
    print(
        f"{name}: the face at place {places[name] or 'none'} of {len(overlap)}, "
        f"{false_boxes[name]:.1f} boxes in a picture without a face"
    )
top = torch.cat([ways[f"network {k}"]("astronaut")[:1] for k in (1, 2, 3)])
groups = {"networks, first": top / 4, "cascade": ways["cascade"]("astronaut") / 4}
detections(in_32_greys(pictures["astronaut"][::4, ::4]), groups)

# %% precision
near = detection.iou(windows["astronaut"][1], truth)[:, 0] > 0.5
fired = scores_in["astronaut"] > 0
in_photograph, on_face = len(near), int(near.sum())
precise = 100 * (fired & near).sum() / fired.sum()
false_network = sum(list(false_boxes.values())[:3]) / 3
false_cascade = false_boxes["cascade"]
firsts = sum(place == 1 for place in list(places.values())[:3])
found_by = sum(place > 0 for place in list(places.values())[:3])
print(f"{in_photograph:,} windows, {on_face} on the face, {precise:.0f} % precision")
assert false_cascade + 0.5 < false_network

# %% [markdown]
# The picture has {{ in_photograph:,}} windows, of which {{ on_face }} lie on the face.
# Of the windows in which the networks fire, {{ precise:.0f }} % do.
# One in a thousand sounded rare, but a picture is many thousand windows.
# {{ found_by }} of the three networks have a box on the face, and for {{ firsts }} of them it has the most votes; in a picture without a face they draw {{ false_network:.1f }} boxes on average.
# The page on faces finds her with larger windows and one seed.
# The cascade draws {{ false_cascade:.1f }}, and finds her at once.
# It is older than deep learning, but the one in the paper was trained on 4,916 faces, and ours on 67.
#
# Now make it harder, with ten shots each.

# %% conditions
square = photograph("astronaut")[:250, 98:348]  # her face in the middle
generator = torch.Generator().manual_seed(0)


def shots(degrees=0.0, darker=1, smaller=1):
    """Take the picture ten times, each time a little otherwise."""
    for zoom, turn, right, down in 0.06 * torch.randn(10, 4, generator=generator):
        angle, shift = math.radians(degrees) + turn, torch.stack([right, down])
        move = (1 + zoom)[None], angle[None], shift[None]
        shot = detection.warp(square[None, None], *move) / darker
        side = round(250 / smaller)
        shot = interpolate(shot, (side, side), mode="bilinear", antialias=True)
        middle = side / 2 * (1 - shift / (1 + zoom))
        half = torch.tensor([55, 59]) * side / 250 / (1 + zoom)
        box = torch.cat([middle - half, middle + half])[None]
        yield (255 * shot[0, 0]).round() / 255, box, side / 250


def found_in(shot, box, scale):
    """Say how many networks fire near the face, and whether the cascade does."""
    cuts, places = detection.sliding_windows(shot, 25, smallest=80 * scale, growth=1.1)
    near = cuts[detection.iou(places, box)[:, 0] > 0.5]
    fire = [float(net(near).max() > 0) for net in nets]
    boxes = cascade_boxes(shot, round(60 * scale))
    return np.mean(fire), float((detection.iou(boxes, box) > 0.4).any())


conditions = {"upright": {}}
conditions |= {f"turned by {d}°": {"degrees": d} for d in (15, 30, 45)}
conditions |= {f"{f} times darker": {"darker": f} for f in (3, 9, 27)}
conditions |= {f"{f} times smaller": {"smaller": f} for f in (2, 4, 6)}
seen = {}
for name, change in conditions.items():
    rounds = [found_in(*shot) for shot in shots(**change)]
    seen[name] = [100 * value for value in np.mean(rounds, 0)]
    print(f"{name}: networks {seen[name][0]:.0f} %, cascade {seen[name][1]:.0f} %")
dark_network, dark_cascade = seen["9 times darker"]
bent_network, bent_cascade = seen["turned by 30°"]
tiny_network, tiny_cascade = seen["6 times smaller"]
upright_network = seen["upright"][0]
assert dark_network + 50 < dark_cascade
assert bent_network < 50 < upright_network

# %% [markdown]
# At nine times darker the networks find {{ dark_network:.0f }} % and the cascade {{ dark_cascade:.0f }} %.
# That is our own mistake: `level` adds a constant to the variance by whose root it divides, which keeps bare walls bare, and dark faces dark.
# Turned by 30°, both are all but blind ({{ bent_network:.0f }} and {{ bent_cascade:.0f }} %): the faces that they know are upright.
#
# ## The same person?
#
# A verifier maps each picture to a vector, its **embedding**, and calls two pictures the same if the vectors are close.
# It is trained by the [triplet loss](../api/losses.md) of [@schroff2015facenet], on several pictures of each person.
# Here is one of each, so further *views* are made from it: moved, turned and zoomed a little, lit from another side, with noise.
#
# Be clear about what this hides: expression, age, glasses, camera and day never change, and the background stays.
# Nothing below says how well faces can be verified; it says how such figures behave.

# %% views
# alt: Three faces in rows: the picture, two more views that differ a little in place, angle and light, a view with a grey square over a part, a blurred view in which only light and dark areas are left, and a view with mouth and chin behind one grey.
faces = patches[:100]
ramp = torch.linspace(-1, 1, 25)


def noise(generator, *shape):
    return torch.randn(*shape, generator=generator).clamp(-2, 2)


def view(images, generator):
    """Show each face once more: moved, lit from another side, with sensor noise."""
    n, drawn = len(images), noise(generator, 5, len(images))
    zoom, turn, shift = 1 + drawn[0] / 12, drawn[1] / 7, drawn[2:4].T / 16
    images = detection.warp(images, zoom, turn, shift)
    side = 2 * math.pi * torch.rand(n, 1, 1, 1, generator=generator)
    slope = side.cos() * ramp + side.sin() * ramp[:, None]
    lit = images * (1 + 0.35 * drawn[4].view(-1, 1, 1, 1) * slope)
    return level(lit + 0.03 * noise(generator, *images.shape))


def covered(images, generator):
    """Hide 9 by 9 pixels somewhere, in any grey."""
    n, images = len(images), view(images, generator)
    top, left = torch.randint(17, (2, n, 1, 1, 1), generator=generator)
    rows, columns = torch.arange(25)[:, None], torch.arange(25)
    hidden = (rows >= top) & (rows < top + 9) & (columns >= left) & (columns < left + 9)
    return level(
        torch.where(hidden, torch.randn(n, 1, 1, 1, generator=generator), images)
    )


def coarse(images, generator):
    """Take the picture with 7 by 7 pixels."""
    small = interpolate(view(images, generator), (7, 7), mode="area")
    return level(interpolate(small, (25, 25), mode="bilinear"))


def masked(images, generator):
    """Cover mouth and chin with one light grey, before the view is taken."""
    images = images.clone()
    images[:, :, 15:] = 0.8
    return view(images, generator)


generator = torch.Generator().manual_seed(0)
three = faces[[12, 29, 53]]
kinds = {"as trained": view, "covered": covered, "coarse": coarse, "masked": masked}
rows = [level(three), view(three, generator)]
rows += [kind(three, generator) for kind in kinds.values()]
image_grid(
    in_32_greys(torch.stack(rows, 1).flatten(0, 1) / 6),  # they go from -3 to 3
    ["picture", "a view", "another", "covered", "coarse", "masked"] + [""] * 12,
    columns=6,
)

# %% [markdown]
# The embedding is trained on 50 faces and tested on the other 50, and the other way round, with two seeds.
# It never sees the last three columns in training; a second network sees covered faces, every other time.
#
# Baselines: the *pixels* themselves; *edges*, counted by direction in small cells [@dalal2005histograms]; and *eigenfaces*, the 40 directions in which the training views differ most, each scaled to the same spread [@turk1991eigenfaces].
# The **equal error rate** is where as large a share of true pairs is refused as of false ones accepted.
# The other usual figure is the share of true pairs accepted where 1 % of the false ones are, a **false match rate** of 1 %.
# Five views of 50 faces make 31,125 pairs, but only 50 faces: the bootstrap draws faces, never pairs.


# %% embedding
def embed(known, seed, kind=view, steps=250):
    """Train by triplets: two views of each face, and the nearest other face."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    front = nn.Conv2d(1, 16, 5, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2), nn.ReLU()
    network = nn.Sequential(*front, nn.Flatten(), nn.Linear(800, 64))
    adam = torch.optim.Adam(network.parameters(), lr=0.003)
    schedule = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.03, steps)
    itself = torch.eye(len(known)).bool()
    for _ in range(steps):
        shown = torch.cat([kind(known, generator), kind(known, generator)])
        anchor, positive = normalize(network(shown)).chunk(2)
        distance = torch.cdist(anchor, positive).detach().masked_fill(itself, 9.0)
        adam.zero_grad()
        nearest = positive[distance.argmin(1)]
        losses.triplet(anchor, positive, nearest, margin=0.3).backward()
        adam.step()
        schedule.step()
    network.requires_grad_(False)
    return lambda images: normalize(network(images))


def either(images, generator):
    """Cover every second face."""
    cover = torch.arange(len(images))[:, None, None, None] % 2 == 0
    return torch.where(cover, covered(images, generator), view(images, generator))


halves = [faces[0::2], faces[1::2]]
trained = [[embed(half, seed) for seed in range(2)] for half in halves]
with_covers = [[embed(half, 0, either)] for half in halves]

# %% rates
pairs = torch.combinations(torch.arange(250)).T
who = torch.arange(50).repeat(5)
a, b = who[pairs]
same = a == b


def rates(points, weight):
    """Return true matches accepted at 1 % false ones, and the equal error rate, in %.

    A face that counts twice counts in each of its pairs.
    """
    similarity = (points[pairs[0]] * points[pairs[1]]).sum(1)
    order = similarity.argsort(descending=True)
    result = []
    for w in weight:
        share = torch.where(same, w[a], w[a] * w[b])[order]
        true, false = (share * same[order]).cumsum(0), (share * ~same[order]).cumsum(0)
        true, false = true / true[-1], false / false[-1]
        equal = (1 - true - false).abs().argmin()
        result.append([true[false <= 0.01][-1], (1 - true + false)[equal] / 2])
    return 100 * torch.tensor(result)


draws = torch.Generator().manual_seed(0)
drawn = torch.randint(50, (60, 50), generator=draws)
counts = torch.stack([row.bincount(minlength=50) for row in drawn]).float()
weight = torch.cat([torch.ones(1, 50), counts])  # all faces once, then the bootstrap


def tested(kind):
    """Return five views of each of the 50 faces that a half was not trained on."""
    generator = torch.Generator().manual_seed(7)
    return [
        torch.cat([kind(half, generator) for _ in range(5)]) for half in halves[::-1]
    ]


def summary(embeddings, shown):
    """Average over halves and seeds; the interval is that of drawing the faces anew."""
    of = [
        torch.stack([rates(f(views), weight) for f in seeds]).mean(0)
        for seeds, views in zip(embeddings, shown, strict=True)
    ]
    both = torch.stack(of).mean(0)
    ends = both[1:, 0].quantile(torch.tensor([0.025, 0.975])).tolist()
    return both[0].tolist() + ends


def by_pixels(images):
    return normalize(images.flatten(1))


def by_edges(images):
    described = [hog(i[0].numpy(), 8, (5, 5), (2, 2)) for i in images]
    return normalize(torch.tensor(np.stack(described)).float())


def eigenfaces(half):
    generator = torch.Generator().manual_seed(3)
    known = torch.cat([view(half, generator) for _ in range(20)]).flatten(1)
    mean = known.mean(0)
    _, size, axes = torch.linalg.svd(known - mean, full_matrices=False)
    return lambda x: normalize((x.flatten(1) - mean) @ axes[:40].T / size[:40])


systems = {
    "pixels": [[by_pixels]] * 2,
    "edges": [[by_edges]] * 2,
    "eigenfaces": [[eigenfaces(half)] for half in halves],
    "network": trained,
    "network, covers": with_covers,
}
shown = {name: tested(kind) for name, kind in kinds.items()}
result = {}
for name, system in systems.items():
    for kind in "as trained", "covered":
        result[name, kind] = summary(system, shown[kind])
        accepted, equal, low, high = result[name, kind]
        print(
            f"{name}, {kind}: {accepted:.0f} % accepted ({low:.0f} to {high:.0f}), "
            f"equal error rate {equal:.1f} %"
        )
usual = {name: result[name, "as trained"] for name in systems}
hidden = {name: result[name, "covered"][0] for name in systems}
accepted, equal_error, accepted_low, accepted_high = usual["network"]
pixels, edges, eigen = (usual[n][0] for n in ("pixels", "edges", "eigenfaces"))
equal_edges = usual["edges"][1]
hidden_pixels, hidden_edges = hidden["pixels"], hidden["edges"]
hidden_network, hidden_eigen = hidden["network"], hidden["eigenfaces"]
hidden_taught, usual_taught = hidden["network, covers"], usual["network, covers"][0]
assert accepted - 15 > max(pixels, edges, eigen)
assert hidden_network + 12 < hidden_taught
assert hidden_network < hidden_eigen + 10

# %% roc
# alt: Share of true matches accepted against false matches in a thousand, on a logarithmic axis. The network lies far above eigenfaces and edges, which lie together, and pixels are lowest; all meet at the right.
figure, axes = plt.subplots()
budget = torch.logspace(-3, 0, 40)
for name, style in zip(systems, ("-", "--", ":", "-."), strict=False):
    of = []
    for seeds, views in zip(systems[name], shown["as trained"], strict=True):
        points = seeds[0](views)
        scores = (points[pairs[0]] * points[pairs[1]]).sum(1)
        false = scores[~same].sort(descending=True).values
        limits = false[(budget * (len(false) - 1)).long()]
        of.append((scores[same] > limits[:, None]).float().mean(1))
    axes.plot(1000 * budget, 100 * torch.stack(of).mean(0), style, label=name)
axes.set(xscale="log", xlabel="false matches in 1,000 pairs of different faces")
axes.set(ylabel="true matches accepted, %")
axes.legend()

# %% [markdown]
# | true matches accepted at a false match rate of 1 % | views as trained | covered |
# |---|---|---|
# | pixels | {{ pixels:.0f }} % | {{ hidden_pixels:.0f }} % |
# | edges | {{ edges:.0f }} % | {{ hidden_edges:.0f }} % |
# | eigenfaces | {{ eigen:.0f }} % | {{ hidden_eigen:.0f }} % |
# | network | {{ accepted:.0f }} % | {{ hidden_network:.0f }} % |
# | network that has seen covers | {{ usual_taught:.0f }} % | {{ hidden_taught:.0f }} % |
#
# On views like those it was trained with, the network is far ahead: {{ accepted:.0f }} % ({{ accepted_low:.0f }} to {{ accepted_high:.0f }}), with an equal error rate of {{ equal_error:.1f }} % against {{ equal_edges:.0f }} % for edges.
# Cover nine by nine pixels, and the lead is gone.
# Covers in training bring back a good part of it, and cost a little elsewhere.
#
# What does it look at?
# The background is the same in all views of a picture.
# So take the pairs of *different* faces, and ask whether the left and right borders of both are on the same side of the median brightness.


# %% ground
def alike(points):
    return (points[pairs[0]] * points[pairs[1]]).sum(1)


by_ground = []
for seeds, views, half in zip(trained, shown["as trained"], halves[::-1], strict=True):
    corner = half[:, 0, :, [0, 1, 23, 24]].mean((1, 2))
    bright = corner > corner.median()
    equal = bright[a] == bright[b]
    for f in seeds:
        scores = alike(f(views))
        match = scores >= scores[~same].quantile(0.99)
        kinds_of = ~same & equal, ~same & ~equal
        by_ground.append([100 * match[chosen].float().mean() for chosen in kinds_of])
like_ground, other_ground = torch.tensor(by_ground).mean(0)
print(f"like grounds: {like_ground:.2f} %, unlike: {other_ground:.2f} % false matches")
assert like_ground > 1.4 * other_ground

# %% [markdown]
# Pictures with like grounds are falsely matched {{ like_ground:.1f }} % of the time, and others {{ other_ground:.1f }} %.
# It compares pictures, not only faces.
# And a rate over random pairs is too kind: those who have something in common, whatever it is, are confused more often.
#
# ## One threshold, several groups
#
# Keep the threshold, and let other groups come: people with a part of the face covered, before a coarse camera, with masks.
# The faces are the same, so nothing but the view differs.


# %% groups
# alt: False matches for four kinds of views at one threshold. As trained one percent, covered one, coarse about five with a whisker from three to seven, masked about thirty-six, with a whisker from thirty to forty-three.
def at_one_threshold(kind):
    """Return false matches, for each drawing of the faces, and refusals, in %."""
    matches, refusals = [], []
    for seeds, usual, own in zip(
        trained, shown["as trained"], shown[kind], strict=True
    ):
        for f in seeds:
            threshold = alike(f(usual))[~same].quantile(0.99)
            match = (alike(f(own)) >= threshold).float()
            both = (weight[:, a] * weight[:, b])[:, ~same]
            matches.append(100 * (both @ match[~same]) / both.sum(1))
            refusals.append(100 * (1 - match[same]).mean())
    return torch.stack(matches).mean(0), torch.stack(refusals).mean()


figure, axes = plt.subplots()
of_kind, refused = {}, {}
for place, kind in enumerate(kinds):
    matches, refused[kind] = at_one_threshold(kind)
    of_kind[kind] = matches[0]
    low, high = matches[1:].quantile(torch.tensor([0.025, 0.975])).tolist()
    axes.plot([low, high], [place, place], color="C0")
    axes.plot(matches[0], place, "o", color="C0", markersize=7)
    print(
        f"{kind}: {matches[0]:.1f} % false matches ({low:.1f} to {high:.1f}), "
        f"{refused[kind]:.0f} % refused"
    )
axes.axvline(1, color="C1", linestyle="--", label="promised")
axes.set(xscale="log", xlabel="false matches, %", ylim=(3.5, -0.5))
axes.set_xticks([1, 3, 10, 30], ["1", "3", "10", "30"])
axes.minorticks_off()
axes.set_yticks(range(4), kinds)
axes.legend()
_, _, coarse_matches, masked_matches = of_kind.values()
usual_refused, _, coarse_refused, masked_refused = refused.values()
assert coarse_matches > 2
assert masked_matches > 12
assert masked_refused < usual_refused + 5

# %% [markdown]
# | at the one threshold | false matches | true pairs refused |
# |---|---|---|
# | as trained | 1.0 % | {{ usual_refused:.0f }} % |
# | coarse camera | {{ coarse_matches:.1f }} % | {{ coarse_refused:.0f }} % |
# | masks | {{ masked_matches:.0f }} % | {{ masked_refused:.0f }} % |
#
# Two people with masks look the same to it, because the mask is the largest thing that it sees.
# They are refused *less* often than others, so whoever counts complaints sees nothing wrong.
#
# In real systems the groups are people, and the causes differ.
# [@buolamwini2018gender] tested three commercial programs that tell women from men: the error was at most 0.8 % for men with lighter skin and up to 34.7 % for women with darker skin.
# [@grother2019face] tested 189 algorithms on 18 million pictures: the rate of false matches often differed between groups by factors of 10 to more than 100, far more than that of false refusals.
# Among algorithms made in China, some did not show the high rates for East Asian faces: what was in the training matters.
# Nobody is labelled by skin, sex or origin here: that would be a guess from 25 pixels, and part of the problem.
#
# ## One against many
#
# Identification compares a stranger with everybody in a gallery, and each comparison is another chance for a false match.
# If they were independent, a false match rate of $m$ and a gallery of $N$ would give a false alarm with the chance
#
# $$
# 1 - (1 - m)^N .
# $$


# %% gallery
# alt: The chance that a stranger is found in a gallery, from one to forty-nine faces. With one false match in a hundred it rises to about a third, with one in a thousand to about four percent, in both cases just below the dashed curve of independent comparisons.
def alarms_by_size(points, rate):
    """Return how often a stranger is found in galleries of 1 to 49 faces."""
    similarity = points @ points.T
    threshold = alike(points)[~same].quantile(1 - rate)
    first = similarity[:, :50]  # one picture of each face is in the gallery
    total = torch.zeros(49)
    for _ in range(20):
        order = torch.randperm(50, generator=draws)
        for k in range(50):
            others = order[order != k]
            probes = first[who == k][1:][:, others]  # not the picture in the gallery
            total += (probes >= threshold).float().cummax(1).values.mean(0)
    return total / 1000


figure, axes = plt.subplots()
size, last = torch.arange(1, 50), {}
for number, (rate, style) in enumerate({0.01: "-", 0.001: "-."}.items()):
    measured = [
        alarms_by_size(f(views), rate)
        for seeds, views in zip(trained, shown["as trained"], strict=True)
        for f in seeds
    ]
    found, expected = torch.stack(measured).mean(0), 1 - (1 - rate) ** size
    label = f"one false match in {1 / rate:,.0f}"
    axes.plot(size, 100 * found, style, color=f"C{number}", label=label)
    axes.plot(size, 100 * expected, "--", color=f"C{number}")
    last[rate] = 100 * found[-1], 100 * expected[-1]
axes.plot([], [], "--", color="C7", label="if independent")
axes.set(xlabel="faces in the gallery", ylabel="strangers found in it, %")
axes.legend()
alarm_hundred, expected_hundred = last[0.01]
alarm_thousand, expected_thousand = last[0.001]
million = 100 * (1 - (1 - 1e-6) ** 1_000_000)
print(f"at 49 faces: {alarm_hundred:.0f} % and {alarm_thousand:.1f} % of strangers")
assert 15 < alarm_hundred < expected_hundred + 3
assert alarm_thousand < 10

# %% [markdown]
# With a false match rate of 1 %, a gallery of 49 faces “recognises” {{ alarm_hundred:.0f }} % of the strangers, and with one in a thousand {{ alarm_thousand:.1f }} %.
# That is a little less than the formula's {{ expected_hundred:.0f }} and {{ expected_thousand:.1f }} %, since some faces are confused with many and others with none.
# In a gallery of a million, one false match in a million still names somebody for {{ million:.0f }} % of all strangers.
#
# ## The errors, one by one

# %% errors
# alt: Two rows of five pairs of faces with their similarity. Above, different pictures with a high similarity: faces of like pose, light and ground. Below, two views of one picture with a low similarity: one is turned, cut off or lit from the other side.
f, views = trained[0][0], shown["as trained"][0]
scores, chosen = alike(f(views)), []
for ranked in scores.masked_fill(same, -9), (-scores).masked_fill(~same, -9):
    met = []
    for k in ranked.topk(300).indices.tolist():
        two = a[k].item(), b[k].item()
        if len(met) < 10 and not set(two) & set(met):
            met += two
            chosen.append(k)
sides = [torch.cat([views[pairs[0, k]], views[pairs[1, k]]], 2) for k in chosen]
image_grid(
    [in_32_greys(side / 6) for side in sides],
    [f"{scores[k]:.2f}" for k in chosen],
    columns=5,
)

# %% [markdown]
# Above are different pictures that it is surest are the same, below views of one picture that it is surest are not.
#
# - Some of the upper pairs might really be one person, photographed twice.
#   The label says “another file”, not “another person”, so our false match rate may be too high.
# - The others share pose, light and ground, and at 25 pixels no threshold parts them.
# - In the lower row the *view* is extreme: turned, cut off, lit from the other side.
#   In use this is the person who is sent back at the door.
#
# ## Consent and law
#
# **Consent.**
# Nobody asked the people in this collection; the photographs come from the web.
# Microsoft took MS-Celeb-1M, ten million pictures gathered in the same way, off the net in 2019 [@aljazeera2019microsoft], but copies stayed around.
# MegaFace was made from 3.3 million photographs in people's albums on Flickr, 69 % of them under licences against commercial use [@harvey2019megaface].
#
# **Law**, in short and without being advice:
#
# - In the European Union, article 9 of the General Data Protection Regulation forbids to process biometric data in order to identify somebody, unless an exception such as explicit consent applies [@eu2016regulation].
# - Article 5 of the AI Act forbids, since 2 February 2025, to build face databases by untargeted scraping from the internet or from surveillance cameras, and, with narrow exceptions that must be authorised, the police's real-time remote biometric identification in public places [@eu2024regulation].
# - In Illinois a company needs a written release before it takes a scan of face geometry, and people can sue [@illinois2008biometric].
#
# ## Before you use one
#
# Ask who is harmed by each kind of error, and whether the task has to be done at all.
# Test on the people and cameras of the place, at the threshold in use, within each group and not over random pairs.
# For a gallery, state the chance for a *search*, never for a comparison, and let no match alone decide anything about a person.
#
# ## Exercises
#
# 1. Could the dark be mended by a smaller constant in `level`? Look at the deviation of a dark face and of a bare wall after it.
#
#     ??? success "Solution"
#
#         With the constant of the lab a face that is nine times darker keeps {{ practical-applications/exercise_face_verification_dark.py:face_now:.0%}} of its contrast and a noisy wall gets {{ practical-applications/exercise_face_verification_dark.py:wall_now:.0%}} of a face's.
#         With a constant of one in a million the dark face has all of it, and so has the wall: noise then looks as strong as a face, and the network has to be trained for that.
#
#         ```snippet
#         practical-applications/exercise_face_verification_dark.py
#         ```
#
# 2. The system above was never shown a mask. Show it some in training. What happens to false matches among masked people, and what to the others?
#
#     ??? success "Solution"
#
#         Masks on every second view bring the false matches among masked people from {{ practical-applications/exercise_face_verification_masks.py:before:.0f}} % (more than above, since these views share their light) to {{ practical-applications/exercise_face_verification_masks.py:after:.1f}} %, at the threshold for people without.
#         They are then refused more often, {{ practical-applications/exercise_face_verification_masks.py:refused_after:.0f}} % instead of {{ practical-applications/exercise_face_verification_masks.py:refused_before:.0f}} %: less of a face is left to compare.
#
#         ```snippet
#         practical-applications/exercise_face_verification_masks.py
#         ```
#
# 3. A vendor tests 100 people, one pair of each two, and sees no false match. Which false match rate can be claimed? How many people are needed for one in a million?
#
#     ??? success "Solution"
#
#         No error among $n$ pairs leaves rates up to about $3/n$ possible [@hanley1983if].
#         {{ practical-applications/exercise_face_verification_claim.py:pairs_of_hundred:,}} pairs allow a claim of one in {{ practical-applications/exercise_face_verification_claim.py:claim:,.0f}}, and one in a million needs {{ practical-applications/exercise_face_verification_claim.py:people:,}} people, even if pairs of the same people counted as independent, which they are not.
#
#         ```snippet
#         practical-applications/exercise_face_verification_claim.py
#         ```
#
# ## Sources
#
# - [@huang2007labeled]: the photographs.
# - [@umass2019labeled]: what they must not be used for, by their authors.
# - [@viola2001rapid]: the cascade.
# - [@sung1998example]: hard negatives.
# - [@geirhos2020shortcut]: shortcuts.
# - [@schroff2015facenet]: triplets.
# - [@turk1991eigenfaces]: eigenfaces.
# - [@dalal2005histograms]: edges by direction.
# - [@buolamwini2018gender]: errors by group in commercial programs.
# - [@grother2019face]: the same for 189 algorithms.
# - [@aljazeera2019microsoft], [@harvey2019megaface]: faces taken without asking.
# - [@eu2016regulation], [@eu2024regulation], [@illinois2008biometric]: the laws.
# - [@hanley1983if]: what no error proves.
