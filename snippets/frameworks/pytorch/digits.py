"""A loop written out in full teaches a small network to read nine digits in ten."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

x, target = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
x = x.float() / 16
train = TensorDataset(x[:1437], target[:1437])

# %% training
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
adam = torch.optim.Adam(model.parameters(), lr=0.01)
for _epoch in range(15):
    for images, labels in DataLoader(train, batch_size=32, shuffle=True):
        loss = nn.functional.cross_entropy(model(images), labels)
        adam.zero_grad()
        loss.backward()
        adam.step()

# %% testing
with torch.no_grad():
    guess = model(x[1437:]).argmax(1)
right = (guess == target[1437:]).double().mean().item()
assert 0.86 < right < 0.96
