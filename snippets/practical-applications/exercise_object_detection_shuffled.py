"""Shuffled confidences cost a detector its precision at every recall."""

import torch

from dlref.detection import average_precision

torch.manual_seed(0)
objects, found, right = 1000, 800, 600  # 200 false alarms, 400 objects never found
correct = torch.arange(found) < right
precision, recall = right / found, right / objects


def area(scores):
    return average_precision(scores, correct, positives=objects)


sure = correct + torch.rand(found)  # every right one before every false alarm
perfect = area(sure)
monotone = area(sure**5 / 100)  # other numbers, the same order
shuffled = torch.tensor([area(sure[torch.randperm(found)]) for _ in range(200)]).mean()
reversed_ = area(-sure)
print(f"best order {perfect:.2f}, shuffled {shuffled:.2f}, worst {reversed_:.2f}")
print(f"recall {recall:.2f}, recall times precision {recall * precision:.2f}")
assert abs(perfect - recall) < 1e-9
assert monotone == perfect
assert 0 < shuffled - recall * precision < 0.03  # the filled teeth add a little
assert abs(reversed_ - recall * precision) < 1e-9
