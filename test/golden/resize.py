"""Makes resize.json: Pillow's Image.resize and torchvision's Resize / CenterCrop on uint8.

    python test/golden/resize.py      (pillow, torchvision, numpy)

Pictures are noise from a linear congruential generator that the test repeats, so only results are
stored: whole when small, as a SHA-256 of the bytes otherwise.
"""

import base64
import hashlib
import json
import pathlib

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode, _compute_resized_output_size

from noise import noise


def stored(image):
    data = np.asarray(image).tobytes()
    digest = {"width": image.width, "height": image.height, "sha256": hashlib.sha256(data).hexdigest()}
    return digest | ({"data": base64.b64encode(data).decode()} if len(data) <= 600 else {})


modes = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}

resized = []
for seed, (width, height, to_width, to_height) in enumerate(
    [
        (7, 5, 3, 2),
        (5, 7, 11, 13),
        (1, 1, 4, 3),
        (2, 9, 9, 2),
        (13, 11, 13, 5),
        (13, 11, 6, 11),
        (16, 16, 16, 16),
        (97, 61, 10, 9),
        (301, 199, 224, 224),
        (131, 257, 224, 224),
        (640, 427, 383, 256),
    ],
    start=1,
):
    for name in modes:
        image = noise(width, height, seed)
        filter = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}[name]
        result = image.resize((to_width, to_height), filter)
        resized.append({"from": [width, height], "seed": seed, "interpolation": name} | stored(result))

shorter = []
for seed, (width, height, size) in enumerate(
    [(100, 75, 32), (75, 100, 32), (33, 47, 64), (500, 333, 73), (64, 64, 73), (37, 211, 20), (40, 81, 16)], start=101
):
    for name, mode in modes.items():
        result = F.resize(noise(width, height, seed), size, mode)
        shorter.append(
            {"from": [width, height], "seed": seed, "size": size, "interpolation": name} | stored(result)
        )

sizes = [
    {"from": [w, h], "size": size, "to": _compute_resized_output_size((h, w), [size])[::-1]}
    for w, h in [(500, 375), (375, 500), (333, 500), (1023, 767), (4032, 3024), (17, 1000), (256, 256), (255, 257)]
    for size in (256, 73, 146, 37)
]

cropped = []
for seed, (width, height, size) in enumerate(
    [(12, 10, 6), (11, 10, 6), (9, 13, 6), (15, 9, 4), (5, 4, 8), (5, 12, 8), (7, 4, 9), (8, 8, 8)], start=201
):
    result = F.center_crop(noise(width, height, seed), [size, size])
    cropped.append({"from": [width, height], "seed": seed, "size": size} | stored(result))

golden = {
    "made_with": {"pillow": PIL.__version__, "torchvision": torchvision.__version__.split("+")[0]},
    "resized": resized,
    "shorter": shorter,
    "sizes": sizes,
    "cropped": cropped,
}
pathlib.Path(__file__).with_name("resize.json").write_text(json.dumps(golden, indent=1) + "\n")
