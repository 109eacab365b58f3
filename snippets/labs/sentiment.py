"""A word's spelling tells little without its relatives, and sums miss negation."""

# /// script
# [tool.dlref]
# tolerance = 0.02
# ///

# %% [markdown]
# # Sentiment analysis
#
# A shop wants to know which of ten thousand reviews are angry.
# An old way still runs in many products: look each word up in a list of human ratings, and add.
# That is quick, and you can see why it said what it said.
# It leaves two questions; this lab asks both of VADER, the lexicon and rules of [@hutto2014vader].
#
# What about words that nobody rated?
# The letters look like help: split the words at random, and a linear model on letter groups comes to a correlation of {{ random_linear:.2f }} with the ratings.
# Keep relatives such as *abandon* and *abandoned* together, and it comes to {{ family_linear:.2f }}.
#
# And what does adding miss?
# Of eight plain negations such as "not bad", the sum gets {{ sum_negated:.0f }} right, VADER's rules {{ vader_negated:.0f }}, a small recurrent network {{ gru_negated:.0f }}.
#
# ## The data
#
# Ten people rated each entry from −4 to 4.
# The mean of the ten is its **valence**: how pleasant or unpleasant it is felt to be.
# The ratings come with the package vaderSentiment, under the MIT licence.
# Some entries stand in the file twice, with different ratings; the last one counts, as it does in VADER.

# %% data
# alt: Histogram of the mean ratings of all words, from minus 4 to 4. Two humps, a larger one left of zero and one right of it, each a little nearer to zero than to the end; a valley between them, and no bar at zero.
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
import vaderSentiment
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from torch import nn
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from dlref.data import Examples, names
from dlref.plots import heatmap
from dlref.training import fit

file = Path(*vaderSentiment.__path__, "vader_lexicon.txt")
rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
ratings = {row[0]: json.loads(row[3]) for row in rows if len(row) == 4}
entries = len(ratings)
known = {
    entry: np.mean(ten)
    for entry, ten in ratings.items()
    if re.fullmatch("[a-z]+", entry)
}
count, negative = len(known), 100 * np.mean([mean < 0 for mean in known.values()])
figure, axes = plt.subplots()
axes.hist(known.values(), np.arange(-4.05, 4.1, 0.1))
axes.set(xlabel="mean of ten ratings", ylabel="words")
print(f"{entries} entries, {count} of them words, {negative:.0f} % of those negative")

# %% [markdown]
# This lab takes the words only, and leaves out emoticons and phrases.
# The gap at zero was made: [@hutto2014vader] left out what had a mean of zero, and what the raters disagreed on most.
# So the list has hardly any neutral word, while most words of a sentence are neutral: remember that for later.
#
# ## How well could anyone do?
#
# A rating is an opinion, and raters disagree.
# Here are words with an unusual spread; the list's many slurs we show nowhere in this lab.

# %% raters
# alt: Ratings of eight words as dots from minus 4 to 4, bigger where several raters agree. Those of flirtatious, rapture, dynamite, slap and anxiety spread over both signs. Awful has nine ratings at minus 2 or minus 3, and one at plus 4.
spread_words = "flirtatious rapture dynamite slap anxiety emergency flawless awful"
figure, axes = plt.subplots()
for place, word in enumerate(spread_words.split()):
    value, times = np.unique(ratings[word], return_counts=True)
    axes.scatter(value, [place] * len(value), 22 * times, color="C0")
    axes.plot(known[word], place, "|", color="C1", markersize=18, markeredgewidth=3)
axes.set_yticks(range(8), spread_words.split())
axes.set(xlabel="rating (dots: raters, bar: their mean)", ylim=(7.6, -0.6))

# %% [markdown]
# Some of this is opinion (*flirtatious*), some is two meanings (*dynamite*), and the rater who gave *awful* a 4 probably slipped.
# No model can foretell that.
# How close could a perfect one come?
# Split the ten ratings of each word into two fives: where the halves disagree, it is noise.
# From the correlation $r$ of the halves, the **Spearman–Brown formula** of [@spearman1910correlation; @brown1910some] gives the reliability of all ten, $2r / (1 + r)$.
# Its square root is the correlation that a perfect predictor would have with the mean: the **noise ceiling**.

# %% ceiling
words = sorted(known)
of_ten = np.array([ratings[word] for word in words])
generator = np.random.default_rng(0)


def halves():
    mixed = generator.permuted(of_ten, axis=1)
    return np.corrcoef(mixed[:, :5].mean(1), mixed[:, 5:].mean(1))[0, 1]


half = np.mean([halves() for _ in range(20)])
reliability = 2 * half / (1 + half)
ceiling = np.sqrt(reliability)
others = (of_ten.sum(1, keepdims=True) - of_ten) / 9
one_person = np.corrcoef(of_ten.flatten(), others.flatten())[0, 1]
noise = np.sqrt(of_ten.var(1, ddof=1).mean() / 10)
print(f"halves {half:.3f}, reliability {reliability:.3f}, ceiling {ceiling:.3f}")
print(f"one person against the nine others: {one_person:.2f}")
assert 0.97 < ceiling < 0.99

