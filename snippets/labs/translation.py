"""Attention nearly halves the error of copying and still does not beat a word list."""

# /// script
# [tool.dlref]
# amplifies = true
# ///

# %% [markdown]
# # Translation: names from English to French
#
# *Sakhalin summer time* becomes *heure d’été de Sakhaline*: the order turns round, two words are replaced, one word appears from nowhere, and one is spelt a little differently.
# The output is not even as long as the input, so translation is a **sequence-to-sequence** problem: read a sequence, then write another of any length.
#
# In this lab you train an encoder and a decoder with **attention** on {{ count:,}} pairs of names, character by character.
# You will see three things.
# The split decides what you measure: against copying, the network gains {{ points_known:+.0f}} points in names exactly right when relatives of the test names were in training, and {{ points_new:+.0f}} when they were not.
# The strongest baseline is a word list read backwards, and the network does not beat it.
# And attention finds out by itself which English letters a French letter comes from.

# %% [markdown]
# ## The data
#
# Every telephone knows the names of countries, languages, scripts, currencies, time zones and units, in hundreds of languages.
# They come from the Common Locale Data Repository [@unicode2025common], and the package `babel` has them.
# French gives {{ count:,}} pairs, Spanish {{ spanish:,}}.
# Everything is in lower case, because the two languages disagree about capitals and nobody needs a network for that.
# Names with digits or brackets, and those longer than 30 characters, are left out.

# %% pairs
import re
from collections import Counter, defaultdict
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from babel import Locale
from torch import nn

from dlref.attention import attention_weights
from dlref.plots import curves


class Pair(NamedTuple):
    english: str
    french: str
    kind: str


def names(language):
    """Return every name that a locale has, by kind and code."""
    locale, found = Locale(language), {}
    for kind in ("territories", "languages", "scripts", "currencies", "variants"):
        found |= {(kind, code): name for code, name in getattr(locale, kind).items()}
    for zone, forms in locale.meta_zones.items():
        found |= {
            ("time zones", zone + form): name
            for form, name in forms.get("long", {}).items()
        }
    for unit, forms in locale.unit_display_names.items():
        if "long" in forms:
            found["units", unit] = forms["long"]
    for part in ("months", "days"):
        wide = getattr(locale, part)["stand-alone"]["wide"]
        found |= {("calendar", f"{part} {code}"): name for code, name in wide.items()}
    return {key: name.lower() for key, name in found.items() if isinstance(name, str)}


def parallel(language):
    """Pair English names with another language's, each English name once."""
    english, other, pairs = names("en"), names(language), {}
    for key, name in english.items():
        translated = other.get(key, "")
        usable = translated and not re.search(r"[\d(){}\[\]/:]", name + translated)
        if usable and max(len(name), len(translated)) <= 30:
            pairs.setdefault(name, Pair(name, translated, key[0]))
    return list(pairs.values())


everything = parallel("fr")
count, spanish = len(everything), len(parallel("es"))
for pair in everything[::140]:
    print(f"{pair.kind:12} {pair.english:26} {pair.french}")
assert count > spanish > 1000
said = {pair.english: pair.french for pair in everything}
assert said["sakhalin summer time"] == "heure d’été de sakhaline"
assert (said["teaspoons"], said["haida"], said["shan"]) == (
    "cuillères à café",
    "haïda",
    "shan",
)

# %% [markdown]
# How far apart are the two sides?
# The **edit distance** of Levenshtein is the smallest number of insertions, deletions and replacements that turn one string into another.
# Divided by the length of the right answer, it is an error per character.

# %% distance


