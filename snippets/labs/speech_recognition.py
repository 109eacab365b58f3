"""A network beats templates in the noise that it was trained on, and in no other."""

# /// script
# [tool.dlref]
# tolerance = 0.02
# ///

# %% [markdown]
# # Speech recognition: digits from voices it never heard
#
# Somebody reads out a number, and a machine writes it down.
# It is the smallest task that has all of speech recognition in it.
#
# Four things make it hard.
# Nobody marks where one digit ends and the next begins.
# The same word takes twice as long on a slow day.
# A child's vowels lie where no man's do.
# And the microphone hears the whole kitchen.
#
# In this lab you compare words with stored templates, a method of the 1970s, and then train a recurrent network that was told *which* digits were said but never *when*.
# On {{ heard }} voices that neither has heard, the templates get {{ template_quiet:.1%}} of the digits wrong in silence and the network {{ network_quiet:.1%}}; in loud noise it is {{ template_0:.0%}} and {{ network_0:.0%}}.
# Where the sound is spoilt in another way, the templates win again.
#
# **The speech is synthetic.** [eSpeak NG](https://github.com/espeak-ng/espeak-ng) makes it from rules, in the build of this page.
# You will see below what that hides, and it is most of the difficulty: read every figure here as a figure about eSpeak.

# %% speaking
import math
from collections import Counter, defaultdict

import matplotlib.pyplot as plt
import torch
from torch import nn

from dlref import losses
from dlref.data import spoken

WORDS = "zero one two three four five six seven eight nine".split()
TRAIN = (
    "m1 m2 m3 m5 m7 max Gene Denis Marco antonio paul quincy robert adam "
    "f1 f2 f4 Alicia Annie steph grandma"
).split()
CHOOSE = "m6 pedro rob Andrea shelby david".split()
TEST = (
    "m4 victor travis boris michel Mario Reed announcer Lee iven "
    "f3 anika belinda zac whisper"
).split()


def say(text, voice, rate=175, pitch=50, accent="en-us"):
    """A waveform of root mean square 0.1, and so as loud as any other."""
    waveform, _ = spoken(text, f"{accent}+{voice}", rate, pitch)
    return 0.1 * waveform / waveform.square().mean().sqrt()


def numbers(count, voices, seed, accent="en-us", between=" ", rates=(130, 231)):
    """Waveforms and digits, three to six a number; the voices take turns."""
    generator = torch.Generator().manual_seed(seed)

    def draw(low, high, size=1):
        return torch.randint(low, high, (size,), generator=generator).tolist()

    waveforms, digits = [], []
    for k in range(count):
        digits.append(draw(0, 10, *draw(3, 7)))
        text = between.join(WORDS[d] for d in digits[-1])
        how = *draw(*rates), *draw(30, 71)
        waveforms.append(say(text, voices[k % len(voices)], *how, accent))
    return waveforms, digits


train, choose = numbers(660, TRAIN, 0), numbers(120, CHOOSE, 1)
test = numbers(240, TEST, 2)
HERTZ = 22_050
heard, deciding = len(TEST), len(CHOOSE)
minutes = sum(map(len, train[0])) / HERTZ / 60
print(
    f"{len(train[0])} numbers, {minutes:.0f} minutes, {len(TRAIN)} voices to train on"
)

# %% [markdown]
# Speed and pitch of each number are drawn at random.
# The voices are split, not the numbers: had the same voice been on both sides, you would measure how well a voice is remembered.
# A split by *name* is not enough either.
# eSpeak's `iven2` is `iven` with another breath, and `f5` has the throat of `f2`, so no such family is on both sides.
# `CHOOSE` is for decisions, `TEST` is looked at once they are made.
#
# ## What a microphone gives, and what a recogniser reads
#
# A waveform is {{ HERTZ:, }} numbers a second, and no digit can be read off it.
# So cut it into windows of 512 of them, one every 20 ms, and take the Fourier transform of each, as in [speech recognition](../recurrent-networks/index.md#speech-recognition).
# Then add up the power in 40 bands which are narrow at the bottom and wide at the top, as pitch is heard: the **mel** scale [@stevens1937scale], here in its usual formula $2595 \log_{10}(1 + f / 700)$.
# The logarithm of that is the **log-mel spectrogram**.
# Subtract from each band its own mean over the number, and a constant colouring, such as a microphone's, is gone.


# %% features
def mel_bank(scale=1.0):
    """Forty triangles from 60 Hz to 7.6 kHz, times scale: shape (257, 40)."""
    low, high = (2595 * math.log10(1 + f / 700) for f in (60, 7600))
    edges = scale * 700 * (10 ** (torch.linspace(low, high, 42) / 2595) - 1)
    f = torch.fft.rfftfreq(512, 1 / HERTZ)[:, None]
    rise = (f - edges[:-2]) / edges.diff()[:-1]
    fall = (edges[2:] - f) / edges.diff()[1:]
    return torch.minimum(rise, fall).clamp(min=0)


BANK, WINDOW = mel_bank(), torch.hann_window(512)


