"""Signed bars: under each column its bar, up from a zero line or down from it, with its number at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import VGroup, VMobject

from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.space.value_labels import spread_out

GAP, LABEL, ASIDE = 0.1, 0.42, 0.25
LARGEST, APART = 0.33, 0.3  # labels: em, from each other
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

    Positive bars are filled and go up, negative ones are outlined and go down, as in the cells of a grid. The
    labels stand in one row at the foot.
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
        self.labels = self._labels(labels)
        self.bars = VGroup(*(self._bar(k, q.value) for k, q in enumerate(scores)))
        left, right = zone.columns[0] - zone.dx / 2, zone.columns[-1] + zone.dx / 2
        self.zero = shapes.stroke(shapes.polyline((left, self.y0), (right, self.y0)), pen.theme.dim, 2)
        sign = Numeral(count(0, Count.TICK), pen, decimals=0, size=0.32, color=pen.theme.dim)
        self.sign = sign.sit(left - GAP, self.y0 - 0.36 * 0.32, "right")
        self.add(self.zero, self.sign, self.labels, self.bars, self.values)

    def _scale(self, values: Sequence[float], size: float) -> None:
        """Zero and unit: the longest bars with their numbers fit over the row of labels."""
        low, high = min(0.0, *values), max(0.0, *values)
        end = theme.DIGIT_EM * size + GAP + 0.04
        above, below = end if max(values) >= 0 else 0.0, LABEL + (end if low < 0 else 0.0)
        zone = self.zone
        self.unit = max(0.1, zone.top - zone.bottom - above - below) / ((high - low) or 1.0)
        self.y0 = zone.bottom + below - low * self.unit
        for numeral, value, x in zip(self.values, values, zone.columns, strict=True):
            y = self.y0 + value * self.unit
            y += -GAP - theme.DIGIT_EM * size if value < 0 else GAP
            numeral.sit(x, y, "center")

    def _labels(self, texts: Sequence[str]) -> VGroup:
        """A row of labels, as large as lets wide ones stand nearly at their columns; else they are shortened."""
        pen, zone = self.pen, self.zone
        low = zone.columns[0] - zone.dx / 2

        def placed(em: float) -> tuple[float, list[float]]:
            widths = [pen.width(t, em) for t in texts]
            return em, spread_out(zone.columns, widths, APART, low, CONTENT.right)

        def near(made: tuple[float, list[float]]) -> bool:
            return all(abs(x - y) <= ASIDE for x, y in zip(made[1], zone.columns, strict=True))

        em, places = largest_or_least(LARGEST, placed, near)
        if not near((em, places)):
            em, places = LARGEST, list(zone.columns)
            texts = [shortened(t, pen, em, zone.dx - APART, among=texts) for t in texts]
        y = zone.bottom + 0.08
        labels = (Label(t, pen, size=em, color=pen.theme.dim) for t in texts)
        return VGroup(*(label.sit(x, y, "center") for label, x in zip(labels, places, strict=True)))

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
