"""PyTorch rounds halves to even numbers, and floats win over integers."""

import torch

# %% rounding
halves = torch.tensor([0.5, 1.5, 2.5]).round()
half = ", ".join(f"{value:.0f}" for value in halves)
assert half in ("0, 2, 2", "1, 2, 3")


# %% dtypes
def of(tensor):
    return str(tensor.dtype).removeprefix("torch.")


def sum_of(*dtypes):
    a, b = (torch.ones(2, dtype=dtype) for dtype in dtypes)
    return of(a + b)


default_float = of(torch.tensor([1.0]))
integer_with_float = sum_of(torch.int64, torch.float32)
half_with_single = sum_of(torch.float16, torch.float32)
double_number = of(torch.ones(2) + torch.tensor(1.0, dtype=torch.float64))
assert double_number == "float32"  # a tensor without axes has no say among floats