def log_mel(waveform, snr=math.inf, generator=None, bank=BANK):
    """Shape (T, 40), a row every 20 ms, with noise `snr` decibels below the voice."""
    if snr < math.inf:
        noise = torch.randn(len(waveform), generator=generator)
        waveform = waveform + 0.1 * 10 ** (-snr / 20) * noise
    waves = torch.view_as_real(torch.fft.rfft(waveform.unfold(0, 512, 441) * WINDOW))
    return torch.log(waves.square().sum(-1) @ bank + 0.01)


def frames_of(loudness, mean):
    """Two neighbours side by side: shape (T, 80), one row every 40 ms."""
    x = (loudness - mean) / 3
    return x[: len(x) // 2 * 2].reshape(-1, 80)


def features(waveform, *options):
    loudness = log_mel(waveform, *options)
    return frames_of(loudness, loudness.mean(0))


# %% look
# alt: Above, the waveform of three seven two: four swellings, with one short gap just before the last. Below, its log-mel spectrogram: vowels are dark stripes in the lower half, the s of seven and the t of two are clouds at the top.
def show(axes, loudness, seconds):
    axes.imshow(
        loudness.T.numpy(),
        cmap="Greys",
        aspect="auto",
        origin="lower",
        interpolation="none",
        extent=[0, seconds, 0, 40],
        vmin=-4,
        vmax=4,
    )
    axes.grid(visible=False)


waveform = say("three seven two", "m1", 150)
figure, (top, bottom) = plt.subplots(2, sharex=True, height_ratios=[2, 3])
pieces = waveform.unfold(0, 220, 220)
clock = torch.arange(len(pieces)) * 220 / HERTZ
top.fill_between(clock, pieces.amin(1), pieces.amax(1))
top.set(ylabel="pressure")
show(bottom, log_mel(waveform), len(waveform) / HERTZ)
bottom.set(xlabel="time, s", ylabel="mel band")

# %% [markdown]
# "Three seven two", and you cannot see three words in either: the only gap is inside the last one, where the tongue holds the breath for its *t*.
# The *s* of seven and the *t* of two are clouds at the top, the vowels are stripes below.
# The stripes are what a mouth does to a buzz: resonances, called **formants**, that move as the tongue moves.
# They also differ from mouth to mouth.

# %% voices
# alt: Four log-mel spectrograms of the word seven. The ordinary man's has dark stripes in the lower half. The child's stripes lie higher and further apart. The whisper has no stripes at the bottom. With noise, the top is grey throughout and only the strongest stripes remain.
figure, grid = plt.subplots(2, 2, sharey=True, sharex=True)
shown = [
    ("m1", math.inf, "a man"),
    ("zac", math.inf, "a child"),
    ("whisper", math.inf, "a whisper"),
    ("m1", 5, "the man, 5 dB"),
]
for axes, (voice, snr, title) in zip(grid.flat, shown, strict=True):
    waveform = say("seven", voice, 150)
    loudness = log_mel(waveform, snr, torch.Generator().manual_seed(0))
    show(axes, loudness, len(waveform) / HERTZ)
    axes.set_title(title)
figure.supxlabel("time, s", fontsize=11)
figure.supylabel("mel band", fontsize=11)

# %% [markdown]
# The same word four times.
# The child's short throat moves the formants up, the whisper has no buzz at all, and white noise fills every cell that was empty.
# Its level is given as a **signal-to-noise ratio**: at 0 dB noise and voice have equal power, at 20 dB the voice has a hundred times as much.
#
# ## First baseline: stretch a template until it fits
#
# Store each word once for each training voice.
# To compare a stored word with a new one, let time run faster or slower: each new frame may stay with the template's frame, go on to the next, or skip one.
# **Dynamic time warping** finds the cheapest such walk, sweeping over the frames once [@sakoe1978dynamic].
# With $d_t(s)$ the distance of frame $t$ to the template's frame $s$,
#
# $$\begin{aligned}D_t(s) = d_t(s) + \min\{&D_{t-1}(s),\\ &D_{t-1}(s-1),\\ &D_{t-1}(s-2)\}\end{aligned}$$
#
# One more idea turns it into a recogniser of whole numbers: where a template ends, any other may begin [@ney1984use].
# The sweep below does both; `more` is the price of another word, and with an infinite price there is just one.


# %% templates
def library(voices):
    """All words of all voices, in three sizes of throat and at four levels of noise."""
    generator, parts = torch.Generator().manual_seed(3), []
    for v, voice in enumerate(voices):
        words = [say(word, voice) for word in WORDS]
        for k, scale in enumerate((0.78, 1.0, 1.28)):
            snr = (math.inf, 20, 10, 0)[(v + k) % 4]
            bank = mel_bank(scale)
            loudness = [log_mel(word, snr, generator, bank) for word in words]
            parts += [frames_of(one, torch.cat(loudness).mean(0)) for one in loudness]
    lengths = torch.tensor([len(part) for part in parts])
    ends = lengths.cumsum(0) - 1
    return torch.cat(parts), ends - lengths + 1, ends


def match(x, templates, more=0.0):
    """The words that fit best, one after the other: (digit, first frame, end)."""
    frames, starts, ends = templates
    cost, begun = torch.full((len(frames),), math.inf), torch.zeros(len(frames)).long()
    enter, finished = 0.0, []
    for t, distance in enumerate(torch.cdist(x, frames)):
        walks = torch.stack([cost, cost.roll(1), cost.roll(2)])
        births = torch.stack([begun, begun.roll(1), begun.roll(2)])
        walks[1:, starts], births[1:, starts] = enter, t
        walks[2, starts + 1], births[2, starts + 1] = enter, t
        cost, move = walks.min(0)
        cost, begun = cost + distance, births.gather(0, move[None])[0]
        best = int(cost[ends].argmin())
        finished.append((best % 10, int(begun[ends[best]]), t + 1))
        enter = float(cost[ends[best]]) + more
    words = [finished[-1]]
    while words[0][1] > 0:
        words.insert(0, finished[words[0][1] - 1])
    return words


templates = library(TRAIN)
single = {}
for snr in (math.inf, 10):
    generator = torch.Generator().manual_seed(5)
    guesses = []
    for voice in TEST:
        loudness = [log_mel(say(word, voice, 150), snr, generator) for word in WORDS]
        x = [frames_of(one, torch.cat(loudness).mean(0)) for one in loudness]
        guesses.append([match(one, templates, more=math.inf)[0][0] for one in x])
    right = torch.tensor(guesses) == torch.arange(10)
    single[snr] = right.double().mean().item()
single_quiet, single_noisy = single[math.inf], single[10]
print(
    f"single digits right: {single_quiet:.1%} in silence, {single_noisy:.1%} at 10 dB"
)

# %% [markdown]
# Of single digits from voices that the templates never met, {{ single_quiet:.0%}} are right, without any training.
# At 10 dB it is {{ single_noisy:.0%}}.
# The templates were given every help that the network will get: noisy copies, and copies with a longer and a shorter throat.
#
# A whole number is measured by its **digit error rate**: the fewest insertions, deletions and substitutions that turn what was heard into what was said, divided by how many digits were said.
# Counted over characters this is the **character error rate**, over words the *word error rate*; a digit is both.
# It can exceed 1.


# %% measure
def edits(heard, said):
    """Levenshtein's distance, row by row."""
    row = list(range(len(said) + 1))
    for i, a in enumerate(heard, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(said, 1):
            best = min(diagonal + (a != b), row[j] + 1, row[j - 1] + 1)
            diagonal, row[j] = row[j], best
    return row[-1]


def count_edits(texts, said):
    both = zip(texts, said, strict=True)
    return torch.tensor([edits(a, b) for a, b in both]).double()


def lengths(said):
    return torch.tensor([len(digits) for digits in said]).double()


def rate(errors, said):
    return (errors.sum() / lengths(said).sum()).item()


assert edits([1, 2, 2, 4], [1, 2, 3, 4, 5]) == 2

QUIET = math.inf
LEVELS = (QUIET, 20, 10, 0)


def inputs(waveforms, snr=math.inf):
    generator = torch.Generator().manual_seed(9)
    return [features(waveform, snr, generator) for waveform in waveforms]


test_inputs = {snr: inputs(test[0], snr) for snr in LEVELS}
by_template = {}
for snr, xs in test_inputs.items():
    texts = [[word for word, _, _ in match(x, templates)] for x in xs]
    by_template[snr] = count_edits(texts, test[1])
    print(f"{snr:>4} dB: {rate(by_template[snr], test[1]):.1%} of the digits wrong")

# %% [markdown]
# ## A network that was never told when
#
# A bidirectional [GRU](../recurrent-networks/index.md#the-gru) reads the frames in both directions, and a linear layer gives eleven scores at each: ten digits and the **blank**.
# Training pairs are a sound and a text, without times, so the loss is [CTC](../recurrent-networks/index.md#all-the-times-at-which-it-may-have-been-said): minus the logarithm of the probability of all paths that read as this text [@graves2006connectionist].
# `dlref.losses.ctc` is the formula, for one number at a time; torch's is the same for a batch, and fast.
# Check that once, then train with torch's.


# %% network
class Recogniser(nn.Module):
    """Log-probabilities for each 40 ms: first the blank, then the ten digits."""

    def __init__(self, hidden=64):
        super().__init__()
        self.recur = nn.GRU(80, hidden, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.read = nn.Linear(2 * hidden, 11)

    def forward(self, xs):
        """From a list of (T, 80) to (T, B, 11), and how many steps of each count."""
        packed = nn.utils.rnn.pack_sequence(xs, enforce_sorted=False)
        states, steps = nn.utils.rnn.pad_packed_sequence(self.recur(packed)[0])
        return self.read(self.drop(states)).log_softmax(-1), steps


def ctc_loss(log_p, steps, said, reduction="mean"):
    labels = torch.tensor([digit + 1 for digits in said for digit in digits])
    counts = lengths(said).long()
    return nn.functional.ctc_loss(log_p, labels, steps, counts, reduction=reduction)


torch.manual_seed(0)
log_p, steps = Recogniser()(test_inputs[20][:3])
ours = [
    losses.ctc(log_p[: steps[k], k], torch.tensor(test[1][k]) + 1) for k in range(3)
]
theirs = ctc_loss(log_p, steps, test[1][:3], reduction="none")
assert torch.allclose(torch.stack(ours), theirs, rtol=1e-4)
print("ours ", [round(one.item(), 3) for one in ours])
print("torch", [round(one.item(), 3) for one in theirs])

# %% [markdown]
# `pack_sequence` matters: the backward half of the network would otherwise start in the padding, and what it writes would depend on which other numbers happen to be in its batch.
#
# Two ways to train, that differ only in what is done to the same {{ minutes:.0f }} minutes of speech:
#
# - *plain*: nothing;
# - *varied*: in each epoch every number gets a new level of noise, three in ten of them none and the others down to −5 dB, and the filters of its spectrogram are moved up or down by up to a third, which is roughly what a shorter or longer throat does [@jaitly2013vocal].
#
# Numbers of about the same length share a batch, because a batch takes as long as its longest.


# %% training
BANKS = [mel_bank(scale) for scale in torch.linspace(-0.3, 0.3, 11).exp().tolist()]


def varied():
    count = len(train[0])
    levels = 43 * torch.rand(count) - 5  # three in ten will be above 25
    levels[levels > 25] = math.inf
    throats = torch.randint(len(BANKS), (count,))
    how = zip(train[0], levels.tolist(), throats, strict=True)
    return [features(waveform, snr, None, BANKS[k]) for waveform, snr, k in how]


def fit(examples, seed, epochs=7, batch=32):
    torch.manual_seed(seed)
    network, count = Recogniser(), len(train[0])
    optimizer = torch.optim.Adam(network.parameters())
    steps = epochs * math.ceil(count / batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, steps)
    for _ in range(epochs):
        xs = examples()
        longer = torch.tensor([len(x) for x in xs]) * (1 + 0.3 * torch.rand(count))
        batches = longer.argsort().split(batch)
        for k in torch.randperm(len(batches)):
            rows = batches[k]
            optimizer.zero_grad()
            log_p, steps = network([xs[row] for row in rows])
            ctc_loss(log_p, steps, [train[1][row] for row in rows]).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return network.eval()


as_said = inputs(train[0])
plain = fit(lambda: as_said, seed=0)
networks = [fit(varied, seed) for seed in range(3)]


def probabilities(network, xs):
    """For each number a tensor of log-probabilities, shape (T, 11)."""
    with torch.no_grad():
        log_p, steps = network(xs)
    return [log_p[:n, k] for k, n in enumerate(steps)]


def greedy(log_p):
    """The likeliest path: merge repeats, drop blanks."""
    path = log_p.argmax(-1).unique_consecutive()
    return (path[path > 0] - 1).tolist()


def network_edits(network, xs, said):
    return count_edits(map(greedy, probabilities(network, xs)), said)


choice = {}
for name, network in ("plain", plain), ("varied", networks[0]):
    choice[name] = [
        rate(network_edits(network, inputs(choose[0], snr), choose[1]), choose[1])
        for snr in (math.inf, 10)
    ]
    print(f"{name:8} {choice[name][0]:.1%} in silence, {choice[name][1]:.1%} at 10 dB")
choice_plain, choice_varied = choice["plain"][0], choice["varied"][0]
noisy_plain, noisy_varied = choice["plain"][1], choice["varied"][1]
assert choice_varied < 0.8 * choice_plain
assert noisy_varied < 0.5 * noisy_plain

# %% [markdown]
# These are the {{ deciding }} voices for decisions.
# Varying mends noise, {{ noisy_varied:.1%}} in place of {{ noisy_plain:.1%}}.
# It mends silence as well, {{ choice_varied:.1%}} in place of {{ choice_plain:.1%}}, since moved filters make up voices that eSpeak does not have.
# That decides: from here on, "the network" is the varied one, trained with three seeds.
#
# ## From probabilities to digits
#
# **Greedy** decoding takes the likeliest class at each step.
# That is the likeliest *path*, and CTC asked for the likeliest *text*, whose probability is spread over many paths.
# **Prefix search** adds them up as it goes: it keeps the eight likeliest beginnings, each with the probability of ending in a blank and of ending in its last digit [@graves2006connectionist; @hannun2014first].


# %% prefix
def prefix_search(log_p, width=8):
    """The likeliest text among those that the beam keeps."""
    beam = {(): (1.0, 0.0)}  # text: chance that it ends in a blank, in its last digit
    for step in log_p.exp().tolist():
        grown = defaultdict(lambda: [0.0, 0.0])
        for text, (blank, digit) in beam.items():
            grown[text][0] += (blank + digit) * step[0]
            if text:
                grown[text][1] += digit * step[text[-1]]
            for label in range(1, 11):
                repeated = text[-1:] == (label,)  # it takes a blank between
                before = blank if repeated else blank + digit
                grown[*text, label][1] += before * step[label]
        beam = dict(sorted(grown.items(), key=lambda item: -sum(item[1]))[:width])
    return [label - 1 for label in max(beam, key=lambda text: sum(beam[text]))]


def cost(log_p, text):
    return losses.ctc(log_p, torch.tensor(text, dtype=torch.int64) + 1)


listened = probabilities(networks[0], test_inputs[0])
one_path, one_text = [greedy(p) for p in listened], [prefix_search(p) for p in listened]
differ = [k for k in range(len(listened)) if one_path[k] != one_text[k]]
gains = [
    cost(listened[k], one_path[k]) - cost(listened[k], one_text[k]) for k in differ
]
differing, likelier = len(differ), sum(gain > 0 for gain in gains)
assert likelier > 0.8 * differing
greedy_rate = rate(count_edits(one_path, test[1]), test[1])
prefix_rate = rate(count_edits(one_text, test[1]), test[1])
print(f"at 0 dB: greedy {greedy_rate:.1%}, prefix search {prefix_rate:.1%}")
print(f"{differing} of {len(listened)} differ, {likelier} texts are likelier")

# %% [markdown]
# At 0 dB, where the network is least sure, the two differ for {{ differing }} numbers.
# For {{ likelier }} of them prefix search finds the text with the higher probability; it may lose the best one, as its beam is narrow.
# The error rate goes from {{ greedy_rate:.1%}} to {{ prefix_rate:.1%}}, which is little: a likelier text is not always a truer one.
# Prefix search earns its keep where something is known about the text, as the second of the [exercises](#exercises) shows, so the figures below are greedy ones.
#
# ## Error against noise, and how sure you can be
#
# Numbers by the same voice go wrong together.
# A bootstrap that draws *numbers* treats them as independent and is too sure; the bands below draw *voices* [@bisani2004bootstrap].


# %% noise
# alt: Digit error rate against the level of the noise, from none to 0 dB. The plain network rises from about a tenth to about seven tenths. The templates begin lowest and rise to almost a third. The network begins a little higher than the templates, stays level down to 10 dB and ends at about a fifth.
def interval(errors, said, voices, by="voice"):
    """The middle 95% of error rates when voices, or single numbers, are drawn again."""
    each, count = errors.view(-1, voices), lengths(said).view(-1, voices)
    if by == "number":
        each, count = each.view(1, -1), count.view(1, -1)
    size, generator = each.shape[1], torch.Generator().manual_seed(0)
    draws = torch.randint(size, (2000, size), generator=generator)
    drawn = each.sum(0)[draws].sum(1) / count.sum(0)[draws].sum(1)
    return drawn.quantile(torch.tensor([0.025, 0.975]).double()).tolist()


seeds = {
    snr: [network_edits(network, xs, test[1]) for network in networks]
    for snr, xs in test_inputs.items()
}
by_network = {snr: torch.stack(errors).mean(0) for snr, errors in seeds.items()}
by_plain = {snr: network_edits(plain, xs, test[1]) for snr, xs in test_inputs.items()}

models = {"plain network": by_plain, "templates": by_template, "network": by_network}
figure, axes = plt.subplots()
for (label, errors), style in zip(models.items(), (":s", "--^", "-o"), strict=True):
    middles = [rate(errors[snr], test[1]) for snr in LEVELS]
    spans = torch.tensor([interval(errors[snr], test[1], heard) for snr in LEVELS])
    axes.plot(range(4), middles, style, label=label)
    axes.fill_between(range(4), *spans.T, alpha=0.15, linewidth=0)
axes.set(xlabel="signal-to-noise ratio, dB", ylabel="digit error rate", ylim=(0, 1))
axes.set_xticks(range(4), ["no noise", "20", "10", "0"])
axes.legend(loc="upper left")


# %% headline
def middle(snr):
    return (
        torch.tensor([rate(errors, test[1]) for errors in seeds[snr]]).median().item()
    )


def lead(snr):
    """How many more of the digits the templates get wrong, and how sure that is."""
    difference = by_template[snr] - by_network[snr]
    return rate(difference, test[1]), *interval(difference, test[1], heard)


for snr in LEVELS:
    of_seeds = " ".join(f"{rate(errors, test[1]):.1%}" for errors in seeds[snr])
    print(f"{snr:>4} dB: templates {rate(by_template[snr], test[1]):.1%}, {of_seeds}")
template_quiet, template_10, template_0 = (
    rate(by_template[snr], test[1]) for snr in (QUIET, 10, 0)
)
network_quiet, network_10, network_0 = map(middle, (QUIET, 10, 0))
plain_quiet, plain_10, rate_plain_0 = (
    rate(by_plain[snr], test[1]) for snr in (QUIET, 10, 0)
)
lead_10, low_lead_10, high_lead_10 = lead(10)
lead_0, low_lead_0, high_lead_0 = lead(0)
low_voice, high_voice = interval(by_network[10], test[1], heard)
low_number, high_number = interval(by_network[10], test[1], heard, by="number")
assert template_quiet < 0.06
assert template_quiet < network_quiet < 0.16  # in silence the baseline wins
assert network_10 < 0.13
assert network_0 < 0.85 * template_0  # in loud noise the network does
assert plain_10 > 2 * network_10
assert low_lead_0 > 0  # drawn by voices, too

# %% [markdown]
# | digit error rate, unseen voices | no noise | 10 dB | 0 dB |
# |---|---|---|---|
# | templates, no training | **{{ template_quiet:.1%}}** | {{ template_10:.1%}} | {{ template_0:.1%}} |
# | plain network | {{ plain_quiet:.1%}} | {{ plain_10:.1%}} | {{ rate_plain_0:.1%}} |
# | network, median of three seeds | {{ network_quiet:.1%}} | {{ network_10:.1%}} | **{{ network_0:.1%}}** |
#
# In silence the templates win.
# That is the synthesiser speaking: its *seven* is the same rule in every voice, and stretching a template of it is nearly the inverse of how it was made.
# A person never says a word twice in the same way.
# The network gains nothing from silence; seven in ten of its training numbers had noise.
# At 0 dB the order turns round: noise is no rule, and averaging over it is what training does.
#
# And mind the width.
# Drawing single numbers, the network's rate at 10 dB lies between {{ low_number:.1%}} and {{ high_number:.1%}}; drawing voices, between {{ low_voice:.1%}} and {{ high_voice:.1%}}.
# The second is the answer to "what would a new caller see?".
# Drawn in that way, the lead over the templates lies between {{ low_lead_0:.1%}} and {{ high_lead_0:.1%}} at 0 dB, and between {{ low_lead_10:.1%}} and {{ high_lead_10:.1%}} at 10 dB: only the first is sure.
#
# ### A mean that nobody experiences


# %% by_voice
# alt: Digit error rate of fifteen unseen voices at 10 dB, network and templates. For about ten voices both are near zero. The whisper is worst for the network; anika, the child zac, travis and announcer lie between.
def by_voice(errors):
    return errors.view(-1, heard).sum(0) / lengths(test[1]).view(-1, heard).sum(0)


each_network, each_template = by_voice(by_network[10]), by_voice(by_template[10])
order = each_network.argsort(stable=True)
figure, axes = plt.subplots(figsize=(5.4, 4.2))
axes.plot(each_network[order], range(heard), "o", label="network")
axes.plot(each_template[order], range(heard), "^", fillstyle="none", label="templates")
axes.set(xlabel="digit error rate at 10 dB", xlim=(-0.02, None))
axes.set_yticks(range(heard), [TEST[k] for k in order])
axes.legend(loc="lower right")
good, worst = int((each_network < 0.02).sum()), each_network.max().item()
worst_voice = TEST[int(each_network.argmax())]
of_others = torch.tensor([voice != worst_voice for voice in TEST]).repeat(16)
others = [said for said, other in zip(test[1], of_others, strict=True) if other]
rest_rate = rate(by_network[10][of_others], others)

# %% [markdown]
# For {{ good }} of {{ heard }} voices fewer than one digit in fifty is wrong, and for the {{ worst_voice }} {{ worst:.0%}} are.
# Without that one voice, the rate is {{ rest_rate:.1%}}.
# Nobody among the callers gets the average service.
# With people it is the same: five commercial recognisers made nearly twice as many errors for Black as for white speakers of American English [@koenecke2020racial].
#
# ## When did it hear that?

# %% alignment
# alt: Above, the log-mel spectrogram of a number by an unseen voice, with dashed vertical lines where the templates place the borders between words and each digit written at the top of its part. Below, the network's probabilities: the blank is near one, and within each part one digit has a narrow spike.
numbers_of_f3 = range(TEST.index("f3"), len(test[1]), heard)
quiet = probabilities(networks[0], test_inputs[QUIET])
k = next(k for k in numbers_of_f3 if greedy(quiet[k]) == test[1][k])
x, p = test_inputs[QUIET][k], quiet[k].exp()
seconds, words = 0.04 * len(x), match(x, templates)
figure, (top, bottom) = plt.subplots(2, sharex=True)
show(top, x.reshape(-1, 40) * 3, seconds)
for digit, begin, end in words:
    top.axvline(0.04 * end, color="C1", linestyle="--")
    top.text(0.02 * (begin + end), 41, str(digit), ha="center", va="bottom")
top.set(ylabel="mel band")
times, likeliest = 0.04 * torch.arange(len(p)) + 0.02, p.argmax(1)
bottom.plot(times, p[:, 0], ":", color="C7", label="blank")
bottom.plot(times, p[:, 1:].amax(1), color="C0", label="best digit")
for t, label in enumerate(likeliest):
    if label and (t == 0 or likeliest[t - 1] != label):
        bottom.text(times[t], 1.03, str(int(label) - 1), ha="center", va="bottom")
bottom.set(xlabel="time, s", ylabel="probability", ylim=(0, 1.25), yticks=[0, 0.5, 1])
bottom.legend(loc="center")
assert [word for word, _, _ in words] == test[1][k]

# %% [markdown]
# A number that both hear, by a voice that neither knew.
# The templates must explain every frame, so they know where each word begins and ends.
# The network answers with spikes: one frame of a digit is enough for CTC, and the rest is blank.
# If you need subtitles in time with the lips, or want to cut a word out, do not take the width of a spike for a word.
#
# ## Errors, one by one

# %% errors
texts = [greedy(p) for p in probabilities(networks[0], test_inputs[10])]
pairs = list(zip(test[1], texts, strict=True))
wrong = [k for k, (said, text) in enumerate(pairs) if said != text]
for voice in dict.fromkeys(TEST[k % heard] for k in wrong):
    for k in [k for k in wrong if TEST[k % heard] == voice][:2]:
        said, text = ("".join(map(str, digits)) for digits in pairs[k])
        print(f"{voice:10} said {said:7} heard {text}")

swapped = Counter(
    digits
    for said, text in pairs
    if len(said) == len(text)
    for digits in zip(said, text, strict=True)
    if digits[0] != digits[1]
)
((often, often_times),) = swapped.most_common(1)
often_said, often_heard = (WORDS[digit] for digit in often)
tested, mistaken = len(pairs), len(wrong)
shorter = sum(len(text) < len(said) for said, text in pairs)
longer = sum(len(text) > len(said) for said, text in pairs)
wrong_worst = sum(TEST[k % heard] == worst_voice for k in wrong)
print(f"{mistaken} of {tested} numbers: {shorter} too short, {longer} too long")

# %% [markdown]
# At 10 dB, {{ mistaken }} of {{ tested }} numbers have a mistake, {{ wrong_worst }} of them the {{ worst_voice }}'s.
# Too short are {{ shorter }}, too long {{ longer }}; where the length is right, the most frequent confusion is *{{ often_said }}* heard as *{{ often_heard }}*, {{ often_times }} times.
# A number that is too short fails a check of its length, and can be asked for again.
# One wrong digit among six looks exactly like a right answer.
#
# ## What would go wrong in production
#
# Now change one thing at a time, for voices that both have heard.


# %% worlds
# alt: Digit error rate of network and templates in ten conditions. As trained and in white noise both are near zero. With pauses and fast speech the templates are worse, in the first case much worse. With accents, telephone, echo and other voices the network is worse, on the telephone by a factor of about five.
def louder(waveform):
    return 0.1 * waveform / waveform.square().mean().sqrt()


def random(count, seed):
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


def telephone(waveform):
    """Nothing below 300 Hz, nothing above 3,400 Hz."""
    waves, size = torch.fft.rfft(waveform), len(waveform)
    f = torch.fft.rfftfreq(size, 1 / HERTZ)
    return louder(torch.fft.irfft(waves * ((f > 300) & (f < 3400)), size))


def room(waveform, seconds=0.3):
    """An echo that loses 60 dB in `seconds`, as strong as the voice itself."""
    count = int(seconds * HERTZ)
    echo = random(count, seed=4) * 10 ** (-3 * torch.arange(count) / count)
    echo = echo / echo.norm()
    echo[0] = 1
    size = len(waveform) + count
    waves = torch.fft.rfft(waveform, size) * torch.fft.rfft(echo, size)
    return louder(torch.fft.irfft(waves, size))


def babble(waveforms, k):
    """Six of the other numbers at once, repeated until the voice ends, at 10 dB."""
    size, crowd = len(waveforms[k]), 0
    for j in range(1, 7):
        other = waveforms[(k + 5 * j) % len(waveforms)]
        crowd = crowd + other.repeat(size // len(other) + 1)[:size]
    return waveforms[k] + 10**-0.5 * louder(crowd)


count = 2 * len(TRAIN)
sounds, digits = numbers(count, TRAIN, 3)
hiss = 0.1 * 10**-0.5  # 10 dB below a voice of 0.1
worlds = {
    "as trained": sounds,
    "white noise, 10 dB": [w + hiss * random(len(w), k) for k, w in enumerate(sounds)],
    "short pauses": numbers(count, TRAIN, 3, between=", ")[0],
    "300 words a minute": numbers(count, TRAIN, 3, rates=(300, 301))[0],
    "southern England": numbers(count, TRAIN, 3, "en-gb-x-rp")[0],
    "Scotland": numbers(count, TRAIN, 3, "en-gb-scotland")[0],
    "Caribbean": numbers(count, TRAIN, 3, "en-029")[0],
    "telephone": [telephone(w) for w in sounds],
    "echo of 0.3 s": [room(w) for w in sounds],
    "six other voices": [babble(sounds, k) for k in range(count)],
}
by_net, by_word = {}, {}
print("digits wrong        network templates")
for name, waveforms in worlds.items():
    xs = inputs(waveforms)
    edits_made = [network_edits(network, xs, digits) for network in networks]
    by_net[name] = torch.stack(edits_made).mean(0)
    texts = [[word for word, _, _ in match(x, templates)] for x in xs]
    by_word[name] = rate(count_edits(texts, digits), digits)
    wrong_net = rate(by_net[name], digits)
    print(f"{name:19} {wrong_net:7.0%} {by_word[name]:9.0%}")
rates = [rate(errors, digits) for errors in by_net.values()]
figure, axes = plt.subplots(figsize=(5.4, 4.2))
for row, errors in enumerate(by_net.values()):
    axes.plot(interval(errors, digits, len(TRAIN)), [row, row], color="C0")
axes.plot(rates, range(len(rates)), "o", color="C0", label="network")
axes.plot(
    by_word.values(), range(len(rates)), "^C1", fillstyle="none", label="templates"
)
axes.set(xlabel="digit error rate, voices both know", xlim=(0, None))
axes.set_yticks(range(len(rates)), by_net)
axes.invert_yaxis()
axes.legend()
trained, white, pauses, fast, _, scotland, caribbean, line, echo, crowd = rates
white_words, pauses_words = by_word["white noise, 10 dB"], by_word["short pauses"]
fast_words, caribbean_words = by_word["300 words a minute"], by_word["Caribbean"]
line_words, echo_words = by_word["telephone"], by_word["echo of 0.3 s"]
crowd_words = by_word["six other voices"]
assert max(trained, white) < 0.06
assert min(crowd, echo, line) > 3 * max(trained, white)
assert line > 2 * line_words
assert crowd > 1.3 * crowd_words
assert pauses < 0.7 * pauses_words

# %% [markdown]
# White noise is the network's own ground, {{ white:.1%}} wrong against {{ white_words:.1%}}.
# With a comma between the digits it makes {{ pauses:.0%}} against the templates' {{ pauses_words:.0%}}, and in haste {{ fast:.0%}} against {{ fast_words:.0%}}: templates have no word for silence, and may skip only one frame at a time.
#
# Everywhere else the templates, which were never trained, hold up better.
# Six other voices at the same 10 dB: {{ crowd:.0%}} against {{ crowd_words:.0%}}.
# A small room, which smears each sound over the next: {{ echo:.0%}} against {{ echo_words:.0%}}.
# A telephone, which cuts off the *s*: {{ line:.0%}} against {{ line_words:.0%}}.
# The same throats with Caribbean rules of pronunciation: {{ caribbean:.0%}} against {{ caribbean_words:.0%}}.
#
# The network could learn each of these, once somebody has thought of putting it into the training data.
# "Robust to noise" means "to noise of this kind".
#
# ### What synthetic speech hides
#
# - **Speakers.** eSpeak's voices share one tongue: the same rules, at other frequencies. People differ in timing, in melody, in teeth, in age, and from one day to the next. Of the {{ heard }} unseen voices, three are women, one is a child, and the rest are men or monsters.
# - **Rooms and microphones.** There is none here. The room and the telephone above are formulas.
# - **Accents.** Those above are a linguist's rule sets with one number for each vowel, not people.
# - **Spontaneous speech.** Nobody hesitates, corrects herself, says "oh" for zero or "double five", laughs, or talks to somebody else.
# - **Vocabulary.** Ten words that differ well. A dictation system has half a million, and *fifteen* beside *fifty*.
#
# The real counterpart of this lab is a corpus of people: TIDIGITS [@leonard1984database] has 326 speakers from across the United States, in a quiet booth.
# Recognisers in use are trained on hundreds of thousands of hours, with attention instead of recurrence [@radford2023robust].
# This network also cannot stream: its backward half waits for the end of the number before it says anything.
#
# ## Exercises
#
# 1. At each of two steps the blank has probability 0.6 and *a* has 0.4. What does greedy decoding read, and which text is likelier?
#
#     ??? success "Solution"
#
#         It reads nothing, which has probability {{ practical-applications/exercise_speech_recognition_path.py:silence:.2f }}.
#         The text *a* has {{ practical-applications/exercise_speech_recognition_path.py:a:.2f }}, spread over three paths.
#
#         ```snippet
#         practical-applications/exercise_speech_recognition_path.py
#         ```
#
# 2. Callers say one of 60 account numbers of three digits. Without training anything anew, how much is it worth to know that there are three digits, and to know the list?
#
#     ??? success "Solution"
#
#         Score each candidate by CTC, all 729 of them.
#         A small network is right in {{ practical-applications/exercise_speech_recognition_list.py:greedy:.0%}} by greedy decoding, in {{ practical-applications/exercise_speech_recognition_list.py:three_digits:.0%}} when it knows the length, and in {{ practical-applications/exercise_speech_recognition_list.py:on_the_list:.0%}} when it knows the list.
#
#         ```snippet
#         practical-applications/exercise_speech_recognition_list.py
#         ```
#
# 3. How much of the templates' success is the warping? Compare it with stretching each word evenly to the template's length.
#
#     ??? success "Solution"
#
#         Next to nothing here: {{ practical-applications/exercise_speech_recognition_stretch.py:by_warping:.0%}} are right by warping and {{ practical-applications/exercise_speech_recognition_stretch.py:by_stretching:.0%}} by stretching.
#         A synthesiser that speaks faster shortens everything nearly alike, and people do not.
#
#         ```snippet
#         practical-applications/exercise_speech_recognition_stretch.py
#         ```
#
# ## Sources
#
# - [@sakoe1978dynamic]: dynamic time warping, for spoken words.
# - [@ney1984use]: the sweep that finds words and borders at once.
# - [@graves2006connectionist]: CTC, and prefix search in its section 3.2.
# - [@hannun2014first]: the beam form of prefix search, with a language model in it.
# - [@jaitly2013vocal]: warping the frequency axis to make up speakers.
# - [@bisani2004bootstrap]: bootstrap for error rates, by speaker.
# - [@koenecke2020racial]: who is misheard.
# - [@stevens1937scale]: the mel.
# - [@leonard1984database]: the same task, said by people.
# - [@radford2023robust]: what it takes outside.
