"""A matrix as it is now, with what stood there before beside each number that is printed otherwise, or under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import VGroup, VMobject

from tensorreel.core.formatting import MINUS
from tensorreel.core.quantity import Quantity
from tensorreel.visuals.against.pair import TensorPair
from tensorreel.visuals.layout.placing import write
from tensorreel.visuals.layout.room import edges
from tensorreel.visuals.lettering.glyphs import Inked, Numeral, Pen, Sign
from tensorreel.visuals.look import shapes
from tensorreel.visuals.look.shapes import at
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import Pitch
from tensorreel.visuals.matrix.shading import ground

ABOVE, BELOW = 1.5, 1.25  # heights of the two lines of a cell, in em of their digits
ASIDE = 0.55  # between what stood there and by how much it moved, in em of their digits
STRIKE, OVER = 2.2, 0.03  # width of the line through a number, and how far it sticks out
MINUS_SHARE = 1.3  # of a character's mean width


@dataclass(frozen=True)
class PairPitch:
    """``em`` of the numbers now, ``small`` of those before; ``now`` and ``was`` are the widths of both in a column, the
    latter zero where nothing was otherwise; they stand one ``under`` the other, in rows of the height ``least`` at least.
    ``moves``: with what was before stands by how much it moved."""

    em: float
    small: float
    now: float
    was: float
    under: bool = False
    moves: bool = False
    least: float = 0.0

    @property
    def first(self) -> float:
        """The height of the number now."""
        return self.em * ABOVE

    @property
    def second(self) -> float:
        """The height of what stands under it."""
        return self.small * BELOW if self.under else 0.0

    @property
    def ground(self) -> float:
        """The width of the number's ground."""
        return max(self.now, self.was) if self.under else self.now

    @property
    def grid(self) -> Pitch:
        """The pitch of cells whose numbers are as before."""
        return Pitch(self.em, self.ground, max(self.least, self.first + self.second))

    @property
    def aside(self) -> float:
        """Room beside the numbers of a column in which one is otherwise."""
        return 0.0 if self.under else self.was


class Ghost(VGroup):
    """What stood in a cell before, struck through (``.line``), and by how much it moved, around (``x``, ``y``)."""

    def __init__(
        self, before: Quantity, change: Quantity | None, decimals: int, pen: Pen, pitch: PairPitch
    ) -> None:
        super().__init__()
        look, size = pen.theme, pitch.small
        self.number = Numeral(before, pen, decimals=decimals, size=size, color=look.dim)
        pieces: list[Inked] = [self.number]
        if change is not None and pitch.moves:
            plus = [Sign("+", pen, size=size, color=look.accent)] if change.value > 0 else []
            pieces += [*plus, Numeral(change, pen, decimals=decimals, size=size, color=look.accent)]
        gaps = [ASIDE * size, *(0.02 for _ in pieces[1:])]
        write(pieces, 0.0, 0.0, gaps[: len(pieces)])
        self.add(*pieces)
        self.line = struck(self.number, look.dim)

    def around(self, x: float, y: float) -> Ghost:
        """With the middle of its digits there."""
        whole = VGroup(*self.submobjects, self.line)
        whole.shift(at(x, y) - self.number.get_center() - at((self.width - self.number.width) / 2, 0.0))
        return self


def struck(text: Inked, color: str) -> VMobject:
    """A line through a text, aslant, and beside a minus, which it would hide."""
    minus = text.width * MINUS_SHARE / len(text.text) if text.text.startswith(MINUS) else 0.0
    return crossed(text, color, minus)


def crossed(thing: VMobject, color: str, after: float = 0.0) -> VMobject:
    """The same through anything drawn, from a way behind its left edge."""
    room = edges(thing)
    ends = (room.left + after - OVER, room.bottom - OVER), (room.right + OVER, room.top + OVER)
    return shapes.anchored(shapes.stroke(shapes.polyline(*ends), color, STRIKE), thing)


class PairGrid(TensorGrid):
    """The matrix now. ``ghosts``, ``lines`` and ``frames`` belong to the cells that are printed otherwise; they are
    no parts of it.
    """

    def __init__(
        self,
        pair: TensorPair,
        pen: Pen,
        pitch: PairPitch,
        *,
        rows: Sequence[int],
        cols: Sequence[int],
        row_names: Sequence[str] | None,
        col_names: Sequence[str] | None,
    ) -> None:
        self.pair, self.lines_of = pair, pitch
        self.asides = [pitch.aside * (j in pair.columns) for j in cols]
        super().__init__(
            pair.now, pen, pitch.grid, rows=rows, cols=cols, row_names=row_names, col_names=col_names
        )
        for part in (self.shades, self.numerals, self.row_names):
            part.shift(at(0.0, pitch.second / 2))

    @property
    def inner_width(self) -> float:
        """Width of the cells, the rest included, with the room beside them."""
        return super().inner_width + sum(self.asides)

    def place(self, i: int, j: int) -> tuple[float, float]:
        """Middle of the number now in row i and column j of the window, before the grid was moved."""
        x, y = super().place(i, j)
        return x + sum(self.asides[:j]), y

    def _shade(self, value: float) -> VMobject:
        """The ground of the number now."""
        w, h = self.lines_of.ground - 0.05, self.lines_of.first - 0.05
        return ground(value, self.tensor.strength(value), w, h, self.hue, self.pen)

    @property
    def otherwise(self) -> list[tuple[int, int]]:
        """The places of the cells that are printed otherwise, of those that show digits."""
        return [
            place for place in sorted(self.pair.places) if place[0] in self.rows and place[1] in self.cols
        ]

    def ghosts(self) -> list[Ghost]:
        """What stood in these cells before, beside the numbers now or under them."""
        pitch = self.lines_of
        found = []
        for i, j in self.otherwise:
            x, y, _ = self.center_of(i, j)
            ghost = Ghost(
                self.pair.before[i, j], self.pair.change(i, j), self.pair.before.decimals, self.pen, pitch
            )
            aside = (
                (0.0, -(pitch.first + pitch.second) / 2)
                if pitch.under
                else ((pitch.ground + pitch.was) / 2, 0.0)
            )
            found.append(ghost.around(float(x) + aside[0], float(y) + aside[1]))
        return found

    def frames(self) -> list[VMobject]:
        """A frame around each of these cells."""
        hue = self.pen.theme.accent
        return [self.box([i], [j], hue, line=2.0) for i, j in self.otherwise]
