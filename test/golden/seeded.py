"""Seeded numbers, bit-equal to test/support/seeded.ts: an integer hash of a name and an index.

value = center + spread * u, u uniform in [-1, 1) with 24 bits, computed in double, rounded to f32.
"""

import numpy as np


def hash32(text: str) -> int:
    """FNV-1a over UTF-16 code units (all our names are ASCII)."""
    value = 0x811C9DC5
    for char in text:
        value = ((value ^ ord(char)) * 0x01000193) & 0xFFFFFFFF
    return value


def seeded(name: str, shape, spread=1.0, center=0.0) -> np.ndarray:
    size = int(np.prod(shape))
    with np.errstate(over="ignore"):
        x = np.uint32(hash32(name)) + np.arange(size, dtype=np.uint32) * np.uint32(0x9E3779B9)
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x21F0AAAD)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x735A2D97)
        x = x ^ (x >> np.uint32(15))
    u = (x >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    return (center + spread * u).astype(np.float32).reshape(shape)


def seeded_weight(name: str, shape) -> np.ndarray:
    """A network's weight by its name: ranges that keep activations of order one."""
    if name.endswith("running_mean"):
        return seeded(name, shape, 0.2)
    if name.endswith("running_var"):
        return seeded(name, shape, 0.5, 1.0)
    if len(shape) == 1:
        weight = name.endswith(".weight")
        return seeded(name, shape, 0.25 if weight else 0.2, 1.0 if weight else 0.0)
    fan_in = int(np.prod(shape[1:]))
    return seeded(name, shape, float(np.sqrt(6.0 / fan_in)))


SAMPLES = 64


def record(array) -> dict:
    """What a golden file keeps of a tensor: shape, norm, largest magnitude, 64 of its values."""
    flat = np.asarray(array, dtype=np.float64).reshape(-1)
    indices = (np.arange(SAMPLES, dtype=np.uint64) * 2654435761 % 2**32) % flat.size
    if flat.size <= SAMPLES:
        indices = np.arange(flat.size)
    number = lambda value: float(f"{value:.7g}")
    return {
        "shape": list(np.shape(array)),
        "norm": number(np.linalg.norm(flat)),
        "max": number(np.abs(flat).max()),
        "samples": [number(value) for value in flat[indices.astype(np.int64)]],
    }
