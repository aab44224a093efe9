"""Golden values of single operations, from torch.nn.functional in double precision.

    python test/golden/ops.py

Writes ops.json. Inputs come from the seeded formula by name; layouts are the engine's: NHWC, HWIO.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

from seeded import record, seeded

HERE = Path(__file__).parent


def same_padding(size, kernel, stride):
    """TensorFlow's SAME on one side: before, after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def tensor(name, shape, *args):
    return torch.from_numpy(seeded(name, shape, *args)).double().requires_grad_()


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def padded(x, case):
    """x in NCHW, with the case's padding."""
    kernel, stride, padding = case["kernel"], case["stride"], case["padding"]
    if padding["mode"] == "symmetric":
        return F.pad(x, [padding["size"]] * 4)
    top, bottom = same_padding(x.shape[2], kernel, stride)
    left, right = same_padding(x.shape[3], kernel, stride)
    return F.pad(x, [left, right, top, bottom])


def results(y, **leaves):
    """y and, for a seeded gradient of y, the gradient of each leaf."""
    dy = torch.from_numpy(seeded("dy", tuple(y.shape))).double()
    y.backward(dy)
    gradients = {name: record(leaf.grad) for name, leaf in leaves.items()}
    return {"y": record(y.detach()), **gradients}


def symmetric(size):
    return {"mode": "symmetric", "size": size}


SAME = {"mode": "same"}


def convolution(shape, out, kernel, stride, padding):
    case = {"x": shape, "out": out, "kernel": kernel, "stride": stride, "padding": padding}
    x = tensor("x", shape)
    w = tensor("w", (kernel, kernel, shape[3], out))
    y = nhwc(F.conv2d(padded(nchw(x), case), w.permute(3, 2, 0, 1), stride=stride))
    return {**case, **results(y, dx=x, dw=w)}


def depthwise(shape, kernel, stride, padding):
    case = {"x": shape, "kernel": kernel, "stride": stride, "padding": padding}
    x = tensor("x", shape)
    w = tensor("w", (kernel, kernel, shape[3], 1))
    y = F.conv2d(padded(nchw(x), case), w.permute(2, 3, 0, 1), stride=stride, groups=shape[3])
    return {**case, **results(nhwc(y), dx=x, dw=w)}


def batch_norm(shape, activation):
    channels = (shape[3],)
    x = tensor("x", shape, 1.0, 3.0)  # a mean well off 0: a one-pass variance would cancel
    weight, bias = tensor("weight", channels, 0.5, 1.0), tensor("bias", channels, 0.5)
    if activation == "relu6":
        weight, bias = tensor("weight", channels, 1.0, 3.0), tensor("bias", channels, 1.0, 3.0)
    mean, variance = (t.detach() for t in (tensor("m", channels), tensor("v", channels, 0.5, 1.0)))
    act = {"linear": lambda z: z, "relu": F.relu, "relu6": F.relu6}[activation]
    z = F.batch_norm(nchw(x), mean, variance, weight, bias, True, 0.1, 1e-3)
    out = results(nhwc(act(z)), dx=x, dWeight=weight, dBias=bias)
    running = {"runningMean": record(mean), "runningVariance": record(variance)}
    return {"x": shape, "activation": activation, **out, **running}


def max_pool(shape, kernel, stride, padding, levels):
    """Few levels make many ties: the first of equal maxima takes the gradient."""
    x = (tensor("x", shape).detach() * levels).round().div(levels).requires_grad_()
    y = nhwc(F.max_pool2d(nchw(x), kernel, stride, padding))
    case = {"x": shape, "kernel": kernel, "stride": stride, "padding": symmetric(padding)}
    return {**case, "levels": levels, **results(y, dx=x)}


def global_avg_pool(shape):
    x = tensor("x", shape)
    return {"x": shape, **results(F.adaptive_avg_pool2d(nchw(x), 1).flatten(1), dx=x)}


def linear(count, features, classes):
    x, w, b = tensor("x", (count, features)), tensor("w", (features, classes)), tensor("b", (classes,))
    case = {"count": count, "features": features, "classes": classes}
    return {**case, **results(x @ w + b, dx=x, dw=w, db=b)}


def cross_entropy(count, classes, spread):
    logits = tensor("logits", (count, classes), spread)
    labels = torch.arange(count) * 7 % classes
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    return {
        "count": count,
        "classes": classes,
        "spread": spread,
        "loss": loss.item(),
        "dLogits": record(logits.grad),
        "correct": int((logits.argmax(1) == labels).sum()),
    }


def adam(shape, weight_decay, learning_rate):
    parameter = tensor("parameter", shape)
    options = {"lr": learning_rate, "weight_decay": weight_decay}
    optimizer = torch.optim.Adam([parameter], **options)
    for step in range(10):
        parameter.grad = tensor(f"gradient-{step}", shape, 10.0 ** (step % 3 - 1)).detach()
        optimizer.step()
    state = optimizer.state[parameter]
    return {
        "shape": shape,
        "weightDecay": weight_decay,
        "learningRate": learning_rate,
        "parameter": record(parameter.detach()),
        "m": record(state["exp_avg"]),
        "v": record(state["exp_avg_sq"]),
    }


goldens = {
    "conv2d": [
        convolution([2, 8, 8, 3], 8, 3, 2, SAME),
        convolution([2, 9, 7, 3], 5, 3, 2, SAME),
        convolution([1, 13, 13, 3], 8, 7, 2, symmetric(3)),
        convolution([2, 6, 6, 8], 12, 3, 1, symmetric(1)),
        convolution([2, 7, 7, 8], 4, 3, 2, symmetric(1)),
        convolution([3, 5, 4, 6], 7, 1, 1, symmetric(0)),
        convolution([2, 7, 8, 4], 8, 1, 2, symmetric(0)),
        convolution([2, 1, 1, 8], 8, 3, 1, symmetric(1)),
    ],
    "depthwiseConv2d": [
        depthwise([2, 8, 8, 8], 3, 1, SAME),
        depthwise([2, 8, 8, 8], 3, 2, SAME),
        depthwise([2, 9, 7, 6], 5, 2, SAME),
        depthwise([2, 7, 7, 16], 5, 1, SAME),
        depthwise([1, 6, 6, 4], 3, 2, symmetric(1)),
        depthwise([2, 1, 1, 8], 5, 1, SAME),
    ],
    "batchNorm": [
        batch_norm([2, 5, 7, 6], "linear"),
        batch_norm([4, 3, 3, 16], "relu"),
        batch_norm([8, 1, 1, 3], "linear"),
        batch_norm([3, 4, 4, 8], "relu6"),
    ],
    "maxPool": [
        max_pool([2, 8, 8, 4], 3, 2, 1, 3),
        max_pool([1, 7, 9, 5], 3, 2, 1, 100),
        max_pool([2, 6, 6, 4], 2, 2, 0, 2),
    ],
    "globalAvgPool": [global_avg_pool([3, 7, 7, 5]), global_avg_pool([2, 1, 1, 8])],
    "linear": [linear(5, 12, 3), linear(1, 7, 10)],
    "crossEntropy": [cross_entropy(9, 5, 2.0), cross_entropy(4, 3, 200.0)],
    "adam": [adam([3, 5], 0, 1e-3), adam([70], 0.01, 1e-2)],
}
(HERE / "ops.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
