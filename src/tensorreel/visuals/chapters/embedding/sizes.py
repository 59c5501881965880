"""The model's sizes as a panel of tiles: a letter, its number, and what it counts."""

from __future__ import annotations

from collections.abc import Mapping

from manim import VGroup

from tensorreel.core.quantity import Quantity
from tensorreel.core.sizes import SIZES
from tensorreel.visuals.layout.placing import middles
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes

TILE_WIDTH, TILE_HEIGHT, GAP = 3.12, 1.42, 0.18


class Tile(VGroup):
    """One size: its number large, its letter beside it, what it counts below."""

    def __init__(self, letter: str, quantity: Quantity, pen: Pen) -> None:
        super().__init__()
        look, size = pen.theme, SIZES[letter]
        tint = look.dims.get(letter, look.ink)
        ground = shapes.panel(TILE_WIDTH, TILE_HEIGHT, look.panel, radius=0.12)
        edge = shapes.panel(0.07, TILE_HEIGHT - 0.2, tint, radius=0.03)
        left = -TILE_WIDTH / 2
        edge.move_to([left + 0.12, 0, 0])
        letter_mark = Formula(size.symbol, pen, size=0.56, color=look.ink)
        letter_mark.shift(shapes.at(left + 0.34, 0.18))
        number = Numeral(quantity, pen, decimals=0, size=0.8, color=tint, bold=True)
        number.sit(TILE_WIDTH / 2 - 0.24, 0.0, "right")
        text = shortened(size.counts.of(pen.lang), pen, 0.35, TILE_WIDTH - 0.44)
        words = Label(text, pen, size=0.35, color=look.dim).sit(left + 0.34, -0.5)
        self.add(ground, edge, letter_mark, number, words)


class SizePanel(VGroup):
    """The seven sizes in two centred rows around ``y``; ``.tiles`` in reading order."""

    def __init__(self, sizes: Mapping[str, Quantity], pen: Pen, *, y: float = -0.55) -> None:
        super().__init__()
        self.tiles = [Tile(letter, sizes[letter], pen) for letter in SIZES]
        for start, stop, row in ((0, 4, 0.5), (4, 7, -0.5)):
            line = self.tiles[start:stop]
            for tile, x in zip(line, middles([TILE_WIDTH] * len(line), GAP), strict=True):
                tile.shift(shapes.at(x, y + row * (TILE_HEIGHT + GAP)))
        assert CONTENT.width >= TILE_WIDTH * 4 + GAP * 3
        self.add(*self.tiles)
