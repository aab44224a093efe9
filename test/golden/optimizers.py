"""Golden values of optimizers, weight averaging, clipping and weighted losses, from torch in double.

    python test/golden/optimizers.py

Writes optimizers.json. Inputs come from the seeded formula (seeded.py), spread 1 unless said:
- `adamw`, `adam` (L2 decay), `sgd`: the parameter is seeded "parameter", step `s` (0 to 9) has the
  gradient seeded "gradient-<s>" with spread 10 ** (s % 3 - 1). Recorded: the parameter after ten
  steps, the optimizer's buffers, and `ema`, the average that starts as a copy of the parameter and
  after each step is decay * ema + (1 - decay) * parameter.
- `clip`: clip_grad_norm_ over the gradients seeded "gradient-0", "gradient-1", ... of these shapes
  and spreads. Its scale is min(1, maxNorm / (norm + 1e-6)).
- `crossEntropy`: logits seeded "logits", [N, C] of that spread; label i is 7 * i % C; class weights,
  where `weighted`, seeded "class-weights", [C], spread 0.75 around 1. Mean reduction, in torch's
  sense: over the sum of the labels' weights. `loss` is a number, `dLogits` the loss's gradient.
"""

import json
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from seeded import record, seeded

HERE = Path(__file__).parent
STEPS, EMA_DECAY = 10, 0.99


def tensor(name, shape, *args):
    return torch.from_numpy(seeded(name, shape, *args)).double()


def ten_steps(make, shape):
    """The parameter, its average and the optimizer's state after ten steps."""
    parameter = tensor("parameter", shape).requires_grad_()
    optimizer = make([parameter])
    ema = parameter.detach().clone()
    for step in range(STEPS):
        parameter.grad = tensor(f"gradient-{step}", shape, 10.0 ** (step % 3 - 1))
        optimizer.step()
        ema = EMA_DECAY * ema + (1 - EMA_DECAY) * parameter.detach()
    results = {"parameter": record(parameter.detach()), "ema": record(ema)}
    return results, optimizer.state[parameter]


def adam(kind, shape, learning_rate, weight_decay):
    options = {"lr": learning_rate, "weight_decay": weight_decay}
    results, state = ten_steps(lambda parameters: kind(parameters, **options), shape)
    return {
        "shape": shape,
        "learningRate": learning_rate,
        "weightDecay": weight_decay,
        "emaDecay": EMA_DECAY,
        **results,
        "m": record(state["exp_avg"]),
        "v": record(state["exp_avg_sq"]),
    }


def sgd(shape, learning_rate, nesterov):
    options = {"lr": learning_rate, "momentum": 0.9, "weight_decay": 5e-4, "nesterov": nesterov}
    results, state = ten_steps(lambda parameters: torch.optim.SGD(parameters, **options), shape)
    return {
        "shape": shape,
        "learningRate": learning_rate,
        "momentum": options["momentum"],
        "weightDecay": options["weight_decay"],
        "nesterov": nesterov,
        "emaDecay": EMA_DECAY,
        **results,
        "buffer": record(state["momentum_buffer"]),
    }


def clip(tensors, max_norm):
    parameters = []
    for index, (shape, spread) in enumerate(tensors):
        parameter = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
        parameter.grad = tensor(f"gradient-{index}", shape, spread)
        parameters.append(parameter)
    norm = clip_grad_norm_(parameters, max_norm)
    return {
        "tensors": [{"shape": shape, "spread": spread} for shape, spread in tensors],
        "maxNorm": max_norm,
        "norm": norm.item(),  # before clipping, over all tensors
        "clipped": [record(parameter.grad) for parameter in parameters],
    }


def weighted_cross_entropy(count, classes, spread, smoothing, weighted):
    logits = tensor("logits", (count, classes), spread).requires_grad_()
    labels = torch.arange(count) * 7 % classes
    weight = tensor("class-weights", (classes,), 0.75, 1.0) if weighted else None
    loss = cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing)
    loss.backward()
    return {
        "count": count,
        "classes": classes,
        "spread": spread,
        "labelSmoothing": smoothing,
        "weighted": weighted,
        "loss": loss.item(),
        "dLogits": record(logits.grad),
    }


SHAPES = [[3, 5], [70], [3, 3, 8, 17]]
LOSSES = [(9, 5, 2.0), (1, 3, 2.0), (4, 3, 200.0), (32, 100, 5.0)]

goldens = {
    "adamw": [adam(torch.optim.AdamW, shape, 1e-2, 0.01) for shape in SHAPES],
    "adam": [adam(torch.optim.Adam, shape, 1e-3, 0.01) for shape in SHAPES],
    "sgd": [sgd(shape, 1e-2, nesterov) for shape in SHAPES for nesterov in (False, True)],
    "clip": [
        clip([([3, 5], 1.0), ([70], 0.5), ([3, 3, 4, 8], 0.1)], 1.0),
        clip([([3, 5], 0.1), ([70], 0.05), ([3, 3, 4, 8], 0.01)], 1.0),  # within: left as it is
    ],
    "crossEntropy": [
        weighted_cross_entropy(*case, smoothing, weighted)
        for case in LOSSES
        for smoothing, weighted in [(0.1, False), (0.0, True), (0.1, True)]
    ],
}
(HERE / "optimizers.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
