"""Golden logits of the shipped EfficientNet-Lite0 on four photos, by timm.

    pip install scikit-image timm torchvision safetensors && python make_photos.py

photos.bin: four free photos that scikit-image ships, after Resize(256, bicubic) and CenterCrop(224), uint8 RGB, one after the
other, in zlib's format (servers unpack a .gz on the way). logits.json: what timm's model gives for
them with the weights of public/backbones/efficientnet_lite0.safetensors (fp16-rounded), in double
precision.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import safetensors.torch
import skimage.data
import timm
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

HERE = Path(__file__).resolve().parent
BACKBONES = HERE.parents[2] / "public" / "backbones"
PHOTOS = ["chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg"]


def open_photos():
    for name in PHOTOS:
        yield Image.open(Path(skimage.data.__file__).parent / name).convert("RGB")


def main():
    crop = Compose([Resize(256, InterpolationMode.BICUBIC), CenterCrop(224)])
    pixels = np.stack([np.asarray(crop(photo)) for photo in open_photos()])  # [4, 224, 224, 3]
    (HERE / "photos.bin").write_bytes(zlib.compress(pixels.tobytes(), 9))

    card = json.loads((BACKBONES / "efficientnet_lite0.json").read_text())
    model = timm.create_model("tf_efficientnet_lite0", num_classes=1000)
    state = safetensors.torch.load_file(BACKBONES / "efficientnet_lite0.safetensors")
    state = {name: t.float() if t.is_floating_point() else t for name, t in state.items()}
    model.load_state_dict(state, strict=True)
    model.double().eval()
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).double() / 255
    mean, std = (torch.tensor(card["preprocessing"][key]).view(3, 1, 1) for key in ("mean", "std"))
    x = (x - mean) / std
    # The middle 64 px too, for devices that would take minutes over the whole.
    crops = {"full": x, "middle": x[:, :, 80:144, 80:144]}
    golden = {}
    for name, batch in crops.items():
        with torch.inference_mode():
            logits = model(batch)
        top = logits.argmax(1).tolist()
        print(name, [card["classes"][i] for i in top])
        rows = [[float(f"{value:.6f}") for value in row] for row in logits.tolist()]
        golden[name] = {"size": batch.shape[2], "top": top, "logits": rows}
    (HERE / "logits.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
