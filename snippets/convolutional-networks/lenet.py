"""LeNet has nearly all of its weights in its dense head."""

# %% shapes
import torch

from dlref.networks import LeNet

model = LeNet()


def report(layer, inputs, output):
    before, after = (tuple(x.shape[1:]) for x in (inputs[0], output))
    print(f"{type(layer).__name__:9} {before} → {after}")


for layer in model.children():
    layer.register_forward_hook(report)
model(torch.zeros(1, 1, 28, 28))

# %% weights
from dlref.plots import bars

weights = {
    name: sum(p.numel() for p in layer.parameters())
    for name, layer in model.named_children()
}
total = sum(weights.values())
head = weights["fc1"] + weights["fc2"] + weights["fc3"]
head_share = head / total
assert head_share > 0.95
bars({name: [count] for name, count in weights.items()}, ylabel="parameters")

# %% averaged
from dlref.networks import ResNet

resnet = ResNet(in_channels=1, classes=10)
resnet_total = sum(p.numel() for p in resnet.parameters())
resnet_share = sum(p.numel() for p in resnet.head.parameters()) / resnet_total
print(f"head: {head_share:.0%} of LeNet, {resnet_share:.1%} of a ResNet")
assert resnet_share < 0.01
