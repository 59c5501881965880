"""What stays on every frame: the map of the 18 stages, the header with its formula, the caption."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from manim import VGroup, VMobject

from tensorreel.quantity import Quantity, count
from tensorreel.stages import STAGES, Stage
from tensorreel.visuals import shapes
from tensorreel.visuals import theme as T
from tensorreel.visuals.formula import Formula
from tensorreel.visuals.glyphs import Label, Numeral, Pen, Sign

MAP_Y, MAP_LABEL_Y = 3.17, 3.38
BYPASS_DEPTH, LOOP_DEPTH = 0.18, 0.3
HEADER_Y = 2.42
CAPTION_Y, CAPTION_PITCH = -3.14, 0.46
CONTENT_TOP, CONTENT_BOTTOM = 2.18, -2.72


class StageMap(VGroup):
    """The strip of 18 stations with the two residual by-passes and the loop over layers."""

    def __init__(self, pen: Pen, n_layers: int, current: int | None) -> None:
        super().__init__()
        self.pen, self.current, self.n_layers = pen, current, n_layers
        theme = pen.theme
        line = shapes.stroke(shapes.polyline((self.x(1), MAP_Y), (self.x(18), MAP_Y)), theme.faint, 3)
        self.bypasses = VGroup(self._bypass(2, 12), self._bypass(12, 15))
        self.loop = self._loop(n_layers)
        self.dots, self.labels = VGroup(), VGroup()
        for stage in STAGES:
            self.dots.add(self._dot(stage.number))
            self.labels.add(self._label(stage))
        self.add(line, self.bypasses, self.loop, self.dots, self.labels)

    @staticmethod
    def x(number: int) -> float:
        """Where a station stands."""
        return -6.27 + (number - 1) * (12.54 / 17)

    def station(self, number: int) -> Any:
        """The point of a station, where tensors come out of the map and go back into it."""
        return shapes.at(self.x(number), MAP_Y)

    def _dot(self, number: int) -> VMobject:
        theme = self.pen.theme
        lit, done = number == self.current, self.current is not None and number < self.current
        dot = shapes.dot(theme.accent if lit else theme.dim if done else theme.faint, 0.1 if lit else 0.065)
        return dot.move_to(self.station(number))

    def _label(self, stage: Stage) -> VGroup:
        lit = stage.number == self.current
        symbol = map_symbol(stage.symbol, self.n_layers)
        label = Formula(
            symbol, self.pen, size=0.3, color=self.pen.theme.accent if lit else self.pen.theme.dim
        )
        return label.shift(shapes.at(self.x(stage.number) - label.get_center()[0], MAP_LABEL_Y))

    def _arc(self, a: int, b: int, depth: float, inset: float = 0.0) -> Any:
        x0, x1, y = self.x(a) + inset, self.x(b) - inset, MAP_Y
        r = 0.16
        first = np.array([[x0, y, 0], [x0, y - depth, 0], [x0, y - depth, 0], [x0 + r * 2, y - depth, 0]])
        last = np.array([[x1 - r * 2, y - depth, 0], [x1, y - depth, 0], [x1, y - depth, 0], [x1, y, 0]])
        return np.concatenate(
            [first, shapes.polyline((x0 + 2 * r, y - depth), (x1 - 2 * r, y - depth)), last]
        )

    def _bypass(self, a: int, b: int) -> VMobject:
        return shapes.stroke(self._arc(a, b, BYPASS_DEPTH, 0.04), self.pen.theme.role("key"), 2)

    def _loop(self, n_layers: int) -> VGroup:
        theme = self.pen.theme
        y, middle = MAP_Y - LOOP_DEPTH, (self.x(3) + self.x(15)) / 2
        halves = [[(self.x(3), y), (middle - 0.28, y)], [(middle + 0.28, y), (self.x(15), y)]]
        path = VGroup(*(shapes.stroke(shapes.dashed(h, (0.06, 0.06)), theme.dim, 1.6) for h in halves))
        tip = shapes.at(self.x(3) - 0.02, MAP_Y - LOOP_DEPTH)
        head = shapes.filled(shapes.arrow_head(tip, shapes.at(-1, 0), 0.13), theme.dim)
        times = Sign("×", self.pen, size=0.27, color=theme.dim)
        number = Numeral(count(n_layers, "L"), self.pen, decimals=0, size=0.27, color=theme.dim)
        start = middle - (times.advance + number.advance) / 2
        times.sit(start, y - 0.1)
        number.sit(start + times.advance, y - 0.1)
        return VGroup(path, head, times, number)


def map_symbol(symbol: str, n_layers: int) -> str:
    """A stage's symbol with scripts at full size, so that they stay legible on the map; layers are numbers."""
    text = symbol.replace("(l+1)", "(1)").replace("(L)", f"({n_layers})").replace('"head"_i', '"heads"')
    return re.sub(r"([_^])(?:\((\([^()]*\))\)|(\w))", lambda m: f"{m[1]}display({m[2] or m[3]})", text)


