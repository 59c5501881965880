"""What the shades of cells mean: the ground of a cell, and the legends that explain it.

Positive cells are filled, negative ones outlined; the larger a number, the stronger its ground.
"""

from __future__ import annotations

import numpy as np
from manim import VGroup, VMobject

from tensorreel.core.formatting import as_printed, snap
from tensorreel.visuals.layout.placing import middles, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.words.text import Text

SWATCHES, SIDE, GAP = 5, 0.27, 0.05
EM, WORDS = 0.28, 0.36
BEHIND, UNDER, OVERHANG = 0.4, 0.3, 0.2  # between badge and legend, frame and legend; beyond each side
LINE = 0.56  # from one line of the key to the next


def ground(value: float, strength: float, w: float, h: float, hue: str, pen: Pen) -> VMobject:
    """The ground of a cell of width ``w`` and height ``h``, around the origin; ``strength`` is 0 … 1."""
    if value < 0:
        cell = shapes.outline(w - 0.02, h - 0.02, hue, radius=0.05, line=1.3 + 1.5 * strength)
        return cell.set_stroke(opacity=0.2 + 0.65 * strength)
    return shapes.panel(w, h, hue, radius=0.05, opacity=pen.theme.shade_max * (0.12 + 0.88 * strength))


class Legend(VGroup):
    """``S −1.16 ▢▢▫▪■ 0.95``: the shades of a matrix between its least and its greatest cell.

    Without its symbol (``named=False``) it belongs at the matrix itself.
    """

    def __init__(self, tensor: DisplayTensor, pen: Pen, *, named: bool = True) -> None:
        super().__init__()
        hue = pen.theme.role(tensor.role)
        symbol = Formula(tensor.symbol, pen, size=0.36, color=hue) if named else VGroup()
        low, high = tensor.ends
        ends = [Numeral(q, pen, decimals=tensor.decimals, size=EM, color=pen.theme.dim) for q in (low, high)]
        x = symbol.get_right()[0] + 0.2 if named else 0.0
        x += ends[0].sit(x, 0.0).advance + 0.12
        ends_read = [as_printed(q.value, tensor.decimals) for q in (low, high)]
        between = np.linspace(ends_read[0], ends_read[1], SWATCHES)
        for value in map(snap, between.tolist()):
            tile = shapes.as_key(ground(value, tensor.strength(value), SIDE, SIDE, hue, pen))
            self.add(tile.move_to([x + SIDE / 2, theme.DIGIT_EM * EM / 2, 0]))
            x += SIDE + GAP
        ends[1].sit(x + 0.08, 0.0)
        if named:
            stand(symbol, y=theme.DIGIT_EM * EM / 2)
        self.add(symbol, *ends)


def ranged(
    badge: ShapeBadge, tensor: DisplayTensor, pen: Pen, *, most: float = theme.FRAME_WIDTH
) -> ShapeBadge:
    """A matrix's badge with the legend of its shades behind it, where the badge stood; without, if wider than ``most``."""
    legend = Legend(tensor, pen, named=False)
    aside = (legend.width + BEHIND) / 2
    if badge.width + 2 * aside > most:
        return badge
    badge.shift([-aside, 0, 0])
    return badge.add(stand(legend, left=edges(badge).right + BEHIND, up=badge.baseline))


def range_under(frame: VMobject, tensor: DisplayTensor, pen: Pen) -> VGroup:
    """The legend of a matrix's shades under its frame; nothing where it would be much wider than that."""
    legend = Legend(tensor, pen, named=False)
    if legend.width > frame.width + 2 * OVERHANG:
        return VGroup()
    return legend.move_to([frame.get_center()[0], frame.get_bottom()[1] - UNDER, 0])


KINDS = (
    Text("above zero", "query.rows"),
    Text("below zero", "query.rows"),
    Text("computed", "query.rows"),
    Text("parameter", "query.rows"),
)


class Reading(VGroup):
    """How a matrix is to be read, in four lines right of ``left``: ``signs`` (filled and outlined cells), ``frames``
    (computed, parameter).
    """

    def __init__(self, pen: Pen, left: float) -> None:
        super().__init__()
        hue, param = pen.theme.role("hidden"), pen.theme.role("param")
        words = [text.of(pen.lang) for text in KINDS]
        pictures = [_shades(1, hue, pen), _shades(-1, hue, pen), _brackets(hue), knobbed(0.62, 0.36, param)]
        lines = VGroup()
        for k, (picture, word) in enumerate(zip(pictures, words, strict=True)):
            drop = -k * LINE - (0.3 if k > 1 else 0.0)
            label = Label(word, pen, size=WORDS, color=pen.theme.dim).level(0.7, drop)
            lines.add(VGroup(picture.move_to([0, drop, 0]), label))
        lines.move_to([(left + CONTENT.right) / 2, CONTENT.y, 0])
        self.signs, self.frames = VGroup(*lines[:2]), VGroup(*lines[2:])
        self.add(self.signs, self.frames)


def _shades(sign: int, hue: str, pen: Pen) -> VGroup:
    """Three cells of growing strength."""
    wide = 0.28
    cells = [ground(sign, s, wide, 0.3, hue, pen) for s in (0.15, 0.5, 1.0)]
    places = middles([wide] * len(cells), 0.04)
    return VGroup(*(stand(cell, x=x) for cell, x in zip(cells, places, strict=True)))


def _brackets(hue: str) -> VGroup:
    return shapes.brackets(0.6, 0.38, hue)


def knobbed(w: float, h: float, hue: str) -> VGroup:
    """The closed frame with knobs that a parameter stands in, around the origin."""
    box = shapes.outline(w, h, hue, radius=0.02, line=2.5)
    corners = [(sx * w / 2, sy * h / 2) for sx in (-1, 1) for sy in (-1, 1)]
    frame = VGroup(box, *(shapes.dot(hue, 0.055).move_to([x, y, 0]) for x, y in corners))
    frame.is_frame = True
    return frame
