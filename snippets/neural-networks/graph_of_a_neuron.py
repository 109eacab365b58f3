"""One walk back through its graph gives the gradient of every number in a neuron."""

from dlref.autograd import Value
from dlref.plots import computation_graph

w1, x1 = Value(0.8, "w1"), Value(0.5, "x1")
w2, x2 = Value(-0.4, "w2"), Value(-1.0, "x2")
b, target = Value(0.1, "b"), Value(1.0, "y")

prediction = (w1 * x1 + w2 * x2 + b).tanh()
loss = (prediction - target) ** 2
loss.name = "loss"
loss.backward()

step = 1e-6  # move one weight a little and look at the loss itself
nudged = ((Value(0.8 + step) * x1 + w2 * x2 + b).tanh() - target) ** 2
measured = (nudged.data - loss.data) / step
slope, loss_value = w1.grad, loss.data
assert abs(measured - slope) < 1e-5

figure = computation_graph(*loss.graph())
