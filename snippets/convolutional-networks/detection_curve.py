"""Average precision is the area below precision against recall, its teeth filled."""

# %% points
import matplotlib.pyplot as plt
import torch

from dlref.detection import average_precision, match_detections, precision_recall

truth = torch.tensor(
    [[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10]]
)
found = truth[[0, 0, 1, 2, 2, 2]] + torch.tensor([1.0, 2, 1, 9, 0, 3])[:, None]
scores = torch.tensor([0.95, 0.9, 0.8, 0.6, 0.5, 0.3])
right = match_detections(found, scores, truth, threshold=0.5)
recall, precision, _ = precision_recall(scores, right, positives=len(truth))
for row in zip(scores, right, recall, precision, strict=True):
    print("score {:.2f}, right {}: recall {:.2f}, precision {:.2f}".format(*row))
assert right.tolist() == [True, False, True, False, True, False]

# %% area
area = average_precision(scores, right, positives=len(truth))
by_hand = (1 + 2 / 3 + 3 / 5) / 4  # a quarter of the objects at each best precision
assert abs(area - by_hand) < 1e-12
envelope = torch.tensor([1, 1, 2 / 3, 2 / 3, 3 / 5, 3 / 5])
figure, axes = plt.subplots()
edges = torch.tensor([0, 0.25, 0.25, 0.5, 0.5, 0.75])
axes.fill_between(edges, envelope, color="C0", alpha=0.2, linewidth=0, label="area")
axes.plot(recall, precision, "o--", color="C1", label="at each score")
axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.05))
axes.legend()
