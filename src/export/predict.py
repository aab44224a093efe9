#!/usr/bin/env python3
"""Classifies photos with the weights beside this file: the five likeliest classes of each.

    pip install torch timm pillow numpy        (EfficientNet; the others need torchvision)
    python predict.py photo.jpg another.png folder/
    python predict.py --json folder/ > predictions.json

Pictures are prepared exactly as Graft does it: turned by EXIF, transparency over white, resized
with antialiasing, cropped at the centre, normalized (preprocess.json).
"""

import argparse
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
EXTENSIONS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"}
DTYPES = {"F32": torch.float32, "F16": torch.float16, "I64": torch.int64}


def load_weights(path):
    """A .safetensors file: header length, JSON header, tensors. Returns (tensors, metadata)."""
    data = bytearray(path.read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length].decode("utf-8"))
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = DTYPES[entry["dtype"]]
        if begin == end:
            tensors[name] = torch.zeros(entry["shape"], dtype=dtype)
            continue
        count = (end - begin) // torch.empty((), dtype=dtype).element_size()
        values = torch.frombuffer(data, dtype=dtype, count=count, offset=8 + length + begin)
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def build_model(metadata, classes):
    """The architecture that the weights were trained in, from torchvision or timm."""
    library, name = metadata["library"], metadata["model"]
    if library == "torchvision":
        try:
            import torchvision

            return torchvision.models.get_model(name, weights=None, num_classes=classes)
        except ImportError:
            if name != "resnet18":  # timm has that one under the same names, not the others
                raise
    import timm

    return timm.create_model(name, pretrained=False, num_classes=classes)


def open_rgb(path):
    """As browsers show it: turned by EXIF, transparency over white."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def prepare(image, recipe):
    """Resize the shorter side, crop the centre, normalize: a [3, crop, crop] tensor."""
    if recipe["mode"] != "crop":
        raise ValueError("preprocess.json asks for mode %r, this file knows 'crop'" % recipe["mode"])
    resize, crop = recipe["resize"], recipe["crop"]
    width, height = image.size
    if width <= height:
        size = (resize, int(resize * height / width))
    else:
        size = (int(resize * width / height), resize)
    if size != image.size:
        filters = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
        image = image.resize(size, filters[recipe["interpolation"]])
    left = int(round((size[0] - crop) / 2.0))
    top = int(round((size[1] - crop) / 2.0))
    image = image.crop((left, top, left + crop, top + crop))
    pixels = torch.from_numpy(np.array(image, dtype=np.float32) / 255.0).permute(2, 0, 1)
    mean = torch.tensor(recipe["mean"]).view(3, 1, 1)
    std = torch.tensor(recipe["std"]).view(3, 1, 1)
    return (pixels - mean) / std


def find_photos(paths):
    """The files as given, and the pictures in folders, in order of their names."""
    for path in map(Path, paths):
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.suffix.lower() in EXTENSIONS)
            yield from (p for p in inside if not p.name.startswith("."))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description="Classify photos with the weights beside this file.")
    parser.add_argument("paths", nargs="+", metavar="PHOTO", help="a photo, or a folder of photos")
    parser.add_argument("--json", action="store_true", help="print all probabilities as JSON")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # class names may be in any language

    labels = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
    classes = [labels[str(i)] for i in range(len(labels))]
    recipe = json.loads((HERE / "preprocess.json").read_text(encoding="utf-8"))
    tensors, metadata = load_weights(HERE / "model.safetensors")
    model = build_model(metadata, len(classes))
    model.load_state_dict(tensors, strict=True)
    model.eval().to(args.device)

    results, failed = [], 0
    for path in find_photos(args.paths):
        try:
            batch = prepare(open_rgb(path), recipe).unsqueeze(0).to(args.device)
        except OSError as error:
            print("%s: not readable as a picture (%s)" % (path, error), file=sys.stderr)
            failed += 1
            continue
        with torch.inference_mode():
            probabilities = model(batch).softmax(1)[0].cpu().tolist()
        order = sorted(range(len(classes)), key=lambda i: -probabilities[i])[:5]
        top = [
            {"label": i, "class": classes[i], "probability": probabilities[i]} for i in order
        ]
        results.append({"path": str(path), "top": top, "probabilities": probabilities})
        if not args.json:
            best = "  ".join("%s %.1f%%" % (t["class"], 100 * t["probability"]) for t in top)
            print("%s: %s" % (path, best))
    if args.json:
        print(json.dumps(results, ensure_ascii=False, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
