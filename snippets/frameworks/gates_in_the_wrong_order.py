"""Gates loaded in another order raise no error, and the network guesses."""

from functools import partial

import matplotlib.pyplot as plt
import torch
from torch import nn

from dlref import recurrent
from dlref.data import digits
from dlref.training import fit

images, labels = digits().test


def read(images, layer):  # an image is a sequence of eight rows
    return head(layer(images[:, 0].transpose(0, 1))[0][-1])


# %% ports
def right(trained, port, order=()):  # the share of test images that a port reads
    port.load_state_dict(trained.state_dict())
    for weights in port.parameters() if order else ():
        weights.data = torch.cat([weights.data.chunk(len(order))[k] for k in order])
    return (read(images, port).argmax(1) == labels).float().mean().item()


share = {}
for kind, order, port in (
    (nn.LSTM, (0, 3, 1, 2), "LSTM, ONNX order"),  # i o f g for torch's i f g o
    (nn.GRU, (1, 0, 2), "GRU, Keras order"),  # z r n for torch's r z n
):
    torch.manual_seed(0)
    layer, head = kind(8, 32), nn.Linear(32, 10)
    model = partial(read, layer=layer)
    adam = torch.optim.Adam([*layer.parameters(), *head.parameters()], lr=0.01)
    fit(model, digits().train, loss=nn.CrossEntropyLoss(), optimizer=adam, epochs=10)
    share[f"{kind.__name__} as trained"] = right(layer, kind(8, 32))
    share[port] = right(layer, kind(8, 32), order)
early = recurrent.GRU(8, 32, reset_after=False)
share["GRU, early reset"] = right(layer, early)

# %% figure
plt.subplots(figsize=(5.4, 2.6))[1].barh(list(share), list(share.values()))
plt.gca().invert_yaxis()
plt.axvline(0.1, color="C1", linestyle="--")
plt.xlabel("share of digits read (dashed: chance)")
lstm, lstm_onnx, gru, gru_keras, gru_early = share.values()
assert min(lstm, gru) > 0.85
assert max(lstm_onnx, gru_keras) < 0.4
assert gru_early < gru - 0.05
