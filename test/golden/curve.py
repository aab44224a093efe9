"""Golden loss curve: 20 steps of training ResNet-18 in PyTorch, in double precision.

    python test/golden/curve.py

Writes curve.json. Adam with PyTorch's defaults, cross-entropy, train mode. Step `s` (from 0) sees the images seeded "image-<s>", [N, S, S, 3] of spread 1.7, with the
labels (i + s) % classes. At 32 px the last map is one pixel: batch norm sees 8 samples a channel.

Weights by the seeded formula, but the last batch norm of each block (`bn2.weight`) is scaled by 0.2:
with branches as strong as their shortcuts single precision alone, PyTorch's included, is 2.6 % of
the first loss off within 20 steps. `singlePrecision`: how far float32 now strays at most.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torchvision
from torch.nn.functional import cross_entropy

from seeded import seeded, seeded_weight

HERE = Path(__file__).parent
BATCH, SIZE, CLASSES, LEARNING_RATE, STEPS = 8, 32, 6, 1e-4, 20
BRANCH_SCALE = 0.2


def weight(key, shape):
    values = seeded_weight(key, shape)
    return np.float32(values.astype(np.float64) * (BRANCH_SCALE if key.endswith("bn2.weight") else 1))


def seeded_model(dtype):
    model = torchvision.models.resnet18(num_classes=CLASSES)
    state = {
        key: torch.from_numpy(weight(key, list(tensor.shape)))
        for key, tensor in model.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    model.load_state_dict(state, strict=False)
    return model.to(dtype).train()


def batch(step, dtype):
    image = torch.from_numpy(seeded(f"image-{step}", (BATCH, SIZE, SIZE, 3), 1.7))
    return image.to(dtype).permute(0, 3, 1, 2), (torch.arange(BATCH) + step) % CLASSES


def train(dtype):
    model = seeded_model(dtype)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    losses = []
    for step in range(STEPS):
        image, labels = batch(step, dtype)
        optimizer.zero_grad()
        loss = cross_entropy(model(image), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


losses, rounded = train(torch.float64), train(torch.float32)
golden = {
    "batch": BATCH,
    "size": SIZE,
    "classes": CLASSES,
    "learningRate": LEARNING_RATE,
    "branchScale": BRANCH_SCALE,
    "losses": losses,
    "singlePrecision": max(abs(a - b) for a, b in zip(losses, rounded)),
}
(HERE / "curve.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