# %% [markdown]
# The ceiling is {{ ceiling:.2f }}, and a perfect model would still be off by {{ noise:.2f }} on average (root mean square).
# One person alone agrees with the nine others by {{ one_person:.2f }}.
# Both flatter, since words that split the raters are not in the list.
#
# ## A split that leaks
#
# A test word should be new.
# But the lexicon has *abandon*, *abandoned*, *abandoning*, *abandonment* and more, with nearly the same rating.
# At random, some go to training and some to the test, and looking up a relative passes for understanding.
# So sort the words without their prefixes, and let neighbours that share at least half of the shorter word's letters, and three or more, be a **family**.
# A crude rule, which takes *freedom* and *freak* for relatives: an accidental member does no harm, a missed one leaks.

# %% families


def core(word):
    return re.sub("^(un|[dm]is|i[nmr]|non|over|out)+(?=.{4})", "", word)


def shared(a, b):
    """Count the letters that two words have in common before they part."""
    same = [x == y for x, y in zip(a, b, strict=False)]
    return [*same, False].index(False)


words = sorted(known, key=core)
family = [0]
for a, b in zip(map(core, words), map(core, words[1:]), strict=False):
    enough = max(3, min(len(a), len(b)) / 2)
    family.append(family[-1] + (shared(a, b) < enough))
family, words = np.array(family), np.array(words)
valence = np.array([known[word] for word in words])
families = family[-1] + 1
generator = np.random.default_rng(0)
folds = {
    "family": (generator.permutation(families) % 5)[family],
    "random": generator.permutation(count) % 5,
}
place = np.flatnonzero(words == "abandoned")[0]
relatives = words[family == family[place]]
print(families, "families, such as", *relatives[:12])

# %% [markdown]
# There are {{ families:, }} families.
# Five folds: the settings below were chosen on the first one, which is never tested; each of the other four is tested once, by models trained on the rest.
#
# ## Baselines first
#
# *Mean* says the same for every word.
# *Neighbour* repeats the rating of the word with the most similar spelling.
# *Linear* is ridge regression: one weight for each group of one to five letters, with spaces for the word's ends, held small by a penalty.


# %% baselines
def letter_groups(**options):
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True, **options
    )


def mean(_, rated, new):
    return np.full(len(new), rated.mean())


def neighbour(seen, rated, new):
    groups = letter_groups()
    memory = groups.fit_transform(seen)
    likeness = groups.transform(new) @ memory.T
    return rated[likeness.toarray().argmax(1)]


def linear(seen, rated, new):
    groups = letter_groups(min_df=2)
    model = Ridge(alpha=1, solver="lsqr").fit(groups.fit_transform(seen), rated)
    return model.predict(groups.transform(new))


# %% [markdown]
# ## A network that reads letters
#
# The network of [@kim2014convolutional], on letters instead of words: filters over two, three and four letters, and the strongest answer of each filter anywhere in the word.
# Unlike the linear model it can combine what they found.


# %% network
def letters(some):
    """Return 1 to 26 for letters, 27 and 28 for the ends, 0 after: 18 columns."""
    codes = [[27, *(ord(c) - 96 for c in word[:16]), 28] for word in some]
    return torch.tensor([code + [0] * (18 - len(code)) for code in codes])


class LetterCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(29, 16, padding_idx=0)
        self.filters = nn.ModuleList(
            nn.Conv1d(16, 32, k, padding=k // 2) for k in (2, 3, 4)
        )
        self.head = nn.Sequential(
            *(nn.Dropout(0.3), nn.Linear(96, 32), nn.ReLU(), nn.Linear(32, 1))
        )

    def forward(self, word):
        x = self.embed(word).transpose(1, 2)
        found = [filters(x).relu().amax(2) for filters in self.filters]
        return self.head(torch.cat(found, 1))[:, 0]


def train(model, examples, phases, batch_size):
    for rate, epochs in phases:
        fit(
            model,
            examples,
            loss=nn.functional.mse_loss,
            optimizer=torch.optim.Adam(model.parameters(), lr=rate),
            epochs=epochs,
            batch_size=batch_size,
        )
    return model.eval().requires_grad_(False)


def network(seen, rated, new):
    torch.manual_seed(0)
    centred = torch.tensor(rated - rated.mean()).float()
    examples = Examples(letters(seen), centred)
    model = train(LetterCNN(), examples, [(0.005, 4), (0.001, 2)], 128)
    return model(letters(new)).numpy() + rated.mean()


# %% comparison
def interval(guess, tested):
    """Return the middle 95 % of the correlations when families are drawn anew."""
    x, y, draws = guess[tested], valence[tested], np.random.default_rng(0)
    group = np.unique(family[tested], return_inverse=True)[1]
    parts = np.ones_like(x), x, y, x * x, y * y, x * y
    sums = np.stack([np.bincount(group, part) for part in parts], 1)
    times = draws.multinomial(len(sums), [1 / len(sums)] * len(sums), 2000)
    n, x, y, xx, yy, xy = (times @ sums).T
    r = (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))
    return np.quantile(r, [0.025, 0.975])


