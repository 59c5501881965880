"""How many units of a token are on, and what a matrix looks like in which some are off."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup, VMobject

from tensorreel.core.quantity import Count, Quantity, count, positives
from tensorreel.visuals.chapters.ffn.curve import Curve, is_on
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import stand, write
from tensorreel.visuals.layout.room import edges
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, Sign, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.words.text import Text

LEAST = 0.34  # em of the counts
LINE = 1.45  # from line to line of them, em
MARK = 0.1  # radius of the marks for on and off
ON, OFF = Text("on", "ffn_hidden.rise"), Text("off", "ffn_hidden.rise")  # what a unit is


class OnOff(VGroup):
    """Which token, and how many of its units are on (filled dot) and off (ring)."""

    def __init__(self, name: str, row: Sequence[Quantity], curve: Curve, *, em: float = 0.4) -> None:
        super().__init__()
        pen, look = curve.pen, curve.pen.theme
        on = positives(row)
        off = count(len(row), Count.SIZE, "f") - on
        words = (ON.of(pen.lang), OFF.of(pen.lang))
        x, y = curve.corner
        name = shortened(name, pen, em, 2 * (x - curve.left) - 0.3)
        self.add(Label(name, pen, size=em, bold=True).sit(x, y - em, "center"))
        marks = (shapes.as_key(shapes.dot(look.accent, MARK)), shapes.as_key(shapes.ring(look.dim, MARK)))
        parts = list(zip(marks, (on, off), words, (look.accent, look.dim), strict=True))
        room = 2 * (x - curve.left) - 0.15

        def written(size: float) -> list[VGroup]:
            return [self._line(pen, *p, size, wide=pen.width(str(len(row)), size, bold=True)) for p in parts]

        lines = largest_or_least(  # as large as the quadrant is wide
            em, written, lambda made: max(line.width for line in made) <= room, least=LEAST, step=0.01
        )
        wide = max(line.width for line in lines)
        for k, line in enumerate(lines):
            line.shift([x - wide / 2, y - em - (k + 1) * LINE * em, 0])
        self.add(*lines)

    @staticmethod
    def _line(
        pen: Pen, mark: VMobject, n: Quantity, word: str, colour: str, em: float, *, wide: float
    ) -> VGroup:
        number = Numeral(n, pen, decimals=0, size=em, color=colour, bold=True)
        label = Label(word, pen, size=em * 0.9, color=colour)
        stand(mark, left=0.0, y=theme.WORD_EM * em / 2)
        return VGroup(mark, number.sit(0.35 + wide, 0, "right"), label.sit(0.5 + wide, 0))


class RowCounts(VGroup):
    """Beside every shown row of a grid: how many of its units are on, of how many; a dot, and a word, above."""

    def __init__(self, grid: TensorGrid, pen: Pen, *, x: float, named: bool = False) -> None:
        super().__init__()
        self.rows: dict[int, VGroup] = {}
        em = min(theme.SIZE_NUMBER, max(theme.SIZE_NUMBER_MIN, grid.numerals[0].scale_now))
        for i in grid.rows:
            row = grid.tensor.row(i)
            on = Numeral(positives(row), pen, decimals=0, size=em, color=pen.theme.accent, bold=True)
            slash = Sign("/", pen, size=em, color=pen.theme.dim)
            of = Numeral(count(len(row), Count.SIZE, "f"), pen, decimals=0, size=em, color=pen.theme.dim)
            wide = max(pen.width(str(len(row)), em, bold=True), on.advance)
            on.level(x + wide, grid.row_y(i), "right")
            write((slash, of), x + wide + 0.02, float(on.origin[1]), 0.03)
            self.rows[i] = VGroup(on, slash, of)
        mark = shapes.as_key(shapes.dot(pen.theme.accent, MARK))
        above = max(edges(group).top for group in self.rows.values()) + 0.27
        self.head = VGroup(stand(mark, x=edges(next(iter(self.rows.values()))).x, y=above))
        if named:
            mark.set_x(x + 0.1)
            word = Label(ON.of(pen.lang), pen, size=theme.SIZE_LABEL, color=pen.theme.accent)
            self.head.add(word.sit(x + 0.3, above - 0.3 * theme.SIZE_LABEL))
        self.add(self.head, *self.rows.values())


def hollow_out(grid: TensorGrid) -> TensorGrid:
    """Give the cells of units that are off a dashed, empty ground and dim digits."""
    dim = grid.pen.theme.dim
    for i in grid.rows:
        for j in grid.cols:
            if is_on(grid.tensor.values[i, j]):
                continue
            ground = grid.shade(i, j)
            edge = shapes.dashed_box(grid.pitch.dx - 0.07, grid.pitch.dy - 0.07, dim, (0.06, 0.05), 1.4)
            ground.points = edge.shift(ground.get_center()).points
            ground.set_fill(opacity=0).set_stroke(dim, 1.4, 0.75)
            grid.numeral(i, j).set_color(dim)
    return grid
