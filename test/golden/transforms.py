"""Makes transforms.json: torchvision's RandomResizedCrop, flip and normalisation.

    python test/golden/transforms.py      (pillow, torch, torchvision, numpy)

`params`: the draws that torchvision's get_params made, and the crop that came of them; the test
feeds the same draws to ours. `crops`: resized_crop on PIL pictures (noise.py), as
SHA-256. `batch`: sampled values of a whole train transform for one crop.
"""

import hashlib
import json
import math
import pathlib

import numpy as np
import torch
import torchvision
from torchvision import transforms
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

from noise import noise

mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
modes = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}

real_uniform, real_randint = torch.Tensor.uniform_, torch.randint
draws = []


def uniform_(tensor, low, high):
    real_uniform(tensor, low, high)
    draws.append(tensor.item())
    return tensor


def randint(low, high, size):
    value = real_randint(low, high, size)
    draws.append(value.item())
    return value


params = []
torch.manual_seed(7)
torch.Tensor.uniform_, torch.randint = uniform_, randint
for width, height in [(341, 256), (256, 384), (256, 256), (73, 110), (2000, 256), (256, 1500), (400, 256), (1, 1)] * 6:
    draws.clear()
    image = torch.empty(3, height, width)
    top, left, h, w = transforms.RandomResizedCrop.get_params(image, [0.08, 1.0], [3 / 4, 4 / 3])
    params.append({"from": [width, height], "draws": list(draws), "region": [top, left, h, w]})
torch.Tensor.uniform_, torch.randint = real_uniform, real_randint

crops = []
for seed, (width, height, region, size) in enumerate(
    [
        (341, 256, (13, 57, 190, 201), 224),
        (341, 256, (0, 0, 256, 341), 224),
        (256, 300, (101, 33, 61, 79), 224),
        (73, 97, (5, 8, 64, 60), 64),
        (73, 97, (20, 30, 31, 23), 64),
        (110, 73, (72, 109, 1, 1), 8),
    ],
    start=301,
):
    for name, mode in modes.items():
        result = F.resized_crop(noise(width, height, seed), *region, [size, size], mode)
        crops.append(
            {
                "from": [width, height],
                "seed": seed,
                "region": region,
                "size": size,
                "interpolation": name,
                "sha256": hashlib.sha256(np.asarray(result).tobytes()).hexdigest(),
            }
        )

picture = noise(90, 73, 401)
crop = F.resized_crop(picture, 4, 9, 50, 61, [64, 64])
places = [(i * 7919) % (64 * 64 * 3) for i in range(64)]


def sampled(image):
    values = F.normalize(F.to_tensor(image), mean, std).permute(1, 2, 0).flatten()
    return [values[place].item() for place in places]


golden = {
    "made_with": {"torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0]},
    "params": params,
    "crops": crops,
    "batch": {
        "from": [90, 73],
        "seed": 401,
        "size": 64,
        "region": [4, 9, 50, 61],
        "mean": mean,
        "std": std,
        "places": places,
        "plain": sampled(crop),
        "flipped": sampled(F.hflip(crop)),
        "eval": sampled(F.center_crop(picture, [64, 64])),
    },
}
assert not any(math.isnan(value) for value in golden["batch"]["plain"])
pathlib.Path(__file__).with_name("transforms.json").write_text(json.dumps(golden, indent=1) + "\n")
