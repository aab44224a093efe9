"""Noise pictures that a test repeats: see test/support/noise.ts."""

import numpy as np
from PIL import Image


def noise(width, height, seed):
    state, values = seed, np.empty(width * height * 3, np.uint8)
    for i in range(values.size):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    return Image.fromarray(values.reshape(height, width, 3))
