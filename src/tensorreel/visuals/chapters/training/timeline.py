"""The time line at the foot: steps from left to right, how far the training is, and the curve of a scalar above it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor

from manim import VGroup, VMobject

from tensorreel.core.quantity import Quantity
from tensorreel.variations.training import Checkpoint, Moment, scalar, step_count
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.words.text import Text

LEFT, RIGHT = CONTENT.left + 2.9, CONTENT.right - 0.3
FOOT, HEIGHT = CONTENT.bottom + 0.12, 0.85  # of the line; of the curve above it
ROW, FINE = 0.5, 0.02  # between two lines of numbers; of the curve, no finer
STEP = Text("step", "training")


class TimeLine(VGroup):
    """The line from the first step to the last, with what has gone by of it and the numbers of a moment.

    ``now`` and ``before`` are the marks and numbers of either end of the moment's way, ``way`` is the curve between.
    """

    def __init__(self, moment: Moment, pen: Pen) -> None:
        super().__init__()
        self.moment, self.pen = moment, pen
        self.line = shapes.stroke(shapes.polyline((LEFT, FOOT), (RIGHT, FOOT)), pen.theme.dim, 2.0)
        start = moment.before.step if moment.before else moment.now.step
        self.gone = self._curve(self._points(moment.span[0], start))
        self.way = self._curve(self._points(start, moment.now.step))
        self.before, self.now = self._at(moment.before or moment.now), self._at(moment.now)
        self.words = self._words()
        self.add(self.line, self.gone, self.words)

    # ---- places -----------------------------------------------------------------------------------
    def x(self, step: float) -> float:
        """Where a step stands."""
        first, last = self.moment.span
        return float(LEFT + (RIGHT - LEFT) * (step - first) / max(last - first, 1))

    def y(self, value: float) -> float:
        """Where a value of the scalar stands."""
        low, high = self.moment.range
        return FOOT + HEIGHT * (value - low) / (high - low)

    def _points(self, first: int, until: int) -> list[tuple[float, float]]:
        """Points (x, y) of the curve between two steps, or on the line where there is no scalar."""
        known = self.moment.scalars
        if known is None:
            return [(self.x(first), FOOT), (self.x(until), FOOT)]
        rows = [(s, v) for s, v in zip(known.steps, known.values, strict=True) if first <= s <= until]
        places = [(self.x(s), self.y(v)) for s, v in rows]
        inner = (b for a, b in pairwise(places[:-1]) if floor(a[0] / FINE) != floor(b[0] / FINE))
        return [places[0], *inner, places[-1]]

    # ---- what is drawn ------------------------------------------------------------------------------
    def _curve(self, points: Sequence[tuple[float, float]]) -> VMobject:
        ends = points if len(points) > 1 else [*points, *points]
        return shapes.stroke(shapes.polyline(*ends), self.pen.theme.accent, 3.0)

    def _at(self, checkpoint: Checkpoint) -> VGroup:
        """The mark of a checkpoint on the line, with its step and its scalar at the left."""
        step, known = checkpoint.step, self.moment.scalars
        x = self.x(step)
        y = self.y(known.at(step)) if known else FOOT
        mark = shapes.dot(self.pen.theme.accent, 0.08).move_to([x, y, 0])
        drop = shapes.stroke(shapes.polyline((x, FOOT - 0.07), (x, FOOT + 0.07)), self.pen.theme.ink, 2.5)
        numbers = VGroup(self._number(step_count(checkpoint), 0, FOOT))
        if known is not None:
            numbers.add(self._number(scalar(known, step), known.decimals, FOOT + ROW))
        return VGroup(mark, drop, numbers)

    def _number(self, quantity: Quantity, decimals: int, y: float) -> Numeral:
        size = theme.SIZE_NUMBER
        numeral = Numeral(quantity, self.pen, decimals=decimals, size=size, bold=True)
        return numeral.level(LEFT - 0.3, y, "right")

    def _words(self) -> VGroup:
        known, dim = self.moment.scalars, self.pen.theme.dim
        names = [STEP.of(self.pen.lang), *([known.name] if known else [])]
        labels = (Label(name, self.pen, size=theme.SIZE_LABEL, color=dim) for name in names)
        return VGroup(*(label.level(CONTENT.left + 0.1, FOOT + k * ROW) for k, label in enumerate(labels)))