methods = [mean, neighbour, linear, network]
guesses, r, error, ends = {}, {}, {}, {}
for split, fold in folds.items():
    tested = fold > 0
    for method in methods:
        guess = np.zeros(count)
        for k in range(1, 5):
            seen, new = fold != k, fold == k
            guess[new] = method(words[seen], valence[seen], words[new])
        key = split, method.__name__
        error[key] = np.sqrt(np.mean((guess - valence)[tested] ** 2))
        guesses[key], line = guess, f"{key}: off by {error[key]:.2f}"
        if method is not mean:
            r[key] = np.corrcoef(guess[tested], valence[tested])[0, 1]
            ends[key] = interval(guess, tested)
            line += f", r {r[key]:.2f} ({ends[key][0]:.2f} to {ends[key][1]:.2f})"
        print(line)

# %% splits
# alt: Correlation with the ratings for three methods, with whiskers. When words are split at random, neighbour lies at {{ random_neighbour:.2f }}, linear at {{ random_linear:.2f }} and the network at {{ random_cnn:.2f }}. When families are kept together, they lie far lower, at {{ family_neighbour:.2f }}, {{ family_linear:.2f }} and {{ family_cnn:.2f }}. A dotted line, the noise ceiling, is at {{ ceiling:.2f }}.
figure, axes = plt.subplots()
for place, name in enumerate(method.__name__ for method in methods[1:]):
    looks = ("random", -0.12, "C1", "s"), ("family", 0.12, "C0", "o")
    for split, off, color, marker in looks:
        axes.plot(ends[split, name], [place + off] * 2, color=color)
        axes.plot(r[split, name], place + off, marker, color=color, markersize=7)
axes.axvline(ceiling, color="C2", linestyle=":")
axes.text(ceiling - 0.02, 2.4, "noise ceiling", ha="right", color="C2")
axes.set_yticks(range(3), [method.__name__ for method in methods[1:]])
axes.set(xlabel="correlation with the ratings", xlim=(-0.02, 1.02), ylim=(2.6, -0.5))
for name, look in {"split at random": "C1s-", "split by family": "C0o-"}.items():
    axes.plot([], [], look, label=name)
axes.legend(loc="center", bbox_to_anchor=(0.52, 0.68))
random_linear, family_linear = r["random", "linear"], r["family", "linear"]
random_neighbour, family_neighbour = r["random", "neighbour"], r["family", "neighbour"]
random_cnn, family_cnn = r["random", "network"], r["family", "network"]
linear_low, linear_high = ends["family", "linear"]
error_mean, error_linear = error["family", "mean"], error["family", "linear"]
error_neighbour, error_cnn = error["family", "neighbour"], error["family", "network"]
assert random_linear > 0.75 > random_neighbour - 0.15 > 0.55
assert 0.2 < family_linear < 0.4
assert family_neighbour < 0.2
assert family_cnn < family_linear < random_cnn

# %% [markdown]
# | measure | mean | neighbour | linear | network | perfect |
# |---|---|---|---|---|---|
# | correlation, split at random | – | {{ random_neighbour:.2f }} | {{ random_linear:.2f }} | {{ random_cnn:.2f }} | {{ ceiling:.2f }} |
# | correlation, split by family | – | {{ family_neighbour:.2f }} | {{ family_linear:.2f }} | {{ family_cnn:.2f }} | {{ ceiling:.2f }} |
# | root mean square error, by family | {{ error_mean:.2f }} | {{ error_neighbour:.2f }} | {{ error_linear:.2f }} | {{ error_cnn:.2f }} | {{ noise:.2f }} |
#
# The success of the random split was a look into a table.
# The neighbour shows it best: {{ random_neighbour:.2f }} with relatives, {{ family_neighbour:.2f }} without, and then it errs more than the mean does.
# On families, the linear model comes to {{ family_linear:.2f }} (families drawn anew: {{ linear_low:.2f }} to {{ linear_high:.2f }}), and its error is hardly below that of saying the mean.
# The network, in the seconds that it gets here, does worse on both: what there is to find in seven thousand words is which groups of letters go with which ratings, and the linear model is made for that.
# From here on *spelling* means the linear model.
#
# But {{ family_linear:.2f }} is not zero: where does it come from?
#
# ## The errors, one by one

# %% prefixes
# alt: Scatter of predicted against rated valence, with word pairs such as happy and unhappy. Ratings of the bare words lie near plus 2 and those of the prefixed ones near minus 2. The predictions of bare words lie around zero, nearly all those of prefixed words below it, and neither cloud rises from left to right.
guess = guesses["family", "linear"]
index = {word: place for place, word in enumerate(words) if folds["family"][place]}
pairs = [
    (index[word], index[prefix + word])
    for prefix in ("un", "dis", "in")
    for word in index
    if prefix + word in index
]
bare, prefixed = np.array(pairs).T
figure, axes = plt.subplots()
axes.axhline(0, color="C2", linewidth=1)
axes.plot(valence[bare], guess[bare], "C0o", label="bare")
axes.plot(valence[prefixed], guess[prefixed], "C1^", label="with un-, dis- or in-")
axes.set(xlabel="rated", ylabel="predicted by spelling")
axes.legend(loc="lower right")
pair_count = len(pairs)
opposite = 100 * np.mean(valence[bare] * valence[prefixed] < 0)
opposite_predicted = 100 * np.mean(guess[bare] * guess[prefixed] < 0)
lowered = 100 * np.mean(guess[prefixed] < guess[bare])
print(f"{pair_count} pairs: rated opposite {opposite:.0f} %, predicted so", end=" ")
print(f"{opposite_predicted:.0f} %; prefix lowers the prediction in {lowered:.0f} %")
assert opposite > 90
assert lowered > 80
assert opposite_predicted < 60

