"""Signed bars: under each column its bar, up from a zero line or down from it, with its number at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import VGroup, VMobject

from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.space.value_labels import spread_out

GAP, LABEL, ASIDE = 0.1, 0.36, 0.25
BAR_SHARE, BAR_MAX = 0.45, 0.8


@dataclass(frozen=True)
class Zone:
    """Where the bars may stand: heights, and the middles and the pitch of the columns."""

    bottom: float
    top: float
    columns: Sequence[float]
    dx: float


class SignedBars(VGroup):
    """Scores of some words; ``bars[k]``, ``values[k]``, ``labels[k]`` belong to ``scores[k]``.

    Positive bars are filled and go up, negative ones are outlined and go down, as in the cells of a grid. A
    label stands on the other side of the zero line than its bar.
    """

    def __init__(
        self,
        scores: Sequence[Quantity],
        labels: Sequence[str],
        pen: Pen,
        zone: Zone,
        *,
        decimals: int,
        hue: str,
        size: float = theme.SIZE_NUMBER,
    ) -> None:
        super().__init__()
        self.pen, self.zone, self.hue = pen, zone, hue
        widest = max(Numeral(q, pen, decimals=decimals, size=1.0).advance for q in scores)
        size = max(theme.SIZE_NUMBER_MIN, min(size, (zone.dx - 0.04) / widest))  # no wider than their columns
        self.values = VGroup(*(Numeral(q, pen, decimals=decimals, size=size) for q in scores))
        self._scale([q.value for q in scores], size)
        self.labels = self._labels(labels, [q.value for q in scores])
        self.bars = VGroup(*(self._bar(k, q.value) for k, q in enumerate(scores)))
        left, right = zone.columns[0] - zone.dx / 2, zone.columns[-1] + zone.dx / 2
        self.zero = shapes.stroke(shapes.polyline((left, self.y0), (right, self.y0)), pen.theme.dim, 2)
        sign = Numeral(count(0, Count.TICK), pen, decimals=0, size=0.32, color=pen.theme.dim)
        self.sign = sign.sit(left - GAP, self.y0 - 0.36 * 0.32, "right")
        self.add(self.zero, self.sign, self.labels, self.bars, self.values)

    def _scale(self, values: Sequence[float], size: float) -> None:
        """Zero and unit: the longest bars with their numbers fit, and so do the labels across from them."""
        low, high = min(0.0, *values), max(0.0, *values)
        end = theme.DIGIT_EM * size + GAP + 0.04
        up, down = max(values) >= 0, low < 0
        above = max(end if up else 0.0, LABEL if down else 0.0)
        below = max(end if down else 0.0, LABEL if up else 0.0)
        zone = self.zone
        self.unit = max(0.1, zone.top - zone.bottom - above - below) / ((high - low) or 1.0)
        self.y0 = zone.bottom + below - low * self.unit
        for numeral, value, x in zip(self.values, values, zone.columns, strict=True):
            y = self.y0 + value * self.unit
            y += -GAP - theme.DIGIT_EM * size if value < 0 else GAP
            numeral.sit(x, y, "center")

    def _labels(self, texts: Sequence[str], values: Sequence[float]) -> VGroup:
        """Labels across the zero line from their bars; long ones move aside a little, or are shortened."""
        pen, zone, em = self.pen, self.zone, 0.33
        beside = max(self._breadth, *(n.advance for n in self.values)) / 2
        made: list[Label | None] = [None] * len(texts)
        for below in (True, False):
            mine = [k for k, value in enumerate(values) if (value >= 0) is below]
            wanted = [zone.columns[k] for k in mine]
            most = max(zone.dx - 0.06, 2 * (zone.dx - beside - 0.05))
            short = [shortened(texts[k], pen, em, most, among=texts) for k in mine]
            places = spread_out(
                wanted, [pen.width(t, em) for t in short], 0.08, zone.columns[0] - zone.dx / 2, CONTENT.right
            )
            if any(abs(x - y) > ASIDE for x, y in zip(places, wanted, strict=True)):
                room, places = zone.dx - 0.06, wanted
                short = [shortened(texts[k], pen, em, room, among=texts) for k in mine]
            y = self.y0 - 0.33 if below else self.y0 + 0.13
            for k, text, x in zip(mine, short, places, strict=True):
                made[k] = Label(text, pen, size=em, color=pen.theme.dim).sit(x, y, "center")
        return VGroup(*(label for label in made if label is not None))

    @property
    def _breadth(self) -> float:
        return min(BAR_MAX, self.zone.dx * BAR_SHARE)

    def _bar(self, k: int, value: float) -> VMobject:
        width, height = self._breadth, max(abs(value) * self.unit, 0.02)
        if value < 0:
            bar = shapes.outline(width, height, self.hue, radius=0.05, line=2.5)
        else:
            bar = shapes.panel(width, height, self.hue, radius=0.05, opacity=self.pen.theme.shade_max)
            bar.set_stroke(self.hue, width=1.6, opacity=1.0)
        return bar.move_to([self.zone.columns[k], self.y0 + (height if value >= 0 else -height) / 2, 0])

    def frame(self, k: int, color: str) -> VMobject:
        """A frame around a bar with its number."""
        column, air = VGroup(self.bars[k], self.values[k]), 0.07
        box = shapes.outline(column.width + 0.16, column.height + air, color, line=3.5)
        below = self.values[k].get_y() < self.bars[k].get_y()
        return box.move_to(column.get_center()).shift([0, (-air if below else air) / 2, 0])
