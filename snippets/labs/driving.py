"""A cloned driver drifts where no lesson was; labels for its mistakes bring it back."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

# %% [markdown]
# # Autonomous driving: a closed loop
#
# A classifier that errs on one image is none the worse on the next.
# A driver that errs has changed what it will see next: the view from where the mistake has put it.
# That is a **closed loop**, and it makes driving hard to learn from recordings.
#
# A car has {{ limit:.0f }} seconds to cross a town of winding streets among {{ others }} others.
# *Navigation* finds a route on a map, *detection* finds the other cars in pictures, and *decisions* turn both into steering and braking.
# Written rules that know everything crash in {{ rules_c }} of fifty towns.
# A network that copied them leaves the road or its route in {{ clone_left }}; one that was also corrected in its own mistakes does so in {{ dagger_left }}, and yet crashes in {{ dagger_c }}.
#
# The simulator is ours, some 200 lines of NumPy that step fifty towns at once.
# [@leurent2018environment] is the usual choice and richer, but steps one world at a time.
#
# ## Navigation: a town and a way through it
#
# A town is a grid of crossings with some streets closed, bent so that no street is straight.
# Each open street takes a random time, and Dijkstra's algorithm [@dijkstra1959note] gives the quickest way, provably.
# Nothing is learned, and nothing needs to be: with the map known, this part is solved.

# %% town
from functools import cache
from types import SimpleNamespace

import numpy as np
import torch
from matplotlib import pyplot as plt
from scipy.ndimage import distance_transform_edt, uniform_filter1d
from scipy.sparse.csgraph import connected_components, dijkstra
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, max_pool2d

from dlref import detection

GRID, BLOCK, RIM, FINE = 4, 45.0, 30.0, 0.5  # crossings a side; then metres
EAST = [(n, n + 1) for n in range(GRID**2) if (n + 1) % GRID]
PAIRS = EAST + [(n, n + GRID) for n in range(GRID**2 - GRID)]


def place(crossing):
    """Metres, before the streets are bent."""
    return np.stack(np.divmod(crossing, GRID)[::-1], -1) * BLOCK


def bent(points, phase):
    return points + 5 * np.sin(points[:, ::-1] / 14 + phase) + RIM


def streets(rng, closed=4):
    """Minutes between neighbouring crossings, 0 where the street is closed."""
    minutes = np.zeros((GRID**2, GRID**2))
    while connected_components(minutes)[0] > 1 or (minutes > 0).sum(0).min() < 2:
        minutes[:] = 0
        for k in rng.permutation(len(PAIRS))[closed:]:
            minutes[PAIRS[k]] = minutes[PAIRS[k][::-1]] = rng.uniform(0.1, 0.3)
    return minutes


def plan(minutes, start, goal):
    """The quickest way, as crossings: Dijkstra's algorithm."""
    _, before = dijkstra(minutes, indices=start, return_predecessors=True)
    way = [goal]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return way[::-1]


def wander(rng, minutes, start):
    way = [start]
    while len(way) < 12:
        on = [k for k in np.flatnonzero(minutes[way[-1]]) if k not in way[-2:]]
        way.append(int(rng.choice(on)))
    return way


def even(line):
    """The same line with a point every half metre."""
    far = np.r_[0, np.hypot(*np.diff(line, axis=0).T).cumsum()]
    at = np.arange(0, far[-1], FINE)
    return np.stack([np.interp(at, far, line[:, axis]) for axis in (0, 1)], 1)


def lane(way, phase):
    """A line along these crossings, on the right-hand side of the streets."""
    pieces, share = [], np.linspace(0.11, 0.89, 40)[:, None]
    for a, b in zip(place(way)[:-1], place(way)[1:], strict=True):
        middle = bent(a + share * (b - a), phase)
        along = np.gradient(middle, axis=0)
        right = along[:, ::-1] * [1, -1] / np.hypot(*along.T)[:, None]
        pieces.append(middle + 2 * right)
    smooth = uniform_filter1d(even(np.concatenate(pieces)), 11, axis=0, mode="nearest")
    return even(smooth)


def paint(rng, minutes, phase):
    """Metres to the middle of the nearest street, and brightness, every half metre."""
    size = int(((GRID - 1) * BLOCK + 2 * RIM) / FINE)
    share = np.linspace(0, 1, 200)[:, None]
    free, stripe = np.ones((size, size), bool), np.zeros((size, size), bool)
    for a, b in np.argwhere(np.triu(minutes)):
        street = bent(place(a) + share * (place(b) - place(a)), phase)
        x, y = (street / FINE).astype(int).T
        free[y, x], stripe[y[32:-32], x[32:-32]] = False, True
    edge, noise = distance_transform_edt(free) * FINE, rng.standard_normal((size, size))
    ground = np.where(edge < 4.6, 0.3 + 0.03 * noise, 0.62 + 0.1 * noise)
    ground = 255 * np.where(stripe, 0.6, ground).clip(0, 1)
    return edge.astype(np.float32), ground.astype(np.uint8)


# %% map
# alt: A town from above: winding streets in a grid with gaps. The planned route runs from the lower left to the upper right with several turns; a dotted line is the way of another car.
town = np.random.default_rng(4)
minutes, phase = streets(town), town.uniform(0, 6, 2)
edge, _ = paint(town, minutes, phase)
ways = {
    "planned": plan(minutes, 0, GRID**2 - 1),
    "another": wander(town, minutes, 8)[:6],
}
figure, axes = plt.subplots(figsize=(4.2, 4))
side = edge.shape[0] * FINE
road = np.where(edge[::2, ::2] < 4.6, 0.6, np.nan)
axes.imshow(
    *(road, "Greys"), origin="lower", vmin=0, vmax=1.2, extent=(0, side, 0, side)
)
for (name, way), style in zip(ways.items(), ("-", ":"), strict=True):
    axes.plot(*lane(way, phase).T, style, label=name)