# %% culprits
chosen = "unbiased indestructible fearless painless flawless"
chosen += " fun harming kill killjoy happy masterpiece"
for word in chosen.split():
    print(f"{word}: rated {valence[index[word]]:.1f}, spelled {guess[index[word]]:.1f}")
for word in "unbiased", "fun", "kill", "harming":
    others = family != family[index[word]]
    groups = letter_groups(min_df=2)
    seen = groups.fit_transform(words[others])
    model = Ridge(alpha=1, solver="lsqr").fit(seen, valence[others])
    parts = groups.transform([word]).toarray()[0] * model.coef_
    most = np.argsort(-abs(parts))[:4]
    named = zip(groups.get_feature_names_out()[most], parts[most], strict=True)
    print(f"{word}:", ", ".join(f"[{group}] {part:+.1f}" for group, part in named))

# %% [markdown]
# - *A prefix is not a turn.*
#   In {{ opposite:.0f }} % of the {{ pair_count }} pairs, the people turned the sign when *un-*, *dis-* or *in-* was added.
#   The model lowers its prediction in {{ lowered:.0f }} % of them, and turns the sign in {{ opposite_predicted:.0f }} %.
#   It learned that words with *un-* are bad, because most are.
#   Within the triangles nothing is left to see.
# - *So it is wrong where the bare word is bad.*
#   *Unbiased*, *indestructible*, *fearless*, *painless*: the prefix or the suffix *-less* is a minus sign before an unknown number, and a sum of weights cannot multiply.
# - *Letters lie.*
#   *Fun* contains *un* and begins like the rudest words of the list, *kill* begins like *kind* and *kiss*, and *harming* is *charming* without the *c*.
# - *Most words are just words.*
#   No letter of *happy* or *masterpiece* could tell.
#   Meaning comes from use, and a list of words has no use in it.
#
# ## From words to sentences
#
# **We wrote the {{ sentences }} sentences below and labelled them ourselves, knowing VADER's rules.**
# They are sorted by what makes them hard, eight of each kind.
# Plus and minus are the labels, 0 is no opinion; in the last kind, the first of two sentences should get the stronger score.
# The share that a method gets right says nothing about other texts: with more of one kind, it would be another share.
# But they show which method fails at what, as the checklists of [@ribeiro2020beyond] do for commercial systems.

# %% sentences
written = {
    "plain": """+ The soup was delicious.
        - The sequel is boring.
        + The waiter was friendly.
        - The charger is useless.
        + We enjoyed every scene.
        - The bathroom was dirty.
        + My new bicycle is excellent.
        - The app crashes every day.""",
    "negated": """- The soup was not good.
        + The sequel is not bad.
        - I did not enjoy the concert.
        + There is nothing wrong with the lens.
        - The waiter was never helpful.
        + The queue was no problem.
        - The chairs aren't comfortable.
        + The lecture was not boring.""",
    "from afar": """- I don't think that the service was good.
        - Nobody in our group found the guide helpful.
        - Not one of the six dishes on the menu was tasty.
        - I wouldn't call the second half of the show funny.
        + I can't say that we were ever bored.
        + Not a single scene in this long film is dull.
        + At no point did the tour feel rushed or boring.
        + None of the things that people warned us of were bad.""",
    "only seems so": """+ The phone is not only cheap but also good.
        + No wonder everybody loves this bakery.
        + I couldn't be happier with the camera.
        + We can't praise the crew enough.
        - The tent is not only heavy but also ugly.
        - The landing could not have been worse.
        - No doubt this was the worst meal of the trip.
        + Not surprisingly, the pie was excellent.""",
    "negated twice": """+ Nobody did not like it.
        + The film is not without charm.
        + There is no child who doesn't love this park.
        + I can't say that I didn't enjoy it.
        + You won't find a guest who was not happy.
        - There was never a day without trouble.
        - No call ended without an insult.
        - Not a week goes by without a failure.""",
    "but": """+ The plot is silly, but the acting is wonderful.
        - The acting is wonderful, but the plot is silly.
        + The food was disgusting, but the waiter was kind.
        - The waiter was kind, but the food was disgusting.
        + The battery is awful, but the screen is beautiful.
        - The screen is beautiful, but the battery is awful.
        + Although the room was dirty, we loved the view.
        - Although we loved the view, the room was dirty.""",
    "other topic": """+ The plot is unpredictable.
        - The steering is unpredictable.
        + The ending made us cry.
        - The bill made us cry.
        + The engine is quiet.
        - The alarm is quiet.
        + The ghost story is terrifying.
        - The lift is terrifying.""",
    "irony": """- Great, another update that deletes my files.
        - Just what I needed: a phone that dies at noon.
        - Wonderful service, only three hours of waiting.
        - I love paying twice for the same ticket.
        - A brilliant idea to print the manual in white on white.
        - Thanks for the cold coffee and the colder welcome.
        + I hate how good this cake is.
        + Terrible news for my diet: the bakery is perfect.""",
    "unrated word": """+ The pacing is taut.
        - The chips were soggy.
        - The dialogue is wooden.
        + The sauce was moreish.
        - The hinge is wobbly.
        + The book is unputdownable.
        - The stew was flavourless.
        + The boots are watertight.""",
    "no opinion": """0 The film lasts two hours.
        0 The parcel weighs four kilos.
        0 The hotel has sixty rooms.
        0 The phone comes in grey and green.
        0 The novel is about a murder in Lisbon.
        0 The museum shows weapons of the civil war.
        0 The party elects its leader in May.
        0 The clinic treats cancer and heart disease.""",
    "how much": """+ The soup was very good. | The soup was good.
        - The sequel is extremely boring. | The sequel is boring.
        + The waiter was really friendly. | The waiter was friendly.
        - It was absolutely disgusting. | It was disgusting.
        + The guide was helpful. | The guide was slightly helpful.
        - The bill is annoying. | The bill is somewhat annoying.
        + The cake was perfect. | The cake was almost perfect.
        - The seats are horribly uncomfortable. | The seats are uncomfortable.""",
}
labelled = [
    (kind, {"+": 1, "-": -1, "0": 0}[line.strip()[0]], line.strip()[2:])
    for kind, text in written.items()
    for line in text.splitlines()
]
sentences = len(labelled)