def on_one_line(formula: str) -> str:
    """A formula with its fraction written with a slash: the header has room for one line."""
    return re.sub(r"= \((.+)\) / ", r"= \1 slash ", formula)


class Header(VGroup):
    """Stage number of 18, its title, and its formula at the right; symbols light up on demand."""

    def __init__(self, stage: Stage, pen: Pen, symbols: Mapping[str, str]) -> None:
        super().__init__()
        theme = pen.theme
        number = Numeral(
            count(stage.number, "stage"), pen, decimals=0, size=T.SIZE_TITLE, color=theme.accent, bold=True
        )
        slash = Sign("/", pen, size=T.SIZE_TITLE * 0.8, color=theme.dim)
        of = Numeral(count(len(STAGES), "stages"), pen, decimals=0, size=T.SIZE_TITLE * 0.8, color=theme.dim)
        title = Label(stage.title.of(pen.lang), pen, size=T.SIZE_TITLE, bold=True)
        x = -T.SAFE_X
        for piece, gap in ((number, 0.04), (slash, 0.04), (of, 0.25), (title, 0.0)):
            x += piece.sit(x, HEADER_Y).advance + gap
        self.formula = Formula(on_one_line(stage.formula), pen, size=0.5, symbols=symbols)
        room = T.SAFE_X - 0.1 - (x + 0.4)
        if self.formula.width > room:  # long formulas stay clear of the title
            size = 0.5 * room / self.formula.width
            self.formula = Formula(on_one_line(stage.formula), pen, size=size, symbols=symbols)
        self.formula.shift(shapes.at(T.SAFE_X - 0.1 - self.formula.get_right()[0], HEADER_Y))
        self.under = VGroup()
        self.add(number, slash, of, title, self.formula, self.under)
        self.theme = theme


class Caption(VGroup):
    """One or two short centred lines at the foot of the frame.

    ``claims`` are the quantities whose printed digits stand in the text.
    """

    def __init__(self, text: str, pen: Pen, claims: Sequence[tuple[Quantity, str]] = ()) -> None:
        super().__init__()
        self.text, self.claims = text, tuple(claims)
        lines = wrapped(text, pen, T.SIZE_CAPTION, 2 * T.SAFE_X - 0.2)
        first = CAPTION_Y if len(lines) > 1 else CAPTION_Y - CAPTION_PITCH / 2
        for k, line in enumerate(lines):
            label = Label(line, pen, size=T.SIZE_CAPTION)
            self.add(label.sit(0, first - k * CAPTION_PITCH, "center"))


def wrapped(text: str, pen: Pen, size: float, width: float) -> list[str]:
    """Break a caption into at most two lines of similar length that fit ``width``.

    Raises ``ValueError`` when it does not fit two lines: captions are short.
    """
    if pen.width(text, size) <= width:
        return [text]
    cuts = [k for k in range(1, len(text)) if _may_break(text, k)]
    fits = [k for k in cuts if max(pen.width(p.strip(), size) for p in (text[:k], text[k:])) <= width]
    if not fits:
        raise ValueError(f"caption does not fit two lines: {text!r}")
    best = min(
        fits, key=lambda k: abs(pen.width(text[:k], size) - pen.width(text[k:], size)) - _liking(text, k)
    )
    return [text[:best].strip(), text[best:].strip()]


_NO_START = "、。，．」』）)]｝・：；！？ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:!?%"
_NO_END = "「『（([｛"


def _may_break(text: str, k: int) -> bool:
    """Whether a line may end before character k: at a space, or between Japanese characters (kinsoku kept)."""
    before, after = text[k - 1], text[k]
    if before == " ":
        return True
    wide = ord(before) > 0x2E80 and ord(after) > 0x2E80
    return wide and after not in _NO_START and before not in _NO_END


def _liking(text: str, k: int) -> float:
    """How much better a break reads behind a comma, a stop or a colon, in frame units of balance."""
    return 2.5 if text[:k].rstrip()[-1:] in "、。,.;:，．" else 0.0


def texts_of(groups: Iterable[VMobject]) -> list[str]:
    """What some labels say; for alt text and tests."""
    return [m.text for g in groups for m in g.get_family() if hasattr(m, "text")]
