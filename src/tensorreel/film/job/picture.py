"""How large a picture is and how many of them a second has."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd

Rate = int | Fraction  # frames per second: whole, or exact like 24000/1001
MOST = 240  # frames per second
_FINEST = 1001  # the denominator of the rates of television; a finer one no container can keep
_WRITTEN = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?|[0-9]{1,6}/[1-9][0-9]{0,3}")
_TELEVISION = (24, 30, 48, 60, 120)  # which are 1000/1001 as fast in NTSC


def rate(value: int | float | str | Fraction) -> Rate:
    """A rate as it is: ``25``, ``"12.5"``, ``"24000/1001"``; television's by what it is called, ``"29.97"`` or
    ``"23.98"``.

    ``ValueError`` for anything else, and for what is slower than 1 or faster than ``MOST``.
    """
    if isinstance(value, str) and not _WRITTEN.fullmatch(value):
        raise ValueError(f"{value!r} frames per second, expected a rate such as 30, 29.97 or 24000/1001")
    found = _called(value) if isinstance(value, str) else Fraction(value)
    if not 1 <= found <= MOST:
        raise ValueError(f"{value} frames per second, expected 1 to {MOST}")
    if found.denominator > _FINEST:
        raise ValueError(f"{value} frames per second, expected a fraction of at most {_FINEST} parts")
    return found.numerator if found.denominator == 1 else found


def _called(text: str) -> Fraction:
    """A rate from its spelling. Two decimals or more that are those of a rate of television mean that rate."""
    found, decimals = Fraction(text), len(text.partition(".")[2].rstrip("0"))
    for whole in _TELEVISION if found.denominator > 1 and decimals > 1 else ():
        exact = Fraction(whole * 1000, 1001)
        if abs(found - exact) <= Fraction(1, 2 * 10**decimals):
            return exact
    return found


def plain_rate(fps: Rate) -> int | str:
    """A rate for JSON: 30, or ``"24000/1001"``; ``rate`` reads it back."""
    return fps if isinstance(fps, int) else str(fps)


def rate_number(fps: Rate) -> int | float:
    """A rate for those who know no fractions."""
    return fps if isinstance(fps, int) else float(fps)


def spoken_rate(fps: Rate) -> str:
    """A rate as people call it: 30, 29.97."""
    return f"{float(fps):.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Picture:
    """Width and height in pixels (both even), and frames per second."""

    width: int
    height: int
    fps: Rate

    def __post_init__(self) -> None:
        if self.width < 2 or self.height < 2 or self.width % 2 or self.height % 2:
            raise ValueError(f"picture {self.width}×{self.height}, expected even sides of at least 2 px")
        object.__setattr__(self, "fps", rate(self.fps))

    def at(self, fps: Rate | None) -> Picture:
        """The same size at another rate; ``None`` keeps the rate."""
        return self if fps is None else replace(self, fps=fps)

    @property
    def tile(self) -> int:
        """Side in pixels of the squares the renderer keeps account of: even, and dividing both sides
        where the size allows it."""
        common = gcd(self.width, self.height)
        fitting = [t for t in range(20, 66, 2) if common % t == 0]
        return min(fitting, key=lambda t: abs(t - 40), default=40)


QUALITIES = {
    "l": Picture(854, 480, 15),
    "m": Picture(1280, 720, 30),
    "h": Picture(1920, 1080, 60),
    "p": Picture(2560, 1440, 60),
    "k": Picture(3840, 2160, 60),
}
GIF_PICTURE = Picture(960, 540, 20)
OVERLAY_PICTURE = Picture(1280, 720, 30)
DEFAULT_QUALITY = "h"