axes.grid(visible=False)
axes.set(xlabel="metres", ylabel="metres", aspect="equal")
figure.legend(loc="outside upper center", ncols=2)

# %% [markdown]
# ## Traffic, and a driver made of rules
#
# Each car steers towards a point of its lane a little ahead.
# It asks whether anybody will be where it will be within three seconds, if all go straight on, and slows down the more the sooner that is.
# Two cars at a crossing would wait for each other for ever, so the others have an order of precedence, and we give way to all.
#
# The rules know every car's exact place and speed, which no sensor gives.
# They are the **expert**: the teacher of everything below, and the score to reach.


# %% traffic
CARS, TICK, STEPS = 18, 0.25, 180  # other cars, seconds in a step, steps in a drive
AHEAD, LEFT = np.arange(-6.0, 26), np.arange(16.0, -16, -1)
PIXELS = np.stack(np.meshgrid(AHEAD, LEFT, indexing="ij"), -1)  # (32, 32, 2), metres
SPOTS = np.stack(np.meshgrid(np.arange(-2.1, 2.2, 0.6), [-0.9, -0.3, 0.3, 0.9]), -1)
BODY = SPOTS.reshape(-1, 2)  # the points of a car that are painted


def turned(xy, heading):
    """Metres in the town to metres ahead and to the left, for this heading."""
    c, s, x, y = np.cos(heading), np.sin(heading), xy[..., 0], xy[..., 1]
    return np.stack([c * x + s * y, c * y - s * x], -1)


def course(vector):
    return np.arctan2(vector[..., 1], vector[..., 0])


def direction(angle):
    return np.stack([np.cos(angle), np.sin(angle)], -1)


@cache
def build(seed):
    """The lanes of all cars in a town, the length of ours, and the ground."""
    rng = np.random.default_rng(seed)
    minutes, phase = streets(rng), rng.uniform(0, 6, 2)
    starts = rng.integers(1, GRID**2, CARS)
    ways = [plan(minutes, 0, GRID**2 - 1), *(wander(rng, minutes, k) for k in starts)]
    lanes = [lane(way, phase) for way in ways]
    more = np.arange(1, 1200)[:, None]  # after its end, a lane goes straight on
    whole = [np.r_[way, way[-1] + more * (way[-1] - way[-2])][:1200] for way in lanes]
    return np.stack(whole), len(lanes[0]) - 8, *paint(rng, minutes, phase)


class Traffic:
    """Many towns at once: arrays are (towns, cars, ...), and car 0 of each is ours."""

    def __init__(self, seeds):
        parts = map(np.stack, zip(*map(build, seeds), strict=True))
        self.route, self.goal, self.edge, self.ground = parts
        rng, shape = np.random.default_rng(seeds), (len(seeds), CARS + 1)
        self.pace, self.shade = rng.uniform(4, 9, shape), rng.integers(0, 256, shape)
        self.at, self.speed = rng.integers(0, 120, shape), np.zeros(shape)
        self.at[:, 0], self.pace[:, 0], self.off = 0, 9, np.zeros(len(seeds))
        self.xy = self.along(self.at)
        self.heading = course(self.along(self.at + 4) - self.xy)
        apart = np.linalg.norm(self.xy[:, :, None] - self.xy[:, None], axis=-1)
        close = ((apart < 10) & np.tri(CARS + 1, k=-1, dtype=bool)).any(-1)
        self.xy[close] = -999  # no room to start
        self.film = [self.picture()] * 3

    def along(self, index):
        """The points at these places of the lanes of the first cars."""
        index = index[..., None, None].clip(0, self.route.shape[2] - 1)
        return np.take_along_axis(self.route[:, : index.shape[1]], index, 2)[:, :, 0]

    def rules(self, others=None):
        """Curvature and acceleration: of all cars, or of ours among others it sees."""
        n = 1 if others else CARS + 1
        at, speed, heading = self.at[:, :n], self.speed[:, :n], self.heading[:, :n]
        xy, heed = self.xy[:, :n], True
        reach = (6 + speed).astype(int)
        near, far = (turned(self.along(at + k) - xy, heading) for k in (reach, 24))
        bend, curve = (2 * p[..., 1] / (p**2).sum(-1).clip(1) for p in (near, far))
        wish = np.minimum(self.pace[:, :n], np.sqrt(2 / np.abs(curve).clip(0.01)))
        if not others:
            others = self.xy, direction(self.heading) * self.speed[..., None]
            rank = np.r_[CARS, np.arange(CARS)]  # we give way to all
            same_way = np.cos(heading[:, None] - heading[..., None]) > 0.5
            heed = (rank < rank[:, None]) | same_way
        gap = turned(others[0][:, None] - xy[:, :, None], heading[..., None])[..., 0]
        front, clear = (gap > 0) & (gap < 40), np.full(at.shape, 9.0)
        # Who will be where we shall be in t seconds?
        for t in np.arange(3, -0.1, -0.5):
            mine = at + (np.maximum(speed, 3) * t / FINE).astype(int)
            here, then = self.along(mine), others[0] + others[1] * t
            nose = course(self.along(mine + 4) - here)[..., None]
            ahead = turned(then[:, None] - here[:, :, None], nose)
            long, wide = ahead[..., 0], np.abs(ahead[..., 1])
            hit = (long > -4) & (long < 7) & (wide < 2.4) & front & (heed | (t <= 1))
            clear[hit.any(-1)] = t
        wish = wish * ((clear - 0.4) / 2.5).clip(0, 1)
        return bend.clip(-0.3, 0.3), (2 * (wish - speed)).clip(-7, 2.5)

    def step(self, bend, push):
        self.speed = (self.speed + push * TICK).clip(0)
        self.heading = self.heading + bend * self.speed * TICK
        self.xy = self.xy + direction(self.heading) * (self.speed * TICK)[..., None]
        ways = np.stack([self.along(self.at + k) - self.xy for k in range(8)])
        away = np.linalg.norm(ways, axis=-1)
        self.at, self.off = self.at + away.argmin(0), away.min(0)[:, 0]
        self.film = [*self.film[1:], self.picture()]

    def picture(self):
        """32 by 32 metres around our car from above, its nose pointing up the rows."""
        spots = self.xy[:, :1, None] + turned(PIXELS, -self.heading[:, :1, None])
        spots = (spots / FINE).astype(int).clip(0, self.edge.shape[1] - 1)
        seen = self.ground[
            np.arange(len(spots))[:, None, None], spots[..., 1], spots[..., 0]
        ]
        body = turned(BODY, -self.heading[..., None])
        body = body + (self.xy - self.xy[:, :1])[..., None, :]
        body = turned(body, self.heading[:, :1, None]).round().astype(int)
        row, column = body[..., 0] + 6, 16 - body[..., 1]
        inside = (row >= 0) & (row < 32) & (column >= 0) & (column < 32)
        town, car, spot = np.nonzero(inside)
        at = row[town, car, spot], column[town, car, spot]
        seen[town, *at] = self.shade[town, car]
        return seen

    def crashed(self):
        """Do two discs in our car touch two discs in another?"""
        nose = direction(self.heading)[:, :, None] * np.array([[-1.2], [1.2]])
        discs = self.xy[:, :, None] + nose
        apart = discs[:, :1, :, None] - discs[:, 1:, None]
        return (np.linalg.norm(apart, axis=-1) < 2.1).any((1, 2, 3))

    def off_road(self):
        x, y = (self.xy[:, 0] / FINE).astype(int).clip(0, self.edge.shape[1] - 1).T
        return self.edge[np.arange(len(x)), y, x] > 4.8


