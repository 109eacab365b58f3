"""Four losses are negative log-likelihoods, up to a factor and a constant."""

import math

import torch
from torch.distributions import Bernoulli, Categorical, Laplace, Normal

from dlref import losses

torch.manual_seed(0)
y, guess = torch.randn(2, 1000, dtype=torch.float64)
labels, logits = torch.randint(3, (1000,)), torch.randn(1000, 3, dtype=torch.float64)
yes = (y > 0).double()


def surprise(noise, outcome):
    """Return the mean of -ln p, in nats."""
    return -noise.log_prob(outcome).mean()


# %% numbers
size = 1.7  # the noise's standard deviation, or its mean size
gaussian = losses.mean_squared_error(guess, y) / (2 * size**2)
constant = math.log(size * math.sqrt(2 * math.pi))
assert surprise(Normal(guess, size), y).isclose(gaussian + constant)
laplace = losses.mean_absolute_error(guess, y) / size
assert surprise(Laplace(guess, size), y).isclose(laplace + math.log(2 * size))

# %% classes
two = losses.binary_cross_entropy(guess, yes)
assert surprise(Bernoulli(logits=guess), yes).isclose(two)
several = losses.cross_entropy(logits, labels)
assert surprise(Categorical(logits=logits), labels).isclose(several)
