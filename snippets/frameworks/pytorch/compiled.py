"""A compiler breaks at a loop that data end, unless it gets the loop as one."""

import torch


def more(x):
    return x.min() < 1


def step(x):
    return torch.where(x < 1, 2 * x, x)


def python_loop(x):
    while more(x):  # a number of the data decides what Python does next
        x = step(x)
    return x


def torch_loop(x):  # the condition and the body as functions, for torch to repeat
    return torch.while_loop(more, lambda x: (step(x),), (x,))[0]


def catch(graph, _inputs):  # a backend: it gets each graph and says what shall run
    graphs.append(graph)
    return graph.forward


x, graphs = torch.linspace(0.04, 1.3, 30), []

# %% refused
try:
    torch.compile(python_loop, backend=catch, fullgraph=True)(x)
    refusal = "none"
except RuntimeError as error:
    refusal = str(error).splitlines()[0]
print(refusal)
assert refusal == "Data-dependent branching"

# %% broken
torch.compiler.reset()
assert torch.equal(torch.compile(python_loop, backend=catch)(x), python_loop(x))
pieces = len(graphs)
assert pieces > 1  # right, but in pieces, with Python in between

# %% handed_over
graphs.clear()
whole = torch.compile(torch_loop, backend=catch, fullgraph=True)
assert torch.equal(whole(x), python_loop(x))
assert len(graphs) == 1
