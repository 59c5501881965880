"""Colour by numbers: contrast (WCAG 2.2), differences (CIE76) and simulated colour-vision deficiencies.

The deficiency matrices are those of Machado, Oliveira and Fernandes 2009 at full severity, applied to linear
light.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tensorreel.visuals.look.theme import Theme

Vec = npt.NDArray[np.float64]
LEAST_DIFFERENCE = 12.0
VISIONS: dict[str, Vec] = {
    "normal vision": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.9505, 1.0, 1.089])


def unit_rgb(colour: str) -> Vec:
    """``#RRGGBB`` as three numbers 0 … 1."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def linear_light(colour: str) -> Vec:
    """``#RRGGBB`` as linear light."""
    c = unit_rgb(colour)
    out: Vec = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return out


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 … 21 (WCAG 2.2)."""
    light, dark = sorted((float(linear_light(c) @ _LUMA) for c in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(ground: str, colour: str, opacity: float) -> str:
    """The colour seen when one is laid over another."""
    blend = np.round(255 * (unit_rgb(ground) * (1 - opacity) + unit_rgb(colour) * opacity)).astype(int)
    return "#" + "".join(f"{v:02X}" for v in blend)


def lab(light: Vec) -> Vec:
    """CIE L*a*b* of linear light (D65)."""
    x = _XYZ @ np.clip(light, 0, 1) / _WHITE
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def palette_findings(theme: Theme) -> Iterator[str]:
    """Pairs of role hues that some kind of vision cannot tell apart, and hues too close to the background."""
    for a, b in itertools.combinations(theme.roles, 2):
        for vision, matrix in VISIONS.items():
            away = _apart(theme.roles[a], theme.roles[b], matrix)
            if away < LEAST_DIFFERENCE:
                yield f"{theme.name}: {a} and {b} differ by {away:.0f} under {vision}, at least {LEAST_DIFFERENCE:.0f}"
    named = {**theme.roles, **theme.dims, "ink": theme.ink, "dim": theme.dim, "accent": theme.accent}
    for name, colour in named.items():
        for ground in theme.grounds:
            if contrast(colour, ground) < 4.5:
                yield f"{theme.name}: {name} has {contrast(colour, ground):.2f}:1 on {ground}"


def _apart(a: str, b: str, matrix: Vec) -> float:
    difference: Any = lab(matrix @ linear_light(a)) - lab(matrix @ linear_light(b))
    return float(np.linalg.norm(difference))
