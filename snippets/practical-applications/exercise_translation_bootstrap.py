"""Names in a family succeed and fail together; drawing single names hides that."""

from collections import defaultdict

import numpy as np
from babel import Locale

english, french = Locale("en").meta_zones, Locale("fr").meta_zones
families = defaultdict(list)  # one a zone: plain, standard and summer time
for zone, forms in english.items():
    for form, name in forms.get("long", {}).items():
        if form in french.get(zone, {}).get("long", {}):
            words = set(french[zone]["long"][form].lower().split())
            families[zone].append(bool(words & set(name.lower().split())))

names = np.array([hit for family in families.values() for hit in family])
sums = np.array([(sum(family), len(family)) for family in families.values()])
draw = np.random.default_rng(0)


def width(values):
    low, high = np.quantile(values, [0.025, 0.975])
    return high - low


alone = names[draw.integers(len(names), size=(4000, len(names)))].mean(1)
drawn = sums[draw.integers(len(sums), size=(4000, len(sums)))].sum(1)
by_name, by_family = width(alone), width(drawn[:, 0] / drawn[:, 1])
wider = by_family / by_name
print(
    f"{len(names)} names in {len(sums)} families; a word survives in {names.mean():.0%}"
)
print(f"interval by names {by_name:.3f} wide, by families {by_family:.3f}")
assert wider > 1.2
