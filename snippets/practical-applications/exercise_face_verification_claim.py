"""No false match among a hundred people supports a claim of one in 1,650 pairs."""

import math

import torch

pairs_of_hundred = math.comb(100, 2)
claim = pairs_of_hundred / 3  # one in so many; no errors among n leave up to 3 / n
people = 2
while math.comb(people, 2) < 3 * 1_000_000:
    people += 1
print(
    f"{pairs_of_hundred:,} pairs: one in {claim:,.0f}; a millionth: {people:,} people"
)

# With exactly that rate, how often would the vendor see no false match at all?
torch.manual_seed(0)
errors = torch.binomial(
    torch.full((20_000,), float(pairs_of_hundred)), torch.tensor(1 / claim)
)
lucky = (errors == 0).float().mean()
assert abs(lucky - 0.05) < 0.01
assert 2_400 < people < 2_500