def tokens(text):
    return re.findall("[a-z]+(?:'[a-z]+)?", text.lower())


used = {token for _, _, text in labelled for token in tokens(text)}
share_rated = 100 * np.mean([token in known for token in used])
unread = 100 * np.mean(
    [not any(token in known for token in tokens(text)) for *_, text in labelled]
)
print(f"{sentences} sentences, {len(used)} words, {share_rated:.0f} % in the lexicon")

# %% [markdown]
# *Sum* adds valences from the lexicon.
# *VADER* has rules on top, for three words before each rated one: a negator multiplies its valence by −0.74, *very* strengthens it; *but* halves what comes before and raises what comes after.
# It squeezes the result $s$ into $s / \sqrt{s^2 + 15}$, which we undo.
# *Spelling* adds predictions for all words, and *both* adds ratings where there are any and predictions elsewhere.
# For all of them, less than VADER's own threshold counts as no opinion.

# %% scores
vader = SentimentIntensityAnalyzer()
groups = letter_groups(min_df=2)
speller = Ridge(alpha=1, solver="lsqr").fit(groups.fit_transform(words), valence)
listed = sorted(used | set(names()))
spelled = dict(zip(listed, speller.predict(groups.transform(listed)), strict=True))


def by_sum(text):
    return sum(known.get(token, 0) for token in tokens(text))


def by_vader(text):
    squeezed = vader.polarity_scores(text)["compound"]
    return squeezed * np.sqrt(15 / (1 - squeezed**2))


def by_spelling(text):
    return sum(spelled[token] for token in tokens(text))


def by_both(text):
    return sum(known.get(token, spelled[token]) for token in tokens(text))


threshold = 0.05 * np.sqrt(15 / (1 - 0.05**2))


def right(score, label, text):
    if "|" in text:
        strong, weak = map(score, text.split(" | "))
        return strong * label > weak * label + 0.01 and weak * label > 0
    value = score(text)
    return label == int(value > threshold) - int(value < -threshold)


# %% [markdown]
# The fifth is a network that composes: a [GRU](../recurrent-networks/index.md#the-gru) reads one word after the other.
# Of most words it gets nothing but the valence, 0 if it has none; only {{ mark_count }} words, such as *not*, *very* and *but*, it knows by name.
# For want of labelled sentences we generate some.
# Each clause has one rated word among neutral ones, up to two negators at up to four words' distance, and perhaps an intensifier.
# The target follows rules that we made up: a negator multiplies by −½, a second one turns the sign back, after *but* counts more.
# Rated words of the first fold are kept for testing.

# %% composer
negators = """not never no nobody nothing none without cannot isn't wasn't aren't don't
    didn't doesn't won't can't couldn't wouldn't weren't hardly""".split()
stronger = "very really extremely absolutely so".split()
weaker = "slightly somewhat rather".split()
marks = [*negators, *stronger, *weaker, "but", "although", "and"]
neutral = """the a this that it was is were of in on at for with we they our one two
    film room phone hotel plot waiter screen which said day week who people i you find
    say call had ever six single think""".split()
mark_count = len(marks)