# %% [markdown]
# ## The loop
#
# Four times a second the driver gets two pictures, its speed and an arrow from navigation, and says how sharply to turn and how hard to push.
# The arrow is that of a simple device: which way the street twelve metres on runs on a straight grid, seen from the car's nose.
# It knows nothing of bends or of lanes; those the driver must see.
#
# A drive ends in arrival, in a crash, beside the road, or lost, which is more than six metres from the route.
# After {{ limit:.0f }} seconds without any of these the car counts as under way.
# Nobody asks whose fault a crash was.


# %% drive
ENDS = ["arrived", "under way", "crash", "off road", "lost"]


def observe(traffic):
    """Two pictures half a second apart; speed, and navigation's arrow."""
    a, b = (traffic.along(traffic.at[:, :1] + k)[:, 0] for k in (24, 28))
    street = (course(b - a) / (np.pi / 2)).round() * np.pi / 2
    arrow = direction(street - traffic.heading[:, 0])
    numbers = np.concatenate([traffic.speed[:, :1] / 9, arrow], 1)
    pictures = np.stack([traffic.film[-1], traffic.film[0]], 1)
    return pictures.astype(np.uint8), numbers.astype(np.float32)


def drive(driver, seeds):
    """Drive until something happens or time is up; return all that was met."""
    traffic, log, end = Traffic(seeds), [], np.full(len(seeds), "under way")
    while len(log) < STEPS and (on := end == "under way").any():
        bend, push = traffic.rules()
        view, numbers = observe(traffic)
        label = np.stack([bend[:, 0], push[:, 0]], 1)
        if driver:  # otherwise the rules drive
            bend[:, 0], push[:, 0] = driver(traffic, view, numbers)
        heading, at, xy = traffic.heading, traffic.at[:, 0], traffic.xy
        moves = turned(direction(heading) * traffic.speed[..., None], heading[:, :1])
        near, pose = (
            turned(xy - xy[:, :1], heading[:, :1]),
            np.c_[xy[:, 0], heading[:, 0]],
        )
        speed = traffic.speed[:, 0]
        log.append(
            (view, numbers, label, traffic.off, speed, at, pose, on, near, moves)
        )
        traffic.step(bend.clip(-0.3, 0.3), push.clip(-7, 2.5))
        done = traffic.at[:, 0] >= traffic.goal, traffic.crashed(), traffic.off_road()
        for name, so in zip(ENDS[:1] + ENDS[2:], (*done, traffic.off > 6), strict=True):
            end[(end == "under way") & so] = name
    names = "view numbers label off speed at pose on near moves".split()
    met = dict(zip(names, map(np.stack, zip(*log, strict=True)), strict=True))
    metres = (met["speed"] * met["on"]).sum(0) * TICK
    return SimpleNamespace(**met, end=end, metres=metres, shade=traffic.shade)


def ends(met):
    return {end: int((met.end == end).sum()) for end in ENDS}


# %% [markdown]
# ## Baselines first
#
# Fifty towns that nobody trains on, and two drivers: the rules, and the rules blindfolded, which see no car.
# The blind driver shows how many crashes there are to avoid.


# %% baselines
def blind(traffic, *_):
    """Follow the route by the rules, and look at nobody."""
    nobody = np.full((len(traffic.at), 1, 2), -999.0)
    return (move[:, 0] for move in traffic.rules((nobody, 0 * nobody)))


TOWNS = list(range(50))
drives = {"rules": drive(None, TOWNS), "blind": drive(blind, TOWNS)}
for name, met in drives.items():
    print(name, ends(met))
assert ends(drives["rules"])["crash"] <= 4
assert ends(drives["blind"])["crash"] > 12

# %% [markdown]
# The rules arrive in {{ rules_a }} towns and crash in {{ rules_c }}; the blind driver arrives in {{ blind_a }} and crashes in {{ blind_c }}.
# Where the rules neither arrive nor crash, they wait too long: somebody is always about to come.
# So count arrivals and metres too, since a parked car has no crash.
#
# ## Lessons
#
# Let the rules drive through eighty other towns: {{ lesson_count:,}} pairs of pictures, each labelled with the rules' steering and acceleration, and with the places of the cars.


