"""The weights of an MXNet network give the same outputs in PyTorch."""

import numpy as np
import torch
from torch import nn


def wave(*shape):  # the same numbers in every framework
    return np.sin(np.arange(1, 1 + np.prod(shape))).reshape(shape).astype("float32")


given = {
    "conv.weight": wave(3, 1, 3, 3), "conv.bias": wave(3),
    "norm.gamma": 2 * wave(3), "norm.beta": wave(3),
    "norm.running_mean": -wave(3), "norm.running_var": wave(3) ** 2,
    "lstm._unfused.0.i2h_weight": wave(16, 12), "lstm._unfused.0.i2h_bias": wave(16),
    "lstm._unfused.0.h2h_weight": wave(16, 4), "lstm._unfused.0.h2h_bias": wave(16),
    "out.weight": wave(2, 16), "out.bias": wave(2),
}  # fmt: skip

# %% expected
outputs = [[-0.051544, 2.065604], [-0.875153, 2.426240]]


# %% network
class Net(nn.Module):
    """Read an image row by row, from top to bottom."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, kernel_size=3)  # sizes are not guessed
        self.norm, self.lstm = nn.BatchNorm2d(3), nn.LSTM(12, 4)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        """Return two scores for each image."""
        y = torch.relu(self.norm(self.conv(x))).permute(2, 0, 1, 3)  # H N C W
        y, _ = self.lstm(y.flatten(2))  # the states come as well
        return self.out(y.transpose(0, 1).flatten(1))  # Linear does not flatten


# %% rename
def renamed(name):
    for theirs, ours in {
        "norm.gamma": "norm.weight", "norm.beta": "norm.bias",
        "_unfused.0.i2h_weight": "weight_ih_l0", "_unfused.0.i2h_bias": "bias_ih_l0",
        "_unfused.0.h2h_weight": "weight_hh_l0", "_unfused.0.h2h_bias": "bias_hh_l0",
    }.items():  # fmt: skip
        name = name.replace(theirs, ours)
    return name


net = Net().eval()  # MXNet evaluates wherever it does not record
net.load_state_dict({renamed(n): torch.from_numpy(v) for n, v in given.items()})
scores = net(torch.from_numpy(wave(2, 1, 6, 6))).detach().numpy()
gap = float(np.abs(scores - np.array(outputs)).max())
assert gap < 1e-5
