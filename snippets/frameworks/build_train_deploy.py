"""What a framework built, trained and exported computes the same elsewhere."""

import numpy as np
import torch
from torch import nn

from dlref.data import digits
from dlref.networks import MLP
from dlref.training import fit

train, _, test = digits()

# %% build_and_train
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
adam = torch.optim.Adam(model.parameters(), lr=0.01)
fit(model, train, loss=nn.CrossEntropyLoss(), optimizer=adam, epochs=15)
scores = model(test.inputs).detach()
right = (scores.argmax(1) == test.targets).float().mean().item()
assert right > 0.9

# %% save_and_export
torch.save(model.state_dict(), "weights.pt")  # the numbers, by name
program = torch.export.export(model, (test.inputs,))  # the numbers and the computation
torch.export.save(program, "program.pt2")
np.savez("weights.npz", *(p.detach().numpy() for p in model.parameters()))

# %% elsewhere
ours = MLP([64, 32, 10])  # a class of another package, with the same shapes
weights = torch.load("weights.pt", weights_only=True)
ours.load_state_dict(dict(zip(ours.state_dict(), weights.values(), strict=True)))

exported = torch.export.load("program.pt2").module()  # no class of ours needed
images = test.inputs.flatten(1)
w1, b1, w2, b2 = np.load("weights.npz").values()  # and no torch
plain = np.maximum(images.numpy() @ w1.T + b1, 0) @ w2.T + b2

others = [ours(images), exported(test.inputs), torch.from_numpy(plain)]
gap = max((other.detach() - scores).abs().max().item() for other in others)
assert gap < 1e-4
