"""PyTorch eager's training step of the bench's cases, and its float32 product of 4096x4096.

    python test/bench/torch_step.py --json torch.json [--only 'step/*/64/b4/all' ...]
    npm run bench -- --torch torch.json ...

The step is that of `ours.ts` and `stock.ts`: forward in train mode, cross-entropy of 10 classes,
backward, Adam; all layers; the batch is on the device already. On CUDA each case is timed with
float32 as it is and, in alternation, with TF32 in convolutions and products; `cudnn.benchmark` is
on, so that PyTorch has its fastest kernels. Needs torch, torchvision and timm; no weights.
"""

import argparse
import datetime
import fnmatch
import json
import statistics
import time
from collections.abc import Callable

import timm
import torch
import torchvision

CLASSES = 10
LEARNING_RATE = 1e-4
ROUNDS = 3  # of each setting, in alternation
ROUND_SECONDS = 0.3
MOST_STEPS = 50
WARM_UP = 3

MODELS = {
    "resnet18": lambda: torchvision.models.resnet18(num_classes=CLASSES),
    "mobilenet_v2": lambda: torchvision.models.mobilenet_v2(num_classes=CLASSES),
    "efficientnet_lite0": lambda: timm.create_model(
        "tf_efficientnet_lite0", num_classes=CLASSES
    ),
}
CASES = [
    f"step/{model}/{size}/b{batch}/all"
    for model in MODELS
    for size in (64, 128, 224)
    for batch in (4, 32)
]


def main() -> None:
    options = parse_options()
    cuda = options.device == "cuda"
    torch.backends.cudnn.benchmark = True
    cpu_name = f"CPU, {torch.get_num_threads()} threads"
    report = {
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if cuda else cpu_name,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cudnn": torch.backends.cudnn.version() if cuda else None,
        "matmul": time_matmul(options.matmul, options.device),
        "cases": {},
    }
    print(f"PyTorch {report['torch']}, {report['device']}")
    print(f"matmul {report['matmul']}")
    for name in cases_like(options.only or ["*"]):
        try:
            report["cases"][name] = time_step(name, options.device)
        except torch.cuda.OutOfMemoryError as error:
            print(f"{name}: left out, {error}")
            continue
        print(f"{name} {report['cases'][name]}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", metavar="CASE", help="a name; * is anything")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--matmul", type=int, default=4096, metavar="N", help="rows of the product")
    usual = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", choices=("cuda", "cpu"), default=usual)
    return parser.parse_args()


def cases_like(patterns: list[str]) -> list[str]:
    return [name for name in CASES if any(fnmatch.fnmatchcase(name, one) for one in patterns)]


def time_step(name: str, device: str) -> dict[str, float | None]:
    _, model_name, size, batch, _ = name.split("/")
    torch.manual_seed(1)
    model = MODELS[model_name]().to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    count = int(batch.removeprefix("b"))
    images = torch.rand(count, 3, int(size), int(size), device=device) * 4 - 2
    labels = torch.arange(count, device=device) % CLASSES

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    ms, tf32_ms = time_both(step, device)
    return {"ms": ms, "tf32Ms": tf32_ms}


def time_matmul(size: int, device: str) -> dict[str, float | None]:
    a, b = (torch.rand(size, size, device=device) for _ in range(2))
    ms, tf32_ms = time_both(lambda: torch.mm(a, b), device)
    flops = 2 * size**3
    return {
        "size": size,
        "tflops": flops / ms / 1e9,
        "tf32Tflops": flops / tf32_ms / 1e9 if tf32_ms else None,
    }


def time_both(step: Callable[[], object], device: str) -> tuple[float, float | None]:
    """Median ms of a step without TF32 and with it; a CPU has none."""
    settings = (False, True) if device == "cuda" else (False,)
    rounds: dict[bool, list[float]] = {tf32: [] for tf32 in settings}
    counts: dict[bool, int] = {}
    for tf32 in settings:
        allow_tf32(tf32)
        for _ in range(WARM_UP):
            ms = time_round(step, 1, device)
        counts[tf32] = min(MOST_STEPS, max(1, round(ROUND_SECONDS * 1000 / ms)))
    for _ in range(ROUNDS):
        for tf32 in settings:
            allow_tf32(tf32)
            rounds[tf32].append(time_round(step, counts[tf32], device))
    ms = {tf32: statistics.median(found) for tf32, found in rounds.items()}
    return ms[False], ms.get(True)


def allow_tf32(allow: bool) -> None:
    torch.backends.cudnn.allow_tf32 = allow
    torch.backends.cuda.matmul.allow_tf32 = allow


def time_round(step: Callable[[], object], steps: int, device: str) -> float:
    """Ms a step, until the device has done the last one."""
    synchronize(device)
    start = time.perf_counter()
    for _ in range(steps):
        step()
    synchronize(device)
    return (time.perf_counter() - start) * 1000 / steps


def synchronize(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
