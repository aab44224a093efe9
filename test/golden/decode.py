"""Makes decode.json: small picture files, and what Pillow and torchvision read from them.

    python test/golden/decode.py      (pillow, torchvision, numpy)

`pixels`: RGB of Resize(shorterSide) as base64; alpha is put over white first, as the app does.
"""

import base64
import io
import json
import pathlib

import numpy as np
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

from noise import noise


def smooth(width, height):
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 9) + np.cos(y / 7), np.sin((x + y) / 11), np.cos(x / 5) * np.sin(y / 6)]
    return Image.fromarray(np.stack([(w * 55 + 128).astype(np.uint8) for w in waves], axis=2))


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def over_white(image):
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


gamma = PngInfo()
gamma.add(b"gAMA", (100000).to_bytes(4, "big"))

transparent = noise(30, 26, 1).convert("RGBA")
transparent.putalpha(Image.fromarray(np.linspace(0, 255, 30 * 26).reshape(26, 30).astype(np.uint8)))

turned = Image.Exif()
turned[0x0112] = 6

files = {
    "noise.png": encoded(noise(37, 29, 2), "PNG"),
    "gamma.png": encoded(noise(37, 29, 3), "PNG", pnginfo=gamma),
    "grey.png": encoded(noise(37, 29, 4).convert("L"), "PNG"),
    "palette.png": encoded(smooth(40, 32).quantize(16), "PNG"),
    "transparent.png": encoded(transparent, "PNG"),
    "tall.png": encoded(noise(20, 55, 5), "PNG"),
    "lossless.webp": encoded(noise(37, 29, 6), "WEBP", lossless=True),
    "turned.jpg": encoded(smooth(48, 32), "JPEG", quality=95, exif=turned),
    "plain.jpg": encoded(smooth(61, 43), "JPEG", quality=80),
}

cases = []
for name, data in files.items():
    for shorter, mode in [(16, "bilinear"), (24, "bicubic")]:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        result = F.resize(over_white(image), shorter, InterpolationMode(mode))
        cases.append(
            {
                "name": name,
                "shorterSide": shorter,
                "interpolation": mode,
                "width": result.width,
                "height": result.height,
                "pixels": base64.b64encode(np.asarray(result).tobytes()).decode(),
            }
        )

golden = {"files": {name: base64.b64encode(data).decode() for name, data in files.items()}, "cases": cases}
pathlib.Path(__file__).with_name("decode.json").write_text(json.dumps(golden, indent=1) + "\n")
