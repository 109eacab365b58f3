"""A number that is used twice gets the sum of two gradients."""

from dlref.autograd import Value

x = Value(3.0, "x")
y = x * x + x
y.backward()

first, second, third = 3.0, 3.0, 1.0  # through each factor of the product, and the sum
step = 1e-6
measured = (((3 + step) ** 2 + (3 + step)) - ((3 - step) ** 2 + (3 - step))) / (
    2 * step
)
slope = x.grad
print(f"walked back {slope}, measured {measured:.6f}")
assert slope == first + second + third
assert abs(slope - measured) < 1e-6
