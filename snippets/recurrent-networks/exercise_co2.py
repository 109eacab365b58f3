"""For monthly CO₂, three past numbers forecast three times better than the last one."""

from dlref.data import co2

y = co2().values.double()
test = slice(396, 516)  # the last ten years


def error(forecast):
    return (forecast - y)[test].square().mean().sqrt().item()


last_year = y.roll(12)
rise = (y[395] - y[11]) / 32  # a year's mean rise before the test
naive, seasonal = error(y.roll(1)), error(last_year)
with_trend = error(last_year + rise)
with_change = error(
    last_year + (y - last_year).roll(1)
)  # last month's rise over a year
for name, ppm in (
    ("last month", naive),
    ("same month last year", seasonal),
    ("... and the mean rise", with_trend),
    ("... and last month's rise", with_change),
):
    print(f"{name:26} {ppm:.2f} ppm")
assert with_change < naive / 3