def clause(rng, rated, far):
    """Return the words of a clause with one rated word, and its score by our rules."""

    def some(pool, times=1):
        return [pool[place] for place in rng.integers(len(pool), size=times)]

    negated, degree = rng.choice(3, p=[0.5, 0.4, 0.1]), rng.choice(3, p=[0.6, 0.2, 0.2])
    said = some(neutral, rng.integers(1, 4))
    for _ in range(negated):
        said += some(negators) + some(neutral, rng.integers(far + 1))
    if degree:
        said += some(stronger if degree == 1 else weaker)
    word = some(rated)[0]
    score = known[word] * (1, -0.5, 0.5)[negated] * (1, 1.3, 0.7)[degree]
    return [*said, word, *some(neutral, rng.integers(3))], score


def sentence(rng, rated, far=4):
    (first, x), (second, y) = clause(rng, rated, far), clause(rng, rated, far)
    forms = [
        (first, x),
        ([*first, "but", *second], 0.3 * x + y),
        (["although", *first, *second], 0.3 * x + y),
        ([*first, "and", *second], x + y),
    ]
    return forms[rng.choice(4, p=[0.5, 0.2, 0.1, 0.2])]


def encode(texts, length=26):
    """Return each token's valence and its number among the marks, padded in front."""
    coded = torch.zeros(len(texts), length, 2)
    for row, text in zip(coded, texts, strict=True):
        for place, token in enumerate(text[-length:], length - min(length, len(text))):
            row[place, 0] = 0 if token in marks else known.get(token, 0)
            row[place, 1] = marks.index(token) + 1 if token in marks else 0
    return coded


class Composer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(marks) + 1, 8)
        self.gru = nn.GRU(9, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, coded):
        x = torch.cat([coded[..., :1] / 2, self.embed(coded[..., 1].long())], 2)
        return 2 * self.head(self.gru(x)[0][:, -1])[:, 0]


def compose(seed):
    rng, rated = np.random.default_rng(seed), words[folds["family"] > 0].tolist()
    texts, targets = zip(*[sentence(rng, rated) for _ in range(5000)], strict=True)
    torch.manual_seed(seed)
    examples = Examples(encode(texts), torch.tensor(targets).float())
    return train(Composer(), examples, [(0.01, 4), (0.002, 2)], 64)


composers = [compose(seed) for seed in range(3)]
rng = np.random.default_rng(99)
drawn = [sentence(rng, words[folds["family"] == 0].tolist()) for _ in range(1000)]
texts, targets = zip(*drawn, strict=True)
agree = {"sum": [by_sum(" ".join(text)) for text in texts]}
agree["VADER"] = [by_vader(" ".join(text)) for text in texts]
agree |= {f"GRU {seed}": net(encode(texts)) for seed, net in enumerate(composers)}
agree = {name: np.corrcoef(value, targets)[0, 1] for name, value in agree.items()}
for name, correlation in agree.items():
    print(f"{name}: correlation {correlation:.2f} with the rules of the templates")
agree_sum, agree_vader = agree["sum"], agree["VADER"]
agree_gru = np.median([agree[f"GRU {seed}"] for seed in range(3)])

# %% [markdown]
# On new generated sentences with new words the GRU follows our rules almost perfectly ({{ agree_gru:.2f }}; VADER, whose rules are others, {{ agree_vader:.2f }}).
# With templates alone, that is what you would report.
# Now the sentences that were written.

# %% phenomena
# alt: Table of sentences right out of eight, eleven kinds by five methods. Sum fails at negation and gets double negation and apparent negation right. VADER is right on all negations nearby and on none from afar. The GRU is right on negations nearby, about half of those from afar, double negation and but, and on few where the negation only seems to be one. Irony, other topics and unrated words are at or below four for all.
scores = {
    "sum": [by_sum],
    "VADER": [by_vader],
    "spelling": [by_spelling],
    "both": [by_both],
    "GRU": [
        lambda text, net=net: net(encode([tokens(text)])).item() for net in composers
    ],
}
hits = np.array(
    [
        [[right(score, *case) for _, *case in labelled] for score in seeds]
        for seeds in ([*some, *some[:1] * (3 - len(some))] for some in scores.values())
    ]
)
kinds = np.array([kind for kind, _, _ in labelled])
table = np.stack([hits[..., kinds == kind].sum(2) for kind in written])
totals = {name: hits[m].sum(1) for m, name in enumerate(scores)}
middle = np.median(table, 2)
figure = heatmap(middle, rows=list(written), columns=list(scores), form=".0f")
figure.set_figheight(4.6)
figure.axes[0].set(aspect="auto", xlabel="right out of eight (GRU: median of three)")
for name, total in totals.items():
    print(name, *total[: len(scores[name])], "of", sentences, "right")

