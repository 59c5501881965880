"""Formulas: Typst sets them, and each symbol stays reachable by the name of its tensor.

A symbol is marked by a fill colour of its own in the Typst source (a colour changes no spacing); the
outlines come back grouped by that colour. The bundled Typst fonts are used, so no font of the machine
changes a formula, and one compilation takes milliseconds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import svgelements as se
import typst
from manim import VGroup, VMobject

from tensorreel.visuals.lettering.glyphs import Pen

_SETUP = "#set page(width: auto, height: auto, margin: 4pt, fill: none)\n#set text(size: 10pt)\n"
_BASELINE = re.compile(r'transform="matrix\(1 0 0 -1 [\d.e-]+ ([\d.e-]+)\)"')
_EM = 10.0


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


@dataclass(frozen=True)
class Outline:
    """One drawn element of a formula: its tag ('' for none), curves in em, and its line width in em (0: filled)."""

    tag: str
    points: np.ndarray[Any, np.dtype[np.float64]]
    line: float


class FormulaPart(VMobject):
    """One glyph or rule of a formula. ``text`` marks it as declared text for the audit."""

    text = "ƒ"

    def __init__(self, outline: Outline, size: float, color: str) -> None:
        if outline.line:
            super().__init__(color=color, stroke_width=outline.line * size * 100, fill_opacity=0)
        else:
            super().__init__(color=color, stroke_width=0, fill_opacity=1)
        self.tag = outline.tag
        self.points = outline.points * size


class Formula(VGroup):
    """A formula whose baseline starts at the origin; ``part(name)`` is a symbol, ready to be lit."""

    def __init__(
        self,
        source: str,
        pen: Pen,
        *,
        size: float,
        symbols: Mapping[str, str] | None = None,
        color: str | None = None,
    ) -> None:
        super().__init__()
        self.source, self.size = source, size
        self.symbols = tuple(sorted((symbols or {}).items()))
        ink = color or pen.theme.ink
        for outline in _compiled(source, self.symbols):
            self.add(FormulaPart(outline, size, ink))

    def part(self, name: str) -> VGroup:
        """The outlines of one symbol (empty where the formula does not hold it)."""
        return VGroup(*(m for m in self.submobjects if m.tag == name))

    def names(self) -> set[str]:
        """Names of the symbols that can be lit."""
        return {m.tag for m in self.submobjects} - {""}


def outlines_of(formula: Formula) -> tuple[Outline, ...]:
    """What a formula should look like: the outlines of its source, compiled."""
    return _compiled(formula.source, formula.symbols)


def _marked(source: str, symbols: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The source with each symbol in a colour of its own, and colour → name."""
    by_text = {text: name for name, text in symbols.items() if text}
    if not by_text:
        return source, {}
    colours = {f"#0000{k + 1:02x}": name for k, name in enumerate(by_text.values())}
    code = {text: c for (text, _), c in zip(by_text.items(), colours, strict=True)}
    longest_first = sorted(map(re.escape, by_text), key=len, reverse=True)
    pattern = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(longest_first) + r")(?![A-Za-z0-9(])")

    def lit(m: re.Match[str]) -> str:
        end = ";" if source[m.end() : m.end() + 1] == "[" else ""  # or Typst reads [...] as an argument
        return f'#text(fill: rgb("{code[m[1]]}"), ${m[1]}$){end}'

    return pattern.sub(lit, source), colours


@lru_cache(maxsize=512)
def _compiled(source: str, symbols: tuple[tuple[str, str], ...]) -> tuple[Outline, ...]:
    marked, colours = _marked(source, dict(symbols))
    svg = typst.compile((_SETUP + f"$ {marked} $").encode(), format="svg", font_paths=_fonts()).decode()
    found = _BASELINE.search(svg)
    baseline = float(found[1]) if found else 0.0
    outlines = [
        _outline(e, baseline, colours)
        for e in se.SVG.parse(io.StringIO(svg)).elements()
        if isinstance(e, se.Path) and len(e)
    ]
    left = min(float(o.points[:, 0].min()) for o in outlines)
    shift = np.array([left, 0.0, 0.0])
    return tuple(Outline(o.tag, o.points - shift, o.line) for o in outlines)


def _outline(path: se.Path, baseline: float, colours: Mapping[str, str]) -> Outline:
    path.reify()
    runs: list[Any] = []
    for seg in path:
        runs += _cubic(seg)
    flat = np.array([[p.x, p.y] for p in runs], dtype=np.float64)
    # svgelements reads lengths at 96 dpi: 1 pt of Typst is 4/3 of its units.
    flat[:, 1] = _pt(baseline) - flat[:, 1]
    points = np.column_stack([flat / _pt(_EM), np.zeros(len(flat))])
    ink = path.stroke if path.fill is None or path.fill.value is None else path.fill
    filled = path.fill is not None and path.fill.value is not None
    tag = colours.get(str(ink.hex)[:7].lower(), "") if ink is not None and ink.value is not None else ""
    return Outline(tag, points, 0.0 if filled else float(path.stroke_width) / _pt(_EM))


def _pt(length: float) -> float:
    return length * 4 / 3


def _cubic(seg: Any) -> list[Any]:
    """A path segment as four points of a cubic; moves give none."""
    if isinstance(seg, se.Move) or seg.start is None or seg.end is None:
        return []
    a, b = seg.start, seg.end
    if isinstance(seg, se.CubicBezier):
        return [a, seg.control1, seg.control2, b]
    if isinstance(seg, se.QuadraticBezier):
        c = seg.control
        return [a, a + (c - a) * (2 / 3), b + (c - b) * (2 / 3), b]
    if a == b:
        return []
    return [a, a + (b - a) * (1 / 3), a + (b - a) * (2 / 3), b]
