"""A negation up to the end of the clause wins some sentences and loses others."""

import re

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

vader = SentimentIntensityAnalyzer()
negators = "not no never nobody nothing none don't wouldn't can't couldn't".split()
texts = """- I don't think that the service was good.
- Nobody in our group found the guide helpful.
- I wouldn't call the second half of the show funny.
+ I can't say that we were ever bored.
+ Not a single scene in this long film is dull.
+ Not all of us had planned to stay so long, as it was lovely.
+ It was not the view that made us so happy.
+ The lift did not come and we took the stairs and enjoyed the view.
- I do not know who built this awful road.
+ I have never been to a place as beautiful as this."""


def to_the_end(text):
    score, turned = 0.0, 1.0
    for token in re.findall("[a-z']+|[,.]", text.lower()):
        if token in negators:
            turned = -0.74
        elif token in (",", ".", "but"):
            turned = 1.0
        else:
            score += turned * vader.lexicon.get(token, 0)
    return score


won = lost = 0
for line in texts.splitlines():
    label, text = (1 if line[0] == "+" else -1), line[2:]
    before, after = vader.polarity_scores(text)["compound"], to_the_end(text)
    won += before * label <= 0 < after * label
    lost += after * label <= 0 < before * label
    print(f"{before:5.1f} {after:5.1f} {line}")
assert won >= 4
assert lost >= 3