# %% verdicts
of = {
    kind: dict(zip(scores, row, strict=True))
    for kind, row in zip(written, middle, strict=True)
}
sum_negated, vader_negated = of["negated"]["sum"], of["negated"]["VADER"]
gru_negated, gru_afar = of["negated"]["GRU"], of["from afar"]["GRU"]
sum_seeming, gru_seeming = of["only seems so"]["sum"], of["only seems so"]["GRU"]
sum_twice, vader_afar = of["negated twice"]["sum"], of["from afar"]["VADER"]
sum_none, both_none = of["no opinion"]["sum"], of["no opinion"]["both"]
spelling_unrated, ironic = of["unrated word"]["spelling"], max(of["irony"].values())
all_sum, all_vader, *_, all_gru = (np.median(total) for total in totals.values())
all_plus = sum(label == 1 for kind, label, _ in labelled if kind != "how much")
taught = ["plain", "negated", "from afar", "negated twice", "but", "how much"]
taught = np.isin(kinds, taught)
gru_taught = 100 * np.median(hits[-1][:, taught].mean(1))
gru_others = 100 * np.median(hits[-1][:, ~taught].mean(1))
print(f"always plus: {all_plus} of {sentences} right")
print(
    f"GRU: {gru_taught:.0f} % of the kinds in its templates, {gru_others:.0f} % others"
)
assert agree_gru > 0.95
assert gru_taught > 75
assert gru_others < 40
assert sum_negated == 0
assert vader_negated == 8
assert gru_negated >= 6
assert vader_afar == 0
assert gru_afar > 1
assert gru_seeming < 5 < sum_seeming

# %% [markdown]
# Read the rows, not the totals: the sum has {{ all_sum:.0f }} of {{ sentences }} right, and "always plus" has {{ all_plus }}.
#
# - The sum gets {{ sum_negated:.0f }} negations right, and {{ sum_twice:.0f }} double ones, and {{ sum_seeming:.0f }} where the negator negates nothing (*no wonder*, *couldn't be happier*).
#   It is right there because it does not read.
# - VADER's rules get all nearby negations and {{ vader_afar:.0f }} from afar, where the negator is more than three words away.
# - The GRU gets {{ gru_taught:.0f }} % of the six kinds that its templates were made for, and {{ gru_others:.0f }} % of the others.
#   It learned from us that *not* negates, so it does in *not only*.
#   This is **covariate shift**: the sentences in use do not come from where the training sentences came from, and a {{ agree_gru:.2f }} on the one says nothing about the other.
# - Spelling gets {{ spelling_unrated:.0f }} of the eight unrated words, as a coin would, and has an opinion on everything: of the sentences without one, *both* gets {{ both_none:.0f }} right.
#   It never saw a neutral word; and on the plain sentences, whose words it has seen, it is a memory.
# - The lexicon errs by itself: *novel* is rated for the adjective, *party* for the fun, *heart* for love.
# - Irony is nobody's: {{ ironic:.0f }} of eight at best.
#   What is said is pleasant; only knowing about lost files tells you that it was not meant.
#
# ## How far does a "not" reach?
#
# Put more and more neutral words between *not* and *good*.

# %% scope
# alt: Score of sentences with not, some neutral words, and good. The sum stays equally far above zero for any distance. VADER lies below zero up to two words between, then jumps up to the sum. The GRU begins at {{ gru_near:.1f }}, hardly rises up to four words, the farthest it was trained with, and then more and more, to {{ gru_far:.1f }} at eight.
rng, far = np.random.default_rng(5), range(9)
reached = {"sum": [], "VADER": [], "GRU": []}
for distance in far:
    texts = [
        ["it", "was", "not", *rng.choice(neutral, distance), "good"] for _ in range(20)
    ]
    joined = [" ".join(text) for text in texts]
    reached["sum"].append(np.mean([by_sum(text) for text in joined]))
    reached["VADER"].append(np.median([by_vader(text) for text in joined]))
    nets = [net(encode(texts)).mean().item() for net in composers]
    reached["GRU"].append(np.median(nets))
figure, axes = plt.subplots()
for name, look in ("sum", "C2^:"), ("VADER", "C1s--"), ("GRU", "C0o-"):
    axes.plot(far, reached[name], look, label=name)
axes.axvspan(-0.3, 4.3, color="C0", alpha=0.12, linewidth=0)
axes.text(-0.2, -0.45, "in the templates", color="C0")
axes.set(xlabel="words between “not” and “good”", ylabel="score", xlim=(-0.3, 8.3))
axes.legend(loc="upper left", bbox_to_anchor=(0.02, 0.88))
assert reached["VADER"][2] < 0 < reached["VADER"][4]
assert reached["GRU"][4] < -0.3
gru_near, gru_far = reached["GRU"][0], reached["GRU"][8]

# %% tricky
tricky = """It was good. | It was not good. | It was not bad. | It was not only good.
Nobody liked it. | Nobody did not like it. | It was not good, but great.""".replace(
    "\n", "|"
)
vader_great = by_vader("It was not good, but great.")
print("  sum  VADER   GRU")
for text in map(str.strip, tricky.split("|")):
    three = (np.median([score(text) for score in scores[name]]) for name in reached)
    print(*(f"{value:5.1f}" for value in three), "", text)

# %% [markdown]
# VADER's window ends with a jump; the network forgets slowly, from {{ gru_near:.1f }} next to the word to {{ gru_far:.1f }} across eight words, twice as far as it was ever shown.
# Nor does the window end where it should: in "It was not good, but great" it reaches across the *but* and turns both words, to {{ vader_great:.1f }}.
# Neither asks what the *not* belongs to.
# That is a matter of grammar, not of distance: in "not one of the six dishes was tasty" the two ends belong together.
#
# And −½ was our invention: [@kiritchenko2016effect] had people rate phrases, and negators differed from each other, and one negator from word to word.
#
# ## In production
#
# - *Names.*
#   {{ rated_names }} of the {{ name_count:, }} first names in the American census of 1990 are in the lexicon, as other words: *Grace* and *Joy* start every sentence about them with a bonus, and *Rob* and *Mia* (probably for *missing in action*) with a malus.
#   Spelling has an opinion on {{ opinion_names:.0f }} % of the rest.

