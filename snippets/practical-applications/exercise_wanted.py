"""Nine alarms in ten are right only if one stranger in ninety thousand raises one."""

crowd, wanted, found = 100_000, 10, 0.999
hits = found * wanted
false_rate = hits / 9 / (crowd - wanted)  # one false alarm for nine hits
one_in = 1 / false_rate
print(f"one false alarm in {one_in:,.0f} faces")
assert 85_000 < one_in < 95_000

# A hundred times as many false alarms for one group, and it pays for all of them.
other = crowd / 10  # a tenth of the crowd
theirs = 100 * false_rate * other
everyone = theirs + false_rate * (crowd - other)
print(f"{theirs / everyone:.0%} of the false alarms name a tenth of the crowd")
share = theirs / everyone
assert 0.9 < share < 0.93
