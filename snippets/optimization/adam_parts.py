"""With parts switched off, Adam becomes RMSprop, momentum or the gradient's sign."""

import torch

from dlref.optimizers import adam_step, sgd_step

torch.set_default_dtype(torch.float64)
curvature, start = torch.tensor([1.0, 25.0]), torch.tensor([-1.8, 0.3])
late = 10**9  # as if so many steps were taken: nothing is left of the bias correction


def ours(before=0, **settings):
    theta, m, v = start, torch.zeros(2), torch.zeros(2)
    for t in range(1, 51):
        gradient = curvature * theta
        theta, m, v = adam_step(theta, gradient, m, v, before + t, **settings)
    return theta


def theirs(kind, **settings):
    theta = torch.nn.Parameter(start.clone())
    optimizer = kind([theta], **settings)
    for _ in range(50):
        theta.grad = curvature * theta.data
        optimizer.step()
    return theta.data


assert torch.allclose(ours(lr=0.01), theirs(torch.optim.Adam, lr=0.01))
# Without the average of gradients:
rmsprop = theirs(torch.optim.RMSprop, lr=0.01, alpha=0.99)
assert torch.allclose(ours(late, lr=0.01, beta1=0, beta2=0.99), rmsprop)
# With an epsilon that drowns the root; m is 1 - 0.9 of torch's velocity:
momentum = theirs(torch.optim.SGD, lr=0.01 * (1 - 0.9), momentum=0.9)
assert torch.allclose(ours(late, lr=0.01 * 1e12, eps=1e12), momentum)
# Without any average:
sign = start
for _ in range(50):
    sign = sgd_step(sign, (curvature * sign).sign(), lr=0.01)
assert torch.allclose(ours(lr=0.01, beta1=0, beta2=0, eps=0), sign)
