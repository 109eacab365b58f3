"""A model that sees the letter it is to predict looks perfect and writes nonsense."""

import torch
from torch.nn.functional import cross_entropy

from dlref.data import Examples, names
from dlref.networks import CharLSTM, generate
from dlref.training import fit

torch.manual_seed(0)
text = [[max(0, ord(c) - 96) for c in f".{w:.<12}"] for w in names()]
text = torch.tensor(text)[torch.randperm(len(text))]
loss, perplexity = lambda z, t: cross_entropy(z.mT, t), []
for shift in (1, 0):  # 0 is the mistake: the target is the letter that goes in
    inputs, targets = text[:, :12], text[:, shift : 12 + shift].clone()
    targets[:, 1:][inputs[:, 1:] == 0] = -100  # nothing to predict after the end
    model = CharLSTM(27, 16, 64)
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    examples = Examples(inputs[:4000], targets[:4000])
    fit(model, examples, loss=loss, optimizer=adam, epochs=2, batch_size=128)
    perplexity += [loss(model(inputs[4500:]), targets[4500:]).exp().item()]
right, leaking = perplexity
print(f"perplexity on unseen names: {right:.1f}, with the leak {leaking:.3f}")
written = generate(model, torch.tensor([[1, 14, 14]]), 8, temperature=0.5)[0]
print("ann continued:", "".join(chr(96 + k) if k else "." for k in written))
assert leaking < 1.02 < right
assert written[3:].unique().tolist() == [14]