def edits(a, b):
    """Count the insertions, deletions and replacements between two strings."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y)),
            )
    return row[-1]


def error(written, pairs):
    """Return the edits per character of the right answers."""
    wrong = sum(
        edits(text, pair.french) for text, pair in zip(written, pairs, strict=True)
    )
    return wrong / sum(len(pair.french) for pair in pairs)


assert edits("algeria", "algérie") == 2
kinds = defaultdict(list)
for pair in everything:
    kinds[pair.kind].append(pair)
same = sum(pair.english == pair.french for pair in everything) / count

# %% copied
# alt: Horizontal bars, one for each kind of name. Currencies, time zones and variants have the largest errors when copied, about eight edits in ten characters, and territories, units, scripts and languages the smallest, about half as many.
distances = {
    kind: error([p.english for p in pairs], pairs) for kind, pairs in kinds.items()
}
ordered = sorted(distances, key=distances.get)
figure, axes = plt.subplots()
axes.barh(
    [f"{kind} ({len(kinds[kind])})" for kind in ordered],
    [distances[k] for k in ordered],
    alpha=0.6,
)
axes.set_xlabel("edits per character if copied")
axes.grid(visible=False, axis="y")

# %% [markdown]
# Of all pairs, {{ same:.0%}} are the same on both sides, so copying is the first baseline and not a silly one.
# In time zones and currencies a few words recur and the order turns round; most languages and scripts are a single word that changes its ending and an accent or two.
#
# ## A fair split
#
# Draw the test names at random, and *Sakhalin time* is tested after *Sakhalin summer time* was learnt.
# Then you measure memory.
#
# So put names into **families**: two names are relatives if they share a stem, the first four letters of a word, and relatives of relatives belong to the family too.
# Then *Armenia*, *Armenian* and *Armenian dram* stand on the same side of the split.
# But *time*, *dollar* and *south* are frames, not content: a translator should have met them, and they would chain all names into one.
# A stem that more than ten names share therefore joins nobody.

# %% families
FRAME = 10  # a stem in more names than this is a frame


def stems(name):
    return sorted({word[:4] for word in re.findall(r"[^\W\d_]{3,}", name)})


def families(pairs):
    """Group the pairs that are linked by stems, directly or through others."""
    common = Counter(stem for pair in pairs for stem in stems(pair.english))
    parent = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for pair in pairs:
        for stem in stems(pair.english):
            if common[stem] <= FRAME:
                parent[root(stem + "-")] = root(pair.english)
    groups = defaultdict(list)
    for pair in pairs:
        groups[root(pair.english)].append(pair)
    return list(groups.values())


groups = families(everything)
family = {pair: number for number, group in enumerate(groups) for pair in group}
shuffle = np.random.default_rng(0).permutation
new, rest = [], []
for number in shuffle(len(groups)):
    fits = len(new) < 280 and len(groups[number]) <= 20
    (new if fits else rest).extend(groups[number])
rest = [rest[place] for place in shuffle(len(rest))]
known, train = rest[:280], rest[280:]

taught = {stem for pair in train for stem in stems(pair.english)}
contents = {stem for group in groups for pair in group for stem in stems(pair.english)}
largest = max(map(len, groups))
tests = {"relatives taught": known, "new families": new}
for name, pairs in tests.items():
    seen = [all(stem in taught for stem in stems(pair.english)) for pair in pairs]
    print(
        f"{name}: {len(pairs)} names, all stems taught in {sum(seen) / len(seen):.0%}"
    )
example = max((g for g in groups if len(g) < 8), key=len)
print("a family:", ", ".join(pair.english for pair in example))

# %% [markdown]
# There are now two test sets, and one training set serves both.
# `known` is what a random split gives; `new` holds whole families that training never met.
# Families of more than 20 names stay in training, since the largest has {{ largest }} and would fill half a test by itself.
# The split is fair, not perfect: *France* and *French* share three letters only, and *Dutch* does not know that it comes from the *Netherlands*.
#
# ## Baselines first
#
# 1. **Copy** the English name.
# 2. **Dictionary**: for each English word take the French word that goes with it most often, by Dice's coefficient, twice the names that have both over the names that have either; copy the words that are not in it.
# 3. **Dictionary, backwards**: the same words in the opposite order. It is one character of code, and French asks for it.

# %% baselines


def word_list(pairs):
    """Give each English word the French word that it occurs with most faithfully."""
    english, french, both = Counter(), Counter(), Counter()
    for pair in pairs:
        left, right = (list(dict.fromkeys(text.split())) for text in pair[:2])
        english.update(left)
        french.update(right)
        both.update((a, b) for a in left for b in right)

    def fit(a, b):  # where counts are equal, the similar word
        unlike = edits(a, b) / max(len(a), len(b))
        return 2 * both[a, b] / (english[a] + french[b]) - 0.1 * unlike

    best = {}
    for a, b in both:
        best[a] = max(best.get(a, b), b, key=lambda word, a=a: fit(a, word))
    return best


dictionary = word_list(train)


def word_by_word(name, step=1):
    return " ".join(dictionary.get(word, word) for word in name.split()[::step])


systems = {
    "copy": lambda name: name,
    "dictionary": word_by_word,
    "backwards": lambda name: word_by_word(name, -1),
}
written = {
    (system, test): [translate(pair.english) for pair in pairs]
    for system, translate in systems.items()
    for test, pairs in tests.items()
}


def exact(texts, pairs):
    right = [text == pair.french for text, pair in zip(texts, pairs, strict=True)]
    return sum(right) / len(right)


def table(rows):
    print(" " * 12, *(f"{test:>24}" for test in tests))
    for system in rows:
        cells = []
        for test, pairs in tests.items():
            texts = written[system, test]
            cells.append(f"{error(texts, pairs):.2f}, {exact(texts, pairs):.0%} exact")
        print(f"{system:12}", *(f"{cell:>24}" for cell in cells))


table(systems)
print({word: dictionary[word] for word in ("time", "south", "dollar", "islands")})

# %% [markdown]
# The table's last row is the one to remember.
# Turning the words round nearly halves the dictionary's error, in both tests: word order is most of what is wrong.
# But in names that are right to the letter, the dictionary gains {{ list_known:.0f}} points on copying where relatives were taught and {{ list_new:.0f}} on new families, because a name that nobody taught is not in it.
#
# ## Encoder, attention, decoder
#
# The **encoder** is a GRU that reads the English characters in both directions; each gives a vector $v_s$ that knows its surroundings.
# The first translators passed on the last vector only [@sutskever2014sequence], and long inputs did not fit into it.
# **Attention** [@bahdanau2015neural] lets the decoder look at all of them again for each character that it writes:
#
# $$
# \alpha_{ts} = \operatorname{softmax}_s \frac{q_t^\top k_s}{\sqrt{H}}, \qquad c_t = \sum_s \alpha_{ts}\, v_s
# $$
#
# The query $q_t$ is a linear map of the decoder's state, which remembers what has been written; the key $k_s$ is a linear map of $v_s$.
# The **decoder** here has two GRUs: the first reads the characters written so far and asks, the second takes the answers $c_t$ and writes.
# No state of the first waits for an answer, so in training all steps of a name run in one call.
# [Recurrent networks](../recurrent-networks/index.md#the-gru) has the cell.

# %% network
PAD, MARK = 0, 1  # the mark stands before and after each name
alphabet = sorted(
    {letter for pair in everything for letter in pair.english + pair.french}
)


def encode(texts):
    """Write texts as rows of numbers, padded to the longest."""
    rows = [
        torch.tensor([MARK, *(alphabet.index(letter) + 2 for letter in text), MARK])
        for text in texts
    ]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)


def decode(rows):
    """Read numbers up to the first mark."""
    cut = [row[: row.index(MARK)] if MARK in row else row for row in rows.tolist()]
    return [
        "".join(alphabet[number - 2] for number in row if number > 1) for row in cut
    ]


class Translator(nn.Module):
    def __init__(self, letters, E=32, H=96):
        super().__init__()
        self.embed = nn.Embedding(letters, E)
        self.encoder = nn.GRU(E, H // 2, bidirectional=True, batch_first=True)
        self.reader = nn.GRU(E, H, batch_first=True)
        self.writer = nn.GRU(2 * H, H, batch_first=True)
        self.query, self.key, self.read_off = (
            nn.Linear(H, H),
            nn.Linear(H, H),
            nn.Linear(H, letters),
        )
        self.drop = nn.Dropout(0.2)

    def look(self, source):
        """Return what attention needs of the source, and the decoder's first state."""
        there = source != PAD
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(self.embed(source)),
            there.sum(1),
            batch_first=True,
            enforce_sorted=False,
        )
        states, last = self.encoder(packed)
        values = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)[0]
        return (values, self.key(values), there[:, None]), last.transpose(0, 1).flatten(
            1
        )[None]

    def write(self, source, letters, read=None, wrote=None):
        """Return scores for the letters after these, the attention, and both states."""
        values, keys, there = source
        asked, read = self.reader(self.drop(self.embed(letters)), read)
        attention = attention_weights(self.query(asked), keys, there)  # (B, T, S)
        states, wrote = self.writer(
            self.drop(torch.cat([asked, attention @ values], dim=-1)), wrote
        )
        return self.read_off(self.drop(states)), attention, read, wrote


