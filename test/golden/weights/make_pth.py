"""Small .pth files as torch.save writes them, and hostile ones; the expected values in pth.json.

    python make_pth.py
"""

import collections
import json
import os
import pickle
import zipfile
from pathlib import Path

import torch

HERE = Path(__file__).parent
torch.manual_seed(0)


def state() -> collections.OrderedDict:
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 8
    return collections.OrderedDict(
        [
            ("plain", torch.randn(2, 3)),
            ("transposed", base.permute(2, 0, 1)),  # not contiguous: strides 1, 12, 4
            ("slice", base[1, 1:, 2]),  # offset and stride
            ("shared", base[0]),  # the same storage again
            ("half", torch.tensor([1.5, -2.0, 6e-8], dtype=torch.float16)),
            ("brain", torch.tensor([3.140625, -1.0], dtype=torch.bfloat16)),
            ("double", torch.tensor(0.1, dtype=torch.float64)),
            ("long", torch.tensor([-5, 1 << 40])),
            ("empty", torch.zeros(0, 3)),
            ("parameter", torch.nn.Parameter(torch.ones(1, 2))),
            ("bn.num_batches_tracked", torch.tensor(7)),
        ]
    )


class Hostile:
    def __reduce__(self):
        return os.system, ("echo this must never run",)


def main() -> None:
    tensors = state()
    tensors._metadata = collections.OrderedDict(version=1)  # as nn.Module.state_dict() has
    torch.save(tensors, HERE / "plain.pth")
    torch.save(tensors, HERE / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "lr": 0.1, "state_dict": tensors}, HERE / "wrapped.pth")
    torch.save({"model": tensors, "args": None}, HERE / "model.pth", pickle_protocol=4)

    torch.save({"weight": torch.ones(2), "payload": Hostile()}, HERE / "hostile.pth")
    # The same call as the very first thing in the pickle, in the zip by hand.
    with zipfile.ZipFile(HERE / "hostile-first.pth", "w") as file:
        file.writestr(zipfile.ZipInfo("archive/data.pkl"), pickle.dumps(Hostile(), protocol=2))

    expected = {
        name: {"shape": list(t.shape), "data": t.detach().float().flatten().tolist()}
        for name, t in tensors.items()
        if not name.endswith("num_batches_tracked")
    }
    (HERE / "pth.json").write_text(json.dumps(expected) + "\n")


main()