# %% lessons
lessons = drive(None, list(range(1000, 1080)))
lesson_count = int(lessons.on.sum())


def tensors(pictures):
    return torch.from_numpy(pictures).float() / 51 - 2  # from -2 to 3


# %% [markdown]
# ## Detection: where are the others?
#
# A picture is 32 by 32 metres of ground from above, a pixel a metre, as if cameras around the car had been unwarped onto it.
# A car is five pixels by two.
# One picture does not show who moves, so two stand in two channels, half a second apart.
# For each of 16 by 16 cells a [convolutional network](../convolutional-networks/detection.md#a-detector-that-learns) says whether a car's middle is there, where exactly, and how fast it goes which way.


# %% detector
CELLS = torch.from_numpy(PIXELS[::2, ::2] + [0.5, -0.5]).float()  # (16, 16, 2), metres


def targets(near, moves):
    """Which cells hold the middle of another car; where it is there, how it moves."""
    i = ((near[..., 0] + 5.5) / 2).round().long()
    j = ((15.5 - near[..., 1]) / 2).round().long()
    inside = (i >= 0) & (i < 16) & (j >= 0) & (j < 16)
    inside[:, 0] = False  # that is us
    b, car = inside.nonzero(as_tuple=True)
    i, j = i[b, car], j[b, car]
    return b, i, j, torch.cat([(near[b, car] - CELLS[i, j]) / 2, moves[b, car] / 5], 1)


def layer(a, b, size, stride):
    convolution = nn.Conv2d(a, b, size, stride, size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(b), nn.ReLU())


torch.manual_seed(0)
parts = layer(2, 16, 5, 2), layer(16, 20, 3, 1), layer(20, 20, 3, 1)
detector = nn.Sequential(*parts, nn.Conv2d(20, 5, 1))
nn.init.constant_(detector[-1].bias, -4)  # most cells are empty
close = (np.abs(lessons.near[:, :, 1:] - [10, 0]) < 15).all(-1).any(-1)
some = lessons.on & close  # somebody is in sight
pictures = lessons.view[some]
near, moves = (torch.from_numpy(a[some]).float() for a in (lessons.near, lessons.moves))
adam = torch.optim.Adam(detector.parameters())
cycle = torch.optim.lr_scheduler.OneCycleLR(adam, 0.008, total_steps=500)
for _ in range(500):
    batch = torch.randint(len(pictures), (32,))
    answer = detector(tensors(pictures[batch]))
    b, i, j, true = targets(near[batch], moves[batch])
    here = torch.zeros(32, 16, 16)
    here[b, i, j] = 1
    off = (answer[b, 1:, i, j] - true).abs().mean()
    adam.zero_grad()
    (20 * binary_cross_entropy_with_logits(answer[:, 0], here) + off).backward()
    adam.step()
    cycle.step()
detector.eval()


@torch.no_grad()
def find(pictures):
    """The ten surest cells that no neighbour beats: places, velocities and scores."""
    answer = detector(tensors(pictures))
    score, rest = answer[:, :1], answer[:, 1:].flatten(2).mT
    peaks = score.masked_fill(score < max_pool2d(score, 3, 1, 1), -99)
    top = peaks.flatten(1).topk(10)
    rest = rest.gather(1, top.indices[..., None].expand(-1, -1, 4))
    places = CELLS.flatten(0, 1)[top.indices] + 2 * rest[..., :2]
    return places, 5 * rest[..., 2:], top.values


# %% [markdown]
# On the fifty test towns, a detection counts as right within about two metres of a car that no surer detection has taken.
# The interval resamples towns, not pictures, since neighbouring pictures show the same cars.


# %% detector_test
SURE = -1.5  # the score from which on a car counts as found
SQUARE = torch.tensor([-2.0, -2, 2, 2])  # around a car's middle: it may point anywhere


def detect(met, dim=1.0):
    """Find cars in every tenth picture: town, scores, hits, shades, who was found."""
    rows = []
    for t in range(0, len(met.on), 10):
        places, _, scores = find((met.view[t] * dim).astype(np.uint8))
        for k in np.flatnonzero(met.on[t]):
            true = torch.from_numpy(met.near[t, k, 1:]).float()
            inside, seen = (
                ((spots - torch.tensor([10.0, 0])).abs() < 15).all(1)
                for spots in (true, places[k])
            )
            cars, spots, scored = true[inside], places[k][seen], scores[k][seen]
            boxes, truth = (p.repeat(1, 2) + SQUARE for p in (spots, cars))
            right = detection.match_detections(boxes, scored, truth, 1 / 3)
            caught = (torch.cdist(cars, spots[scored > SURE]) < 2).any(1)
            rows.append((k, scored, right, met.shade[k, 1:][inside], caught))
    return rows


def quality(rows):
    score, right = (torch.cat([row[k] for row in rows]) for k in (1, 2))
    count, hits = sum(len(row[3]) for row in rows), right[score > SURE]
    average = detection.average_precision(score, right, positives=count)
    return average, hits.float().mean().item(), hits.sum().item() / count


rows = detect(drives["rules"])
average, precision, recall = quality(rows)
by_town = [[row for row in rows if row[0] == town] for town in TOWNS]
draws = np.random.default_rng(0).integers(0, 50, (200, 50))
again = np.array([quality([row for k in draw for row in by_town[k]]) for draw in draws])
(average_low, _, recall_low), (average_high, _, recall_high) = np.quantile(
    again, [0.025, 0.975], 0
)
_, dim_precision, dim_recall = quality(detect(drives["rules"], dim=0.6))
print(f"average precision {average:.2f}")
for light, right, found in (
    ("day", precision, recall),
    ("dim", dim_precision, dim_recall),
):
    print(f"{light}: precision {right:.2f}, recall {found:.2f}")
