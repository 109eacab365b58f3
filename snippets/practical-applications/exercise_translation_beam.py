"""The best first word can lead away from the best text; two beams keep the other."""

import math

AFTER = {  # what may follow a text, and with which probability
    "": {"le": 0.6, "la": 0.4},
    "le": {"jour": 0.4, "soir": 0.3, "vent": 0.3},
    "la": {"nuit": 0.9, "pluie": 0.1},
    "le jour": {"se lève": 0.5, "baisse": 0.5},
    "le soir": {"tombe": 0.6, "vient": 0.4},
    "le vent": {"tombe": 0.6, "se lève": 0.4},
    "la nuit": {"tombe": 0.9, "vient": 0.1},
    "la pluie": {"tombe": 0.9, "cesse": 0.1},
}


def search(width, steps=3):
    """Keep the `width` most probable texts after each step."""
    texts = [("", 0.0)]
    for _ in range(steps):
        longer = [
            (f"{text} {word}".strip(), total + math.log(p))
            for text, total in texts
            for word, p in AFTER[text].items()
        ]
        texts = sorted(longer, key=lambda pair: -pair[1])[:width]
    return texts[0][0], math.exp(texts[0][1])


greedy, beam, all_of_them = search(1), search(2), search(99)
for name, found in (("greedy", greedy), ("beam of two", beam)):
    print(f"{name:12} {found[0]:16} with probability {found[1]:.3f}")
assert greedy[1] < beam[1]
assert beam == all_of_them
greedy_p, beam_p = greedy[1], beam[1]
