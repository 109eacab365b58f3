"""Edit distance prefers what looks alike, chrF what has the right pieces anywhere."""

from collections import Counter


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            change = diagonal + (x != y)
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, change)
    return row[-1]


def pieces(text, n):
    letters = text.replace(" ", "")  # chrF leaves spaces out
    return Counter(letters[k : k + n] for k in range(len(letters) - n + 1))


def chrf(text, reference, longest=6, beta=2):
    precision = recall = 0
    for n in range(1, longest + 1):
        mine, right = pieces(text, n), pieces(reference, n)
        shared = (mine & right).total()
        precision += shared / mine.total() / longest
        recall += shared / right.total() / longest
    squared = beta**2  # recall counts twice as much as precision
    return (1 + squared) * precision * recall / (squared * precision + recall)


reference = "heure du nord"
turned, alike = "nord du heure", "beurre au port"
for text in (turned, alike):
    away, score = edits(text, reference), chrf(text, reference)
    print(f"{text:15} {away} edits, chrF {score:.2f}")
assert edits(turned, reference) > edits(alike, reference)
assert chrf(turned, reference) > chrf(alike, reference)
assert abs(chrf(reference, reference) - 1) < 1e-9
turned_chrf, alike_chrf = chrf(turned, reference), chrf(alike, reference)
turned_edits, alike_edits = edits(turned, reference), edits(alike, reference)
