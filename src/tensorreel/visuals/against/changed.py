"""What is different about two models: parameters with the number that moved most, and stages that compute another way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from manim import VGroup, VMobject

from tensorreel.core.quantity import Count, Quantity, cell, count
from tensorreel.variations.before import cells_of, of_before
from tensorreel.variations.difference import common_decimals, shown_cells
from tensorreel.visuals.against.pair_grid import crossed, struck
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.counted import CountedLabel
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Sign
from tensorreel.visuals.look import shapes
from tensorreel.visuals.stage.furniture import on_one_line
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.against.ending import BothModels, ParameterPair

EM, NUMBER, WORD = 0.5, 0.42, 0.38  # of symbols, numbers and words
PITCH, MOST = 0.66, 5  # from row to row; parameters at most
LARGE, LOOSE, FORMULAS = 0.6, 1.1, 2  # em of formulas; from line to line; how many at most
LAYER, FIRST, ARROW = 0.4, 3.9, 4.3  # where a row's parts stand, from its symbol's end
SECOND, HOW_MANY = 6.2, 6.7
IN_LAYER = Text("layer {k}", "against")
SO_MANY = Text("{n} of {m} numbers", "against")
MORE = Text("and {n} more", "against")


class ChangedModel(VGroup):
    """A row for each parameter that is printed otherwise; where there is none, the formulas that are other ones."""

    def __init__(self, scene: BothModels) -> None:
        super().__init__()
        self.pen = scene.pen
        changed = scene.changed
        rows = [self._parameter(pair) for pair in changed[:MOST]]
        lines = rows or [*self._formulas(scene)][: 2 * FORMULAS]
        if len(changed) > MOST:
            left = Quantity(
                "sub", (scene.felt_parameters, count(MOST, Count.TICK)), float(len(changed) - MOST)
            )
            number = Numeral(left, self.pen, decimals=0, size=WORD)
            lines.append(CountedLabel(MORE, {"n": number}, self.pen, size=WORD).shift(shapes.at(LAYER, 0.0)))
        self.add(
            *(line.shift(shapes.at(0.0, -k * (PITCH if rows else LOOSE))) for k, line in enumerate(lines))
        )
        stand(self, x=CONTENT.x, y=CONTENT.y)

    # ---- parameters ---------------------------------------------------------------------------------
    def _parameter(self, pair: ParameterPair) -> VGroup:
        """``W_V  layer 1   0.30 → 0.80   1 of 16 numbers``."""
        before, now, other = pair
        pen, look = self.pen, self.pen.theme
        symbol = Formula(now.symbol, pen, size=EM, color=look.role("param"))
        row = VGroup(stand(symbol, right=0.0))
        if now.layer is not None:
            k = Numeral(
                count(now.layer + 1, Count.LAYER, now.layer), pen, decimals=0, size=WORD, color=look.dim
            )
            row.add(CountedLabel(IN_LAYER, {"k": k}, pen, size=WORD).shift(shapes.at(LAYER, 0.0)))
        index = shown_cells(before, now).index
        was = Numeral(
            of_before(cell(before, *index)),
            pen,
            decimals=common_decimals(before, now),
            size=NUMBER,
            color=look.dim,
        )
        new = Numeral(cell(now, *index), pen, decimals=now.decimals, size=NUMBER)
        row.add(
            was.sit(FIRST, 0.0, "right"),
            struck(was, look.dim),
            self._arrow(was),
            new.sit(SECOND, 0.0, "right"),
        )
        numbers = {
            "n": Numeral(other, pen, decimals=0, size=WORD, color=look.dim),
            "m": Numeral(cells_of(now), pen, decimals=0, size=WORD, color=look.dim),
        }
        row.add(CountedLabel(SO_MANY, numbers, pen, size=WORD).shift(shapes.at(HOW_MANY, 0.0)))
        return row

    def _arrow(self, beside: VMobject) -> Sign:
        return Sign("→", self.pen, size=NUMBER, color=self.pen.theme.dim).sit(ARROW, 0.0)

    # ---- formulas -----------------------------------------------------------------------------------
    def _formulas(self, scene: BothModels) -> Iterator[VGroup]:
        """Each as it was, struck through, and in the next line as it is."""
        dim = self.pen.theme.dim
        for before, now in scene.formulas:
            was, new = (Formula(on_one_line(s.formula), self.pen, size=LARGE) for s in (before, now))
            stand(was.set_color(dim), x=0.0)
            yield VGroup(was, crossed(was, dim))
            yield VGroup(stand(new, x=0.0))
