"""Pixels as painted, and the same with their colours straight, as files want them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]


def straight(pixels: Pixels, ground: Pixels) -> Pixels:
    """RGBA whose colours cairo multiplied by their opacity, as plain colours; ``ground`` [3] where it is 0."""
    alpha = pixels[..., 3:].astype(np.uint16)
    whole = np.maximum(alpha, 1)
    colours = np.minimum((pixels[..., :3] * np.uint16(255) + whole // 2) // whole, 255).astype(np.uint8)
    return np.concatenate((np.where(alpha > 0, colours, ground), pixels[..., 3:]), axis=-1)


def rgb(colour: str) -> Pixels:
    """``#RRGGBB`` as three bytes."""
    return np.frombuffer(bytes.fromhex(colour.lstrip("#")), np.uint8)


CLEAR = rgb("#000000")


def picture(pixels: Pixels, *, clear: bool) -> Image.Image:
    """Manim's pixels as an image: RGB, or RGBA where the ground is ``clear``."""
    return Image.fromarray(straight(pixels, CLEAR) if clear else pixels[..., :3].copy())