# %% first_names
people = names()
in_lexicon = [name for name in people if name in known]
rest = np.array([spelled[name] for name in people if name not in known])
rated_names, name_count = len(in_lexicon), len(people)
opinion_names = 100 * np.mean(abs(rest) > threshold)
low, high = np.quantile(rest, [0.05, 0.95])
print(f"spelling: nine of ten other names lie between {low:.1f} and {high:.1f}")
for name in "Ruth", "Grace", "Joy", "Mia", "Rob":
    print(f"VADER, {name} is a nurse: {by_vader(f'{name} is a nurse.'):.1f}")
assert opinion_names > 60
assert by_vader("Mia is a nurse.") < 0

# %% [markdown]
# - *People.*
#   [@kiritchenko2018examining] gave 219 systems sentences that differ in one name or pronoun only: several of the systems consistently gave slightly higher scores to one gender or one race.
#   Do that test before others do it with your product.
# - *Places and times.*
#   [@hamilton2016inducing] find that more than 5 % of the words with a sentiment changed sides within 150 years, and that online communities disagree with each other.
# - *Topics.*
#   An unpredictable plot is good, unpredictable steering is not.
#   The method of [@turney2002thumbs] had 84 % of the reviews of cars right and 66 % of those of films.
# - *Silence.*
#   {{ unread:.0f }} % of our sentences have no word in the lexicon, which is not the same as neutral; a dashboard would show it so.
#
# ## What is done today
#
# Composition was learned from sentences first: [@socher2013recursive] labelled every phrase of 11,855 sentences from film reviews, and a network along their parse trees raised the share that is right, as positive or negative, from 80 % to 85.4 %.
# Large Transformers, trained on unlabelled text and then fine-tuned, came to 94.9 % by 2018 (BERT, [@devlin2019bert]) and 97.5 % by 2019 (T5, [@raffel2020exploring]).
# They have read about chips, and know *soggy* from that.
# Yet it is one kind of text, without neutral sentences, and [@ribeiro2020beyond] found plain negations that such models, commercial ones included, get wrong.
#
# What this lab hides: its sentences are short, clean, in one English, with one opinion each.
# A review is a page that praises the lens, damns the strap, quotes a friend, and gives three stars.
#
# ## Exercises
#
# 1. Ten raters are expensive. What would the noise ceiling be with three, and does the Spearman–Brown formula foretell it?
#
#     ??? success "Solution"
#
#         It does: three raters agree with another three by {{ practical-applications/exercise_sentiment_raters.py:measured_three:.3f }}, and the formula says {{ practical-applications/exercise_sentiment_raters.py:foretold_three:.3f }}.
#         With three, the ceiling would be {{ practical-applications/exercise_sentiment_raters.py:ceiling_three:.2f }}: for the same money, three times as many words.
#
#         ```snippet
#         practical-applications/exercise_sentiment_raters.py
#         ```
#
# 2. Is it really the relatives? Split at random, and look at test words with a close relative in training and at those without one apart.
#
#     ??? success "Solution"
#
#         {{ practical-applications/exercise_sentiment_relatives.py:share:.0f }} % of the test words have one. On these the nearest neighbour correlates with the ratings by {{ practical-applications/exercise_sentiment_relatives.py:related:.2f }}, on the others by {{ practical-applications/exercise_sentiment_relatives.py:alone:.2f }}.
#
#         ```snippet
#         practical-applications/exercise_sentiment_relatives.py
#         ```
#
# 3. Mend VADER's window: let a negator turn every rated word up to the next comma, *but* or full stop. What do you win, and what do you lose?
#
#     ??? success "Solution"
#
#         Of ten sentences it wins {{ practical-applications/exercise_sentiment_scope.py:won }} that were negated from afar, and loses {{ practical-applications/exercise_sentiment_scope.py:lost }} in which the negator should have stopped earlier. Distance was never the point.
#
#         ```snippet
#         practical-applications/exercise_sentiment_scope.py
#         ```
#
# ## Sources
#
# - [@hutto2014vader]: the ratings and the rules.
# - [@spearman1910correlation]: how reliable a mean is.
# - [@brown1910some]: the same formula, in the same issue.
# - [@hastie2009elements]: ridge regression.
# - [@kim2014convolutional]: the convolutional network.
# - [@kiritchenko2016effect]: what negators do to people's ratings.
# - [@ribeiro2020beyond]: testing by kinds of sentences.
# - [@kiritchenko2018examining]: testing by names.
# - [@turney2002thumbs]: topics.
# - [@hamilton2016inducing]: communities and times.
# - [@socher2013recursive]: composition, learned.
# - [@devlin2019bert]: BERT.
# - [@raffel2020exploring]: T5.