assert average > 0.5
assert recall > dim_recall + 0.1
assert precision > dim_precision + 0.2

# %% [markdown]
# Average precision is {{ average:.2f }} (95 %: {{ average_low:.2f }} to {{ average_high:.2f }}).
# At the score used for driving, {{ precision:.0%}} of what it reports is a car, and {{ recall:.0%}} of the cars are found ({{ recall_low:.0%}} to {{ recall_high:.0%}}).
# Which ones are missed?


# %% contrast
# alt: Three pictures of streets from above with rings around cars and crosses where the detector reports one. A ring without a cross lies on a patch that is nearly as grey as the road.
# alt: Share of cars found against their brightness. It is high for dark and for bright cars and has a deep dip at 0.3, the brightness of the asphalt.
shades = np.concatenate([row[3] for row in rows]) / 255
caught = torch.cat([row[4] for row in rows]).numpy()
gray = np.abs(shades - 0.3)
like_road, unlike = caught[gray < 0.1].mean(), caught[gray > 0.2].mean()
met = drives["rules"]
in_view = (np.abs(met.near[:, :, 1:] - [10, 0]) < 14).all(-1) & met.on[..., None]
crowd = in_view.sum(-1)  # the most crowded picture of each of three towns
figure, grid = plt.subplots(1, 3, figsize=(5.4, 2))
for axes, k in zip(grid, np.argsort(-crowd.max(0))[:3], strict=True):
    t = crowd[:, k].argmax()
    axes.imshow(met.view[t, k, 0], cmap="gray", vmin=0, vmax=255, origin="lower")
    true = met.near[t, k, 1:][in_view[t, k]]
    axes.plot(16 - true[:, 1], true[:, 0] + 6, "o", ms=13, mfc="none", color="C0")
    places, _, scores = find(met.view[[t], k])
    ahead, to_left = places[0][scores[0] > SURE].T
    axes.plot(16 - to_left, ahead + 6, "x", color="C1", ms=6)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
bins = np.linspace(0, 1, 11)
share = [caught[(shades >= a) & (shades < a + 0.1)].mean() for a in bins[:-1]]
figure, axes = plt.subplots(figsize=(5.4, 2.6))
axes.plot(bins[:-1] + 0.05, share, "o-")
axes.axvline(0.3, color="C1", linestyle="--")
axes.text(0.32, 0.85, "asphalt")
axes.set(xlabel="brightness of the car", ylabel="share found", ylim=(0, 1.02))

# %% [markdown]
# Rings are cars, crosses are detections; our own car is below the middle.
# The brightness of cars is drawn at random, and that of asphalt is 0.3.
# Of the cars within 0.1 of it the detector finds {{ like_road:.0%}}, of those further than 0.2 away {{ unlike:.0%}}.
# An average hides this, and asking several frames does not help: a grey car is grey in all of them.
#
# Now close the loop.
# The rules stay, but know only what the detector tells them.


# %% modular
def modular(traffic, pictures, _):
    """The rules again, among the cars that the detector finds."""
    spots, velocities, scores = (a.double().numpy() for a in find(pictures))
    back = -traffic.heading[:, :1]
    places = traffic.xy[:, :1] + turned(spots, back)
    places[scores < SURE] = -999
    return (move[:, 0] for move in traffic.rules((places, turned(velocities, back))))


drives["detector"] = drive(modular, TOWNS)
print(ends(drives["detector"]))

# %% [markdown]
# With the detector the car crashes in {{ detector_c }} towns, against {{ rules_c }} for rules that know everything and {{ blind_c }} for rules that see nothing; in {{ detector_w }} it is still under way when time is up.
# No rule downstream can brake for a car that was missed, or drive on before one that is not there.
#
# ## Decisions: clone the expert
#
# **Behaviour cloning** treats driving as regression, from what the expert saw to what it did.
# It is as old as ALVINN [@pomerleau1989alvinn], and [@bojarski2016end] drove real roads with it.
# The arrow is an input, as in [@codevilla2018end]: without it, the same picture at a crossing has several right answers.


# %% clone
UNIT = torch.tensor([0.1, 3.0])  # 1/m and m/s²: one unit of error