# %% [markdown]
# ### Training with a teacher
#
# The decoder learns to name each next French character, and the one before is always taken from the right answer, whatever it would have written itself.
# This is **teacher forcing**.
# It makes training fast and stable, and it hides something that you will see below.
# Names of similar length share a batch, so little is spent on padding.
# Steps, sizes and dropout were chosen on other random splits into families.

# %% training
EPOCHS, BATCH = 30, 32
english, french = encode([p.english for p in train]), encode([p.french for p in train])
lengths = (french != PAD).sum(1)


def batches(generator):
    """Yield rows in random order, sorted by length within every eight batches."""
    order = torch.randperm(len(train), generator=generator)
    order = torch.cat(
        [some[lengths[some].argsort()] for some in order.split(8 * BATCH)]
    )
    pieces = order.split(BATCH)
    yield from (
        pieces[place] for place in torch.randperm(len(pieces), generator=generator)
    )


def trained(seed):
    torch.manual_seed(seed)
    network = Translator(len(alphabet) + 2)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.005)
    steps = EPOCHS * -(-len(train) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.005, total_steps=steps)
    for rows in (rows for _ in range(EPOCHS) for rows in batches(generator)):
        source, target = (
            text[rows, : (text[rows] != PAD).sum(1).max()] for text in (english, french)
        )
        memory, start = network.look(source)
        scores = network.write(memory, target[:, :-1], start)[0]
        loss = nn.functional.cross_entropy(scores.mT, target[:, 1:], ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return network.eval()


network = trained(seed=0)
parameters = sum(p.numel() for p in network.parameters())

# %% [markdown]
# ### Writing without one
#
# Now nobody knows the right answer.
# **Greedy decoding** takes the most probable character, feeds it back, and stops at the mark.
# The function below can also be given a helper, who knows the answer and corrects a limited number of mistakes; for now there is none.

# %% greedy


@torch.no_grad()
def translate(texts, answers=None, corrections=0):
    """Write greedily; return the texts and their letters' mean log-probability."""
    memory, read = network.look(encode(texts))
    truth = nn.functional.pad(encode(answers), (0, 40)) if corrections else None
    letter, wrote = torch.full((len(texts),), MARK), None
    left = torch.full((len(texts),), corrections)
    going = torch.ones(len(texts), dtype=torch.bool)
    written, total, spoken = [], torch.zeros(len(texts)), torch.zeros(len(texts))
    for step in range(36):
        scores, _, read, wrote = network.write(memory, letter[:, None], read, wrote)
        sure, letter = scores[:, 0].log_softmax(-1).max(-1)
        if corrections:
            mend = (left > 0) & going & (letter != truth[:, step + 1])
            letter = torch.where(mend, truth[:, step + 1], letter)
            left = left - mend.long()
        total, spoken = total + sure * going, spoken + going
        going = going & (letter != MARK)
        written.append(letter)
    return decode(torch.stack(written, dim=1)), total / spoken


for test, pairs in tests.items():
    written["network", test] = translate([pair.english for pair in pairs])[0]
table([*systems, "network"])

# %% [markdown]
# ## How sure is that?
#
# Relatives fail together, so names are not independent.
# Draw whole families with replacement, two thousand times, and take the middle 95 %: a **bootstrap** over families.

# %% bootstrap


def interval(top, bottom, pairs):
    """Return (low, middle, high) of a ratio of sums, drawing whole families anew."""
    member = np.unique([family[pair] for pair in pairs], return_inverse=True)[1]
    sums = np.array([np.bincount(member, weights=some) for some in (top, bottom)])
    count = sums.shape[1]
    drawn = np.random.default_rng(0).integers(count, size=(2000, count))
    ratios = np.divide(*sums[:, drawn].sum(-1))
    low, high = np.quantile(ratios, [0.025, 0.975])
    return low, sum(top) / sum(bottom), high


def mistakes(system, test):
    pairs = zip(written[system, test], tests[test], strict=True)
    return np.array([edits(text, pair.french) for text, pair in pairs])


shown = ["copy", "dictionary", "backwards", "network"]
result = {}
for test, pairs in tests.items():
    size = [len(pair.french) for pair in pairs]
    for system in shown:
        wrong = mistakes(system, test)
        result[system, test] = [
            interval(wrong, size, pairs),
            interval(wrong == 0, np.ones(len(pairs)), pairs),
        ]

# %% comparison
# alt: Two panels with a row for each of four systems, and two markers with whiskers in each row, for names with relatives taught and for new families. Errors: copying and the dictionary are far to the right, the backwards dictionary and the network about half as large. Exactly right: with relatives taught the backwards dictionary and the network are ahead of copying, on new families they are not.
figure, panels = plt.subplots(2, 1, figsize=(5.4, 5.4))
for panel, axes in enumerate(panels):
    for test, offset, marker in zip(tests, (-0.15, 0.15), "so", strict=True):
        rows = np.array([result[system, test][panel] for system in shown])
        low, middle, high = rows.T
        place, ends = np.arange(len(shown)) + offset, [middle - low, high - middle]
        axes.errorbar(middle, place, xerr=ends, fmt=marker, capsize=3, label=test)
    axes.set_yticks(range(len(shown)), shown)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
panels[0].set_xlabel("edits per character")
panels[1].set_xlabel("share exactly right")
both = panels[0].get_legend_handles_labels()
figure.legend(*both, loc="outside upper center", ncols=2)

# %% headline
err = {key: value[0][1] for key, value in result.items()}
hit = {key: value[1][1] for key, value in result.items()}
network_new, backwards_new, copy_new = (
    err[s, "new families"] for s in ("network", "backwards", "copy")
)
low_new, _, high_new = result["network", "new families"][0]
gain_known, gain_new = (hit["network", t] - hit["copy", t] for t in tests)
exact_new, exact_copy_new = hit["network", "new families"], hit["copy", "new families"]
list_known, list_new = (100 * (hit["backwards", t] - hit["copy", t]) for t in tests)
points_known, points_new = 100 * gain_known, 100 * gain_new
differences = mistakes("network", "new families") - mistakes(
    "backwards", "new families"
)
low_more, _, high_more = interval(differences, [len(p.french) for p in new], new)
print("network minus backwards, new families, edits per character:")
print(f"from {low_more:+.3f} to {high_more:+.3f}")
assert 0.2 < network_new < 0.7 * copy_new  # much better than copying
assert -0.05 < network_new - backwards_new < 0.14  # and no better than the dictionary
assert gain_known > gain_new + 0.04  # what a random split would have promised

# %% [markdown]
# On new families the network needs {{ network_new:.2f}} edits per character, with an interval from {{ low_new:.2f}} to {{ high_new:.2f}}.
# Copying needs {{ copy_new:.2f}} and the backwards dictionary {{ backwards_new:.2f}}.
# Drawn in pairs, the network's error minus the dictionary's lies between {{ low_more:+.3f}} and {{ high_more:+.3f}}.
# So a network of {{ parameters:,}} parameters does not beat a word list and `[::-1]`.
#
# The lower panel shows what the unfair split would have told you.
# With relatives in training the network gets {{ points_known:+.0f}} points on copying in names exactly right.
# On new families it is {{ points_new:+.0f}}: {{ exact_new:.0%}} against {{ exact_copy_new:.0%}}.
# The tests are not equally easy, so each is compared with its own copying.
#
# Where does it lose?

# %% lengths
many = np.array([" " in pair.english for pair in new])
letters_in = np.array([len(pair.french) for pair in new])
parts, right = {}, {}
for system in ("copy", "backwards", "network"):
    wrong = mistakes(system, "new families")
    right[system] = wrong == 0
    parts[system] = [
        wrong[some].sum() / letters_in[some].sum() for some in (~many, many)
    ]
    print(system, *(f"{part:.2f}" for part in parts[system]))
one_copy, several_copy = parts["copy"]
one_words, several_words = parts["backwards"]
one_network, several_network = parts["network"]
only_network = (right["network"] & ~right["backwards"]).mean()
only_words = (right["backwards"] & ~right["network"]).mean()
either = (right["network"] | right["backwards"]).mean()
print(
    f"only the network right {only_network:.0%}, only the dictionary {only_words:.0%}"
)
assert either > right["backwards"].mean() + 0.02

# %% [markdown]
# On the {{ several_count }} names of several words, copying has an error of {{ several_copy:.2f}}, the backwards dictionary {{ several_words:.2f}} and the network {{ several_network:.2f}}.
# On the {{ one_count }} single words it is {{ one_copy:.2f}}, {{ one_words:.2f}} and {{ one_network:.2f}}.
# On a single new word nothing is much better than leaving it alone, and the network has to spell even what it only copies.
# All that it gains on copying is in the longer names, whose frames it has met.
#
# The two are right about different names.
# {{ only_network:.0%}} of the new names only the network gets right, and {{ only_words:.0%}} only the dictionary.
# Whoever could tell which of the two to believe would have {{ either:.0%}} right, more than either alone.
#
# ## The teacher has left
#
# In training every character before the next one was right.
# In use the network reads its own writing, mistakes included, and has never seen such a text: **exposure bias**.
# How much does it cost?
# Let a helper correct the first mistake, or the first two, and then leave.
# If mistakes were independent, each correction would save one edit and no more.

# %% exposure
# alt: Edits per character against the number of mistakes that a helper corrects, from none to four. The measured line falls more steeply than the dashed one, which subtracts one edit for each correction made.
sources, answers = [p.english for p in new], [p.french for p in new]
wrong_by_help, alone_by_help = [], []
total = sum(map(len, answers))
for corrections in range(5):
    helped = translate(sources, answers, corrections)[0]
    wrong_by_help.append(error(helped, new))
    saved = [
        min(corrections, edits(t, a))
        for t, a in zip(written["network", "new families"], answers, strict=True)
    ]
    alone_by_help.append(network_new - sum(saved) / total)
figure = curves(
    range(5),
    {"measured": wrong_by_help, "each correction saves itself": alone_by_help},
    xlabel="mistakes corrected in each name",
    ylabel="edits per character",
)
figure.axes[0].set_xticks(range(5))
each_saves = np.ptp(wrong_by_help) / np.ptp(alone_by_help)
assert each_saves > 1.05

# %% [markdown]
# With up to four corrections in a name, each saves {{ each_saves:.1f}} edits.
# Part of this is exposure bias; part is honest ignorance, since the corrected letter also says which word is meant.
# **Scheduled sampling** [@bengio2015scheduled] lets the network read some of its own characters in training already.
#
# ## Where it looks
#
# The attention weights are a table: a row for each French character, a column for each English one.
# In names that keep their order the dark path runs down the diagonal.
# Take names of two words whose French words stand the other way round, as their spelling shows.

# %% crossing


def crosses(pair):
    """Say whether two words swap places in French, going by their letters."""
    a, b = pair.english.split(), pair.french.split()
    if len(a) != 2 or len(b) != 2:
        return False
    straight = edits(a[0], b[0]) + edits(a[1], b[1])
    return edits(a[0], b[1]) + edits(a[1], b[0]) + 3 <= straight


@torch.no_grad()
def attended(pair):
    """Return the attention while the right answer is written, without the marks."""
    memory, start = network.look(encode([pair.english]))
    return network.write(memory, encode([pair.french])[:, :-2], start)[1][0, :, 1:-1]


turned = [pair for pair in new if crosses(pair)]
follows = []
for pair in turned:
    first_word = attended(pair)[: pair.french.index(" ")].sum(0)
    blank = pair.english.index(" ")
    follows.append(first_word[blank + 1 :].sum() > first_word[:blank].sum())
follow_share, turned_count = sum(follows) / len(turned), len(turned)
print(f"the first word looks mainly at the second in {sum(follows)} of {turned_count}")
assert follow_share > 0.6

# %% heatmap
# alt: A grid with the letters of an English name along the top and of the French name down the side. The strong cells form two slanted strips, one at the upper right and one at the lower left: the first French word looks at the second English word, and the second at the first.
solved = {pair for pair, hit in zip(new, right["network"], strict=True) if hit}
picked = min(turned, key=lambda pair: (pair not in solved, abs(len(pair.english) - 13)))
picked_english, picked_french = picked.english, picked.french
figure, axes = plt.subplots(figsize=(5.4, 4.6))
axes.set(xlabel="English", ylabel="French")
axes.xaxis.set_label_position("top")
image = axes.imshow(attended(picked).numpy(), vmin=0, vmax=1)
axes.set_xticks(range(len(picked.english)), picked.english.replace(" ", "␣"))
axes.set_yticks(range(len(picked.french)), picked.french.replace(" ", "␣"))
axes.tick_params(labelsize=12, length=0)
axes.xaxis.tick_top()
axes.grid(visible=False)
figure.colorbar(image, ax=axes, label="attention", shrink=0.8)

# %% [markdown]
# This is *{{ picked_english }}* becoming *{{ picked_french }}*, a name that training never met.
# In {{ follow_share:.0%}} of the {{ turned_count }} such names in the test, the first French word, as it is written, looks mainly at the second English one.
# Nobody told the network about words or their order; the spaces are characters like any other.
# A heat map says where the network looked, and does not prove why it wrote what it wrote.
#
# ## Errors, one by one
#
# First the closest misses, then the worst.

# %% errors


def plain(text):
    """Drop accents, hyphens and apostrophes."""
    marked, without = "àáâãåçèéêëíîïñóôõöúûüā", "aaaaaceeeeiiinoooouuua"
    bare = str.maketrans(marked, without, "-’‘'ʼʻ")
    return text.translate(bare)


def repeats(text):
    return re.search(r"(.{2,}?)\1\1|(\b[^ ]{3,}) \2\b", text) is not None


output = written["network", "new families"]
missed = [
    (edits(t, p.french) / len(p.french), p, t)
    for t, p in zip(output, new, strict=True)
    if t != p.french
]
missed.sort()
for _, pair, text in [*missed[:8], *missed[-8:]]:
    print(f"{pair.english:24} → {text:26} for {pair.french}")
accents = sum(plain(text) == plain(pair.french) for _, pair, text in missed) / len(new)
loops = sum(
    repeats(text) and not repeats(pair.french) for _, pair, text in missed
) / len(new)

# %% [markdown]
# - **Accents and hyphens** alone are wrong in {{ accents:.0%}} of the names. That *haïda* has a diaeresis and *shan* has none are facts to know, not a rule to learn.
# - **Endings.** What turns *-ian* into *-ien* and *-ia* into *-ie* is done to names for which French has something else.
# - **Other words.** *Teaspoons* are *cuillères à café*. No spelling leads there, and no model of {{ train_count:,}} names can know it.
# - **Repetition**, in {{ loops:.0%}}: the same letters come again, as if the attention had gone back to where it was.
# - **The reference.** Some wrong answers would pass with a reader: *de* or *du*, or whether standard time is worth a word of its own. One reference is one opinion.
#
# ## What would go wrong in production
#
# Give it what it was never trained for.

# %% outside
strangers = [
    "good morning",
    "i love you",
    "chocolate cake",
    "the bank is closed",
    "deep learning",
    "zzzzz",
]
answered, surety = translate(strangers)
surest_stranger = surety.exp().max()
for stranger, text, sure in zip(strangers, answered, surety.exp(), strict=True):
    print(f"{stranger:20} → {text:26} {sure:.0%} sure of each letter")

# %% [markdown]
# It answers all the same, in something like a name, and up to {{ surest_stranger:.0%}} sure.
# Fluent output that has nothing to do with the input is called **hallucination** [@raunak2021curious], and rare or foreign input is where it starts.
# Among names of the kind that it knows, its probabilities are a help: answer only where the mean over the letters is high, and send the rest to a person.

# %% refuse
# alt: Share exactly right against the share of names answered, surest first, for both tests. Both lines fall, from well above half on the left to about a quarter and a third on the right.
lines = {}
for test, pairs in tests.items():
    _, sure = translate([p.english for p in pairs])
    hits = torch.tensor(
        [t == p.french for t, p in zip(written["network", test], pairs, strict=True)]
    )
    hits = hits[sure.argsort(descending=True)].float()
    lines[test] = [
        hits[: len(hits) * tenth // 10].mean().item() for tenth in range(1, 11)
    ]
curves(
    [tenth / 10 for tenth in range(1, 11)],
    lines,
    xlabel="share answered, surest first",
    ylabel="share exactly right",
)
surest, everyone = lines["new families"][1], lines["new families"][-1]
several_count, one_count, train_count = many.sum(), (~many).sum(), len(train)
assert surest > everyone + 0.1

# %% [markdown]
# Of the fifth of new names about which the network is surest, {{ surest:.0%}} are right, of all {{ everyone:.0%}}.
#
# What a real system has that this one has not:
#
# - **Data.** Millions of sentences, not {{ train_count:,}} names. With little data, networks lose to older methods [@koehn2017six], and the comparison above is that finding in small.
# - **Subwords** [@sennrich2016neural] in place of characters: frequent words stay whole, rare ones are spelt, and sequences are several times shorter.
# - **A Transformer** [@vaswani2017attention], trained over all steps at once, and beam search or sampling in place of greedy decoding.
# - **Evaluation beyond edit distance.** It punishes a right answer in another order, and takes *five* for *nine* as two small mistakes. chrF [@popovic2015chrf] compares pieces wherever they stand, COMET [@rei2020comet] has learnt from human ratings, and people decide in the end.
# - **Care.** Names of countries and languages are politics: these are one committee's choice, and a system repeats it to everyone.
#
# And what the toy hides: there is no sentence in it.
# Nothing agrees over a distance, nothing depends on the sentence before, and no name means two things.
#
# ## Exercises
#
# 1. The right answer is *heure du nord*.
#    One system writes *nord du heure*, the right words turned round, another *beurre au port*, butter at the port.
#    Which does edit distance prefer, and which chrF?
#
#     ??? success "Solution"
#
#         Butter is {{ practical-applications/exercise_translation_chrf.py:alike_edits }} edits away, the turned words {{ practical-applications/exercise_translation_chrf.py:turned_edits }}.
#         chrF gives {{ practical-applications/exercise_translation_chrf.py:turned_chrf:.2f}} to the turned words and {{ practical-applications/exercise_translation_chrf.py:alike_chrf:.2f}} to butter.
#
#         ```snippet
#         practical-applications/exercise_translation_chrf.py
#         ```
#
# 2. Greedy decoding takes the best next piece.
#    Construct three steps in which it misses the most probable text, and a beam that keeps two texts finds it.
#
#     ??? success "Solution"
#
#         Let the best first word be followed by many things, none of them likely.
#         Greedy ends at {{ practical-applications/exercise_translation_beam.py:greedy_p:.3f}}, the beam at {{ practical-applications/exercise_translation_beam.py:beam_p:.3f}}, which is the best there is.
#
#         ```snippet
#         practical-applications/exercise_translation_beam.py
#         ```
#
# 3. In how many names of time zones does an English word survive in French?
#    Take the bootstrap over names and over zones.
#    Which interval is narrower, and why is it wrong?
#
#     ??? success "Solution"
#
#         The names of a zone survive or perish together, so drawing single names pretends to know more than it does: by zones, the interval is {{ practical-applications/exercise_translation_bootstrap.py:wider:.1f}} times as wide.
#
#         ```snippet
#         practical-applications/exercise_translation_bootstrap.py
#         ```
#
# ## Sources
#
# - [@unicode2025common]: the names.
# - [@sutskever2014sequence]: encoder and decoder, with one vector between them.
# - [@bahdanau2015neural]: attention, with heat maps like the one above.
# - [@luong2015effective]: attention after the recurrent step, as here.
# - [@bengio2015scheduled]: exposure to one's own mistakes, in training.
# - [@raunak2021curious]: hallucinations, and what brings them about.
# - [@koehn2017six]: where neural translation fails, little data among it.
# - [@sennrich2016neural]: subwords.
# - [@vaswani2017attention]: the Transformer.
# - [@popovic2015chrf]: chrF.
# - [@rei2020comet]: COMET.
