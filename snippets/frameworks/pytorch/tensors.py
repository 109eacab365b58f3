"""A PyTorch tensor is changed in place, shared by its views, and collects gradients."""

import torch

# %% changed_in_place
table = torch.tensor([[1.0, 2.0], [3.0, 4.0]])  # Python's floats become float32
row = table[0]  # a view: the same memory
row += 10
assert table.dtype == torch.float32
assert table.tolist() == [[11, 12], [3, 4]]

# %% gradients
x = torch.tensor([1.0, 2.0], requires_grad=True)  # asked for where the tensor is made
(x**3).sum().backward()
first = x.grad.tolist()
(x**3).sum().backward()  # again, and nobody has set x.grad to zero
twice = x.grad.tolist()
assert first == [3, 12]
assert twice == [6, 24]  # collected, not replaced

# %% second_derivative
y = (x**3).sum()
(slope,) = torch.autograd.grad(y, x, create_graph=True)  # keep how it was computed
(bend,) = torch.autograd.grad(slope.sum(), x)
assert bend.tolist() == [6, 12]

# %% spoilt
y = x.exp()  # its slope is y itself, so y is kept for the way back
y += 1
try:
    y.sum().backward()
    refusal = "none"
except RuntimeError as error:
    refusal = str(error).split(":")[0]
print(refusal)
assert "modified by an inplace operation" in refusal