class Driver(nn.Module):
    """From two pictures, speed and arrow to curvature and acceleration."""

    def __init__(self):
        super().__init__()
        self.see = nn.Sequential(
            *(nn.Conv2d(2, 12, 5, 2, 2), nn.ReLU()),
            *(nn.Conv2d(12, 16, 3, 2, 1), nn.ReLU()),
            *(nn.Conv2d(16, 24, 3, 2, 1), nn.ReLU(), nn.Flatten()),
        )
        self.act = nn.Sequential(nn.Linear(384 + 3, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, pictures, numbers):
        seen = self.see(tensors(pictures))
        return self.act(torch.cat([seen, torch.from_numpy(numbers)], 1))


def imitate(driver, lessons, updates):
    """Train on pairs of what was observed and what the rules would have done."""
    adam = torch.optim.Adam(driver.parameters())
    cycle = torch.optim.lr_scheduler.OneCycleLR(adam, 0.004, total_steps=updates)
    pictures, numbers, label = lessons
    for _ in range(updates):
        batch = torch.randint(len(label), (48,)).numpy()
        wanted = torch.from_numpy(label[batch]).float() / UNIT
        adam.zero_grad()
        (driver(pictures[batch], numbers[batch]) - wanted).square().mean().backward()
        adam.step()
        cycle.step()


def labelled(met, towns=slice(None)):
    on = met.on[:, towns]
    return [a[:, towns][on] for a in (met.view, met.numbers, met.label)]


def at_the_wheel(driver):
    @torch.no_grad()
    def decide(_, pictures, numbers):
        return (driver(pictures, numbers) * UNIT).double().numpy().T

    return decide


SEED, UPDATES = 1, 1600
torch.manual_seed(SEED)
clone = Driver()
imitate(clone, labelled(lessons), UPDATES)
drives["clone"] = drive(at_the_wheel(clone), TOWNS)
print(ends(drives["clone"]))

# %% [markdown]
# It arrives in {{ clone_a }} of fifty towns, crashes in {{ clone_c }}, and in {{ clone_left }} leaves the road or loses the way, which neither the rules nor the blind driver ever did.
# Is it a bad regression?
# Ask it about the states that the rules visit in the test towns, and about those that it visits itself.


# %% agreement
def steering_error(driver, met):
    """How far the driver's curvature is from the rules', in every fifth state."""
    columns = met.view, met.numbers, met.label, met.off
    view, numbers, label, off = (a[::5][met.on[::5]] for a in columns)
    with torch.no_grad():
        said = driver(view, numbers).numpy()[:, 0] * 0.1
    return np.abs(said - label[:, 0]), off


error_rules, off_rules = steering_error(clone, drives["rules"])
error_own, off_own = steering_error(clone, drives["clone"])
worst_rules = max(met.off[met.on].max() for met in (lessons, drives["rules"]))
never = (off_own > worst_rules).mean()
mean_rules, mean_own = error_rules.mean(), error_own.mean()
grows = mean_own / mean_rules
assert grows > 1.8
assert never > 0.03

# %% [markdown]
# In the rules' states its steering is off by {{ mean_rules:.3f }} per metre on average, in its own by {{ mean_own:.3f }}: {{ grows:.1f }} times as much.
# The towns are the same, the network is the same; only who chose the states differs.
# This is **covariate shift**.
# In all their drives the rules never were more than {{ worst_rules:.1f }} m from the middle of their lane; the clone spends {{ never:.0%}} of its time further out.
# There it has never seen what to do, so it errs more, and gets further out.
# [@ross2010efficient] prove that such mistakes can grow with the square of the time, where a classifier's grow in proportion.
#
# ## One improvement: DAgger
#
# **Dataset aggregation** [@ross2011reduction], DAgger for short, lets the learner drive and the expert label: in the states where the learner ends up, what would the rules have done?
# Add those labels to all earlier ones, train on, and drive again.
# The learner gets twenty of the eighty lessons, then four times twenty other towns that it drives itself, and the clone's number of updates.


# %% dagger
torch.manual_seed(SEED)
dagger = Driver()
batches = [labelled(lessons, slice(20))]
for turn in range(5):
    together = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    imitate(dagger, together, 200 if turn < 4 else UPDATES - 800)
    if turn < 4:
        seeds = list(range(1100 + 20 * turn, 1120 + 20 * turn))
        batches.append(labelled(met := drive(at_the_wheel(dagger), seeds)))
        print(f"turn {turn + 1}:", ends(met))
drives["DAgger"] = drive(at_the_wheel(dagger), TOWNS)
dagger_count = len(together[2])
assert dagger_count < 1.15 * lesson_count
print("test:", ends(drives["DAgger"]))

# %% [markdown]
# Since its drives end early, that makes {{ dagger_count:,}} labels; the clone had {{ lesson_count:,}}.


# %% shift
# alt: Above, the distance from the lane that nine drives in ten stay below, over time: the rules stay near zero, the clone climbs to several metres, DAgger stays far below it. Below, the clone's steering error against distance from the lane rises several times over; a shaded strip on the left is all that the rules ever visited.
def from_lane(met):
    """The ninth decile of the distance; who has stopped keeps the last one."""
    last = met.off.copy()
    for t in range(1, len(last)):
        last[t] = np.where(met.on[t], last[t], last[t - 1])
    return np.quantile(last, 0.9, axis=1)


figure, (above, below) = plt.subplots(2, figsize=(5.4, 5.4))
for name, style in {"rules": "-", "clone": "--", "DAgger": ":"}.items():
    line = from_lane(drives[name])
    above.plot(TICK * np.arange(len(line)), line, style, label=name)
above.legend(loc="upper left")
above.set(xlabel="time, s", ylabel="from the lane, m")
places = np.array([0, 0.25, 0.5, 1, 1.5, 2, 3, 6])
which = np.digitize(off_own, places[1:-1])
full = [k for k in range(7) if (which == k).sum() > 5]
errors = [error_own[which == k].mean() for k in full]
below.plot((places[1:] + places[:-1])[full] / 2, errors, "o--", color="C1")
below.axvspan(0, worst_rules, color="C0", alpha=0.25)
below.set(xlabel="from the lane, m", ylabel="steering error, 1/m", ylim=(0, None))

# %% [markdown]
# Above, the distance from the lane that nine drives in ten stay below; who has stopped keeps the last value.
# Below, the clone's steering error against that distance; the shaded strip is all that its teacher ever showed.
#
# ## Five drivers compared


# %% compare
def wilson(k, n=50, z=1.96):
    """A 95 % interval for a share of which k of n were seen."""
    middle, half = k + z**2 / 2, z * np.sqrt(k * (n - k) / n + z**2 / 4)
    return (middle - half) / (n + z**2), (middle + half) / (n + z**2)


def resampled(values):
    """The middle 95 % of the mean when fifty towns are drawn anew."""
    draws = np.random.default_rng(0).integers(0, 50, (4000, 50))
    return np.quantile(values[draws].mean(1), [0.025, 0.975])


counts = {name: list(ends(met).values()) for name, met in drives.items()}
for name, met in drives.items():
    low, high = (100 * share for share in wilson(counts[name][2]))
    near, far = resampled(met.metres)
    crashes = f"crashes {2 * counts[name][2]:2} % ({low:2.0f} to {high:2.0f})"
    metres = f"{met.metres.mean():3.0f} m ({near:3.0f} to {far:3.0f})"
    apart = met.metres.sum() / 1000 / max(sum(counts[name][2:]), 1)
    print(f"{name:8} {crashes}, {metres}, a failure in {apart:.1f} km")
arrived = {name: met.end == "arrived" for name, met in drives.items()}
gained = drives["DAgger"].metres - drives["clone"].metres
short = drives["rules"].metres - drives["DAgger"].metres
gain, (gain_low, gain_high) = gained.mean(), resampled(gained)
lag, (lag_low, lag_high) = short.mean(), resampled(short)
more = 50 * resampled(1.0 * arrived["DAgger"] - arrived["clone"])
rules_a, blind_a, detector_a, clone_a, dagger_a = (c[0] for c in counts.values())
rules_c, blind_c, detector_c, clone_c, dagger_c = (c[2] for c in counts.values())
detector_w = counts["detector"][1]
clone_left, dagger_left = (sum(counts[name][3:]) for name in ("clone", "DAgger"))
more_low, more_high = more
assert rules_a > dagger_a > clone_a
assert clone_left > dagger_left + 3
assert rules_c < min(detector_c, dagger_c)

# %% outcomes
# alt: A bar of fifty drives for each of five drivers. The rules nearly always arrive. The blind driver crashes in about half. With the detector fewer crash, and some are still under way. The clone leaves the road or crashes in most. DAgger hardly ever leaves the road, but crashes in many.
# alt: Metres a drive for each of five drivers with their intervals. The rules drive furthest, the clone least; the other three lie between, and their intervals overlap.
figure, axes = plt.subplots(figsize=(5.4, 3.6))
left, names = np.zeros(5), list(counts)
for k, (end, hatch) in enumerate(zip(ENDS, ("", ".", "/", "x", "o"), strict=True)):
    width = np.array([counts[name][k] for name in names])
    look = {"facecolor": (f"C{k}", 0.4), "edgecolor": f"C{k}", "hatch": hatch}
    axes.barh(names, width, left=left, label=end, **look)
    for y, (x, w) in enumerate(zip(left, width, strict=True)):
        if w > 2:
            axes.text(x + w / 2, y, str(w), ha="center", va="center", weight="bold")
    left = left + width
axes.invert_yaxis()
axes.grid(visible=False)
axes.set(xlabel="drives of fifty, ends in the legend's order")
figure.legend(loc="outside upper center", ncols=3)
figure, axes = plt.subplots(figsize=(5.4, 2.2))
for y, met in enumerate(drives.values()):
    axes.plot(resampled(met.metres), [y, y], "-", color="C0")
    axes.plot(met.metres.mean(), y, "o", color="C0")
axes.set_yticks(range(5), names)
axes.invert_yaxis()
axes.set(xlabel="metres a drive, with 95 % interval")

# %% [markdown]
# DAgger arrives in {{ dagger_a }} towns where the clone arrived in {{ clone_a }}: more by {{ more_low:.0f}} to {{ more_high:.0f}}, when towns are resampled in pairs.
# It drives {{ gain:.0f }} m further on average ({{ gain_low:.0f }} to {{ gain_high:.0f }}), and leaves the road or its route {{ dagger_left }} times instead of {{ clone_left }}.
# What it was corrected in, it learned.
#
# It stays {{ lag:.0f }} m a drive behind the rules ({{ lag_low:.0f }} to {{ lag_high:.0f }}).
# It crashes in {{ dagger_c }} towns, the blind driver in {{ blind_c }}, and the clone in {{ clone_c }}, although that one often left the road before it could meet anybody.
# Does it see the others at all?


# %% braking
def braking(driver, met):
    """Acceleration, the rules' and the driver's, where the rules brake hard."""
    hard = met.on & (met.label[..., 1] < -3)
    with torch.no_grad():
        said = 3 * driver(met.view[hard], met.numbers[hard]).numpy()[:, 1]
    return met.label[hard][:, 1].mean(), said.mean(), (said < -3).mean()


asked, answered, in_time = braking(dagger, drives["DAgger"])
print(f"asked {asked:.1f} m/s², answered {answered:.1f}, as hard in {in_time:.0%}")
assert asked < answered < 0

# %% [markdown]
# Where the rules would brake harder than 3 m/s², they ask for {{ asked:.1f}} m/s² on average.
# DAgger answers with {{ answered:.1f}}, and brakes that hard in {{ in_time:.0%}} of the cases.
# Keeping to the road is practised in every picture.
# Whether to brake hangs on a few pixels that differ between two frames, and a regression that is not sure answers with the average of braking and going on, which is neither.
#
# The driver made of parts, a learned eye and written rules, crashes in {{ detector_c }} towns.
# That is no law: it had the places of cars as labels besides, and rules that fit this town.
#
# ### Off the lane, and the same places on it
#
# The clone's last three seconds in a town where it leaves its way, and DAgger at the same places.
# The line is the lane, and above each picture stands the distance from it.


# %% film
# alt: Two rows of four small pictures from above, same town and same places, each with a line for the lane. Above, the clone's car ends metres beside the line. Below, the car trained by DAgger passes the same places on the line.
strays = np.isin(drives["clone"].end, ENDS[3:]) & arrived["DAgger"]
town = int(np.flatnonzero(strays)[0])
route, clone_at = build(town)[0][0], drives["clone"].at[:, town]
stop = int(drives["clone"].on[:, town].sum()) - 1
figure, grid = plt.subplots(2, 4, figsize=(5.4, 3.4))
for row, name in zip(grid, ("clone", "DAgger"), strict=True):
    met = drives[name]
    for axes, t in zip(row, np.maximum(stop - np.array([12, 8, 4, 0]), 0), strict=True):
        frame = np.abs(met.at[:, town] - clone_at[t]).argmin()
        x, y, heading = met.pose[frame, town]
        ahead, to_left = turned(route - [x, y], heading).T
        look = {"cmap": "gray", "vmin": 0, "vmax": 255, "origin": "lower"}
        axes.imshow(met.view[frame, town, 0, :20, 6:26], **look)
        axes.plot(10 - to_left, ahead + 6, "--", color="C1")
        axes.plot(10, 6, "^", color="C0", markeredgecolor="white", markersize=9)
        axes.set(xlim=(-0.5, 19.5), ylim=(-0.5, 19.5), xticks=[], yticks=[])
        axes.set_title(f"{met.off[frame, town]:.1f} m")
        axes.grid(visible=False)
    row[0].set_ylabel(name)

# %% [markdown]
# The clone's last picture is one that no lesson had, so nothing tells it how to come back.
#
# ## What drives on roads today
#
# Of our car the detector is learned, and the clone and DAgger are; the route and the rules are written.
#
# [@bansal2019chauffeurnet] at Waymo found cloning not enough, even with thirty million examples and a perception system in front, and added made-up mistakes.
# In December 2025 Waymo described one large learned model from sensors to trajectories, by way of objects and road structure that can be inspected, and a separate layer on board that checks each trajectory [@waymo2025demonstrably].
# Most of that is learned, and the network alone is not trusted.
# By January 2025 its cars had driven 56.7 million miles with nobody at the wheel, with fewer injury crashes than human drivers [@kusano2025comparison]; the authors work for Waymo.
#
# ## What would go wrong in production
#
# **The sensor.**
# Dim the same test pictures to 60 % of their brightness, as at dusk, and the detector finds {{ dim_recall:.0%}} of the cars instead of {{ recall:.0%}}, while only {{ dim_precision:.0%}} of what it reports are cars.
# Nothing warns the driver.
#
# **The long tail.**
# Our town has no pedestrians and no rain.
# In Tempe in 2018 a test vehicle killed a woman who walked her bicycle across the road: it had detected her seconds before, but changed its mind about what she was, and did not expect people outside crossings [@ntsb2019collision].
#
# **Proof by driving.**
# With no failure in $n$ kilometres, a rate above $\lambda$ is excluded at 95 % if $e^{-\lambda n} \le 0.05$, so $n = \ln 20 / \lambda$.

# %% kilometres
PER_KM = 1.09e-8 / 1.609344  # deaths per kilometre on American roads, see below
needed = np.log(20) / PER_KM
rules_km = drives["rules"].metres.sum() / 1000
excluded = np.log(20) / rules_km
years = needed / (100 * 40 * 24 * 365)  # a hundred cars at 40 km/h, day and night
print(f"{needed / 1e6:.0f} million km without a death, {years:.1f} years")
millions, limit, others = needed / 1e6, STEPS * TICK, CARS

# %% [markdown]
# American drivers had 1.09 deaths in a hundred million miles in the year that [@kalra2016driving] start from.
# To show a rate no higher takes {{ millions:.0f }} million kilometres without a death: for a hundred cars at 40 km/h, day and night, {{ years:.0f }} years, and again after each change of the software.
# The {{ rules_km:.0f }} km of our rules, even had they been without a crash, would exclude no more than {{ excluded:.2f }} crashes a kilometre.
#
# **Liability.**
# By the British act of 2024 an authorised entity, and not the person in the seat, answers for how a vehicle drives itself [@uk2024automated].
# The European Union counts software as a product, liable for defects without fault, from December 2026 [@eu2024liability].
#
# **What this toy hides.**
# The pictures are drawn, from above, by cameras whose places are known exactly.
# The car's place on the map is exact, and the expert can be asked for a label in any state, even beside the road; a person would have to label without driving.
# There is one training seed for each network, and the intervals cover the choice of towns only.
#
# ## Exercises
#
# 1. Let a driver slip with a small chance in each step and never find back.
#    How does the time spent lost grow when the drive is twice as long, and how if half of the lost find back in each step?
#
#     ??? success "Solution"
#
#         {{ practical-applications/exercise_driving_compounding.py:growth:.1f }} times, and {{ practical-applications/exercise_driving_compounding.py:growth_mended:.1f }} times: nearly the square of the time, and the time.
#
#         ```snippet
#         practical-applications/exercise_driving_compounding.py
#         ```
#
# 2. How many kilometres does the proof take if one death is allowed?
#    How often does a car that is exactly twice as safe as people pass the test without any?
#
#     ??? success "Solution"
#
#         {{ practical-applications/exercise_driving_kilometres.py:longer:.2f }} times as many; and it passes with probability {{ practical-applications/exercise_driving_kilometres.py:passes:.0% }}.
#
#         ```snippet
#         practical-applications/exercise_driving_kilometres.py
#         ```
#
# 3. Dijkstra's algorithm looks in all directions.
#    Give it a guess of the remaining time that is never too high.
#
#     ??? success "Solution"
#
#         The same time for the way, and {{ practical-applications/exercise_driving_astar.py:seen_astar }} crossings settled instead of {{ practical-applications/exercise_driving_astar.py:seen_dijkstra }}.
#
#         ```snippet
#         practical-applications/exercise_driving_astar.py
#         ```
#
# ## Sources
#
# - [@dijkstra1959note]: the quickest way.
# - [@pomerleau1989alvinn]: the first cloned driver.
# - [@bojarski2016end]: cloned, on real roads.
# - [@codevilla2018end]: commands from navigation.
# - [@bansal2019chauffeurnet]: what cloning lacks.
# - [@ross2010efficient]: mistakes that grow.
# - [@ross2011reduction]: DAgger.
# - [@leurent2018environment]: the usual simulator.
# - [@waymo2025demonstrably]: one company's cars.
# - [@kusano2025comparison]: how often they crash.
# - [@kalra2016driving]: how many miles prove what.
# - [@ntsb2019collision]: the crash in Tempe.
# - [@uk2024automated]: a law on driving.
# - [@eu2024liability]: a law on products.
