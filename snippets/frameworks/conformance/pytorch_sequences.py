"""PyTorch's cells, attention and CTC are those of dlref; its GRU has one form only."""

import json
from pathlib import Path

import torch
from torch.nn import functional as theirs

from dlref import attention, losses, recurrent

reference = json.loads(Path(__file__).with_name("reference.json").read_text())
torch.set_default_dtype(torch.float64)


def gaps(function, case, options):
    inputs = {k: torch.tensor(x) for k, x in case["inputs"].items()}
    leaves = [inputs[k].requires_grad_() for k in case["gradients"]]
    value = function(*inputs.values(), **options)
    slopes = torch.autograd.grad(value, leaves, torch.tensor(case["cotangent"]))
    wanted = map(torch.tensor, [case["value"], *case["gradients"].values()])
    pairs = zip([value, *slopes], wanted, strict=True)
    first, *rest = ((a - b).abs().max() / max(1, b.abs().max()) for a, b in pairs)
    return torch.stack([first, torch.stack(rest).max()])


def compare(name, function, own, **options):
    case = reference[name]
    assert (gaps(own, case, case["options"]) <= 1e-12).all()  # dlref itself
    came = gaps(function, case, options)
    assert (came <= 1e-9).all()
    return ", ".join(f"{gap:.0e}" if gap else "0" for gap in came.tolist())


# %% cells
rnn_cell = compare("rnn_cell", torch.rnn_tanh_cell, recurrent.rnn_cell)
joined = lambda cell: lambda x, h, c, *w: torch.cat(cell(x, (h, c), *w), -1)
lstm_cell = compare("lstm_cell", joined(torch.lstm_cell), joined(recurrent.lstm_cell))
gru_cell = compare("gru_cell", torch.gru_cell, recurrent.gru_cell)
before = reference["gru_cell_before"]
assert (gaps(recurrent.gru_cell, before, before["options"]) <= 1e-12).all()
assert (gaps(torch.gru_cell, before, {}) > 0.01).all()
gru_cell_before = "only resets after the product"

# %% attention_and_ctc
sdpa, own = theirs.scaled_dot_product_attention, attention.scaled_dot_product_attention
scaled_dot_product_attention = compare("scaled_dot_product_attention", sdpa, own)
masked = lambda q, k, v: own(q, k, v, attention.causal_mask(4))
causal_attention = compare("causal_attention", sdpa, masked, is_causal=True)
logits = lambda loss, *sizes: lambda x, t: loss(x.log_softmax(-1), t, *sizes)
other = logits(theirs.ctc_loss, (6,), (3,), 0, "sum")  # class 0 is the blank
ctc = compare("ctc", other, logits(losses.ctc))
