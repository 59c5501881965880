"""Printed values over dots on a line: as near as they can be without meeting each other."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import shapes

LABEL_RISE, TIER, LEADER_GAP = 0.6, 0.36, 0.09


def spread_out(
    wanted: Sequence[float], widths: Sequence[float], gap: float, low: float, high: float
) -> list[float]:
    """Middles of labels as near as possible to where they are wanted, in the same order, none overlapping.

    Neighbours that collide are merged into one block that stands at the mean of its wishes. Labels that
    cannot fit between ``low`` and ``high`` start at ``low``.
    """
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], k))
    blocks: list[tuple[float, float, list[int]]] = []  # left edge, width, members
    for k in order:
        block = (wanted[k] - widths[k] / 2, widths[k], [k])
        blocks.append(_inside(block, low, high))
        while len(blocks) > 1 and blocks[-2][0] + blocks[-2][1] + gap > blocks[-1][0]:
            blocks[-2:] = [_inside(_merged(blocks[-2], blocks[-1], wanted, widths, gap), low, high)]
    places = [0.0] * len(wanted)
    for left, _, members in blocks:
        x = left
        for k in members:
            places[k] = x + widths[k] / 2
            x += widths[k] + gap
    return places


def _inside(block: tuple[float, float, list[int]], low: float, high: float) -> tuple[float, float, list[int]]:
    left, width, members = block
    return max(low, min(left, high - width)), width, members


def _merged(
    a: tuple[float, float, list[int]],
    b: tuple[float, float, list[int]],
    wanted: Sequence[float],
    widths: Sequence[float],
    gap: float,
) -> tuple[float, float, list[int]]:
    members, x, wishes = a[2] + b[2], 0.0, []
    for k in members:
        wishes.append(wanted[k] - x - widths[k] / 2)
        x += widths[k] + gap
    return sum(wishes) / len(wishes), x - gap, members


class ValueLabels(VGroup):
    """The printed values of some dots, above the line, each joined to its dot; ``numerals`` in the order given.

    Where one line of labels has no room for them they stand on two, in turn, and the upper ones' leaders
    pass between the lower ones.
    """

    def __init__(
        self,
        quantities: Sequence[Quantity],
        xs: Sequence[float],
        y: float,
        pen: Pen,
        *,
        decimals: int,
        size: float,
        low: float,
        high: float,
        color: str | None = None,
    ) -> None:
        super().__init__()
        self.numerals = [Numeral(q, pen, decimals=decimals, size=size, color=color) for q in quantities]
        widths, gap = [n.advance for n in self.numerals], 0.3 * size + 0.05
        tiers = 1 if sum(widths) + gap * (len(widths) - 1) <= high - low else 2
        edge = max(widths) / 4 if tiers == 2 else 0.0
        spare = (high - low - 2 * edge - sum(widths) / tiers) / max(1, len(widths) - 1)
        air = max(0.02, min(gap / tiers + 0.04, spare))  # closer together where it is tight
        places = spread_out(xs, [w / tiers for w in widths], air, low + edge, high - edge)
        order = sorted(range(len(xs)), key=lambda k: places[k])
        self.leaders = VGroup()
        for k, (numeral, x, at) in enumerate(zip(self.numerals, xs, places, strict=True)):
            rise = LABEL_RISE + (order.index(k) % tiers) * TIER
            numeral.sit(at, y + rise, "center")
            foot = y + LABEL_RISE - LEADER_GAP
            bend = [(x, y + 0.13), (x, y + 0.22), (at, foot - 0.08), (at, y + rise - LEADER_GAP)]
            self.leaders.add(shapes.stroke(shapes.polyline(*bend), pen.theme.dim, 1.5))
        self.add(self.leaders, *self.numerals)
