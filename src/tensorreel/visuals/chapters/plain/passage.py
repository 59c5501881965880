"""What goes into a stage, an arrow, and what comes out: matrices side by side, vectors in a line below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import FadeIn, VGroup, VMobject

from tensorreel.visuals.layout.largest import sizes
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.fit import BADGE_ROOM, COLUMN_NAME_ROOM, Fit, fit, names_width
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import REST_ROW, least_dy
from tensorreel.visuals.motion.motions import Sweep, Uncover
from tensorreel.visuals.motion.order import Verb

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Names = Mapping[str, Sequence[str]]  # of rows and columns, by axis letter
LARGEST, LOOSEST = 0.42, 1.9  # em of the digits; most row pitch, in em
BETWEEN, ARROW = 0.55, 1.1  # room between two inputs, and for the arrow
TITLE, TITLE_ROOM = theme.SIZE_LABEL, 0.5  # em of what a tensor is called; its room below the cells
VECTORS, VECTOR = 0.16, 0.42  # room between the matrices and the vectors below them; of a vector's cells
COUNT = 0.15  # more room where a matrix says at its left how many rows are not shown
NAMED = 0.62  # room of a column's name
COUNTED = 0.34  # room of the count of a vector's cells that are not shown, between its cells and its badge


@dataclass(frozen=True)
class Tall:
    """A matrix of the line: its tensor, its title, the names of its rows and of its columns."""

    tensor: DisplayTensor
    title: str
    rows: Sequence[str] | None
    cols: Sequence[str] | None

    def side(self, pen: Pen) -> float:
        """Room of the names at its left."""
        return names_width(self.rows, pen) + 0.1 if self.rows else 0.0


class Passage(VGroup):
    """The inputs of a stage, an arrow, its output. ``.inputs`` are the grids of the inputs, ``.output`` the output's.

    All digits have one size, and the first rows of all matrices stand in line. ``titles`` say what each tensor is,
    ``names`` are those of rows and columns by axis letter, ``focus`` is the token whose row has to show its digits.
    """

    def __init__(
        self,
        inputs: Sequence[DisplayTensor],
        output: DisplayTensor,
        pen: Pen,
        *,
        titles: Mapping[str, str],
        names: Names,
        focus: int,
    ) -> None:
        super().__init__()
        self.pen, self.focus, self.titles = pen, focus, titles
        flat = [t for t in inputs if len(t.tensor.dims) == 1]
        self.line = [self._tall(t, names) for t in (*(t for t in inputs if t not in flat), output)]
        self.flat = flat
        self.grids = self._grids()
        *self.inputs, self.output = self.grids
        self.arrow = _arrow(pen.theme.dim)
        self.labels = VGroup()
        self._place()
        self.vectors = self._vectors()
        self.inputs += self.vectors
        self.add(*self.inputs, self.arrow, self.output, self.labels)
        self.shift(shapes.at(0, CONTENT.y - self.get_center()[1]))

    @staticmethod
    def _tall_names(letter: str, names: Names, size: int) -> Sequence[str] | None:
        found = names.get(letter)
        return found if found is not None and len(found) >= size else None

    def _tall(self, tensor: DisplayTensor, names: Names) -> Tall:
        n, m = tensor.values.shape
        letters = tensor.tensor.dims if len(tensor.tensor.dims) == 2 else ("", *tensor.tensor.dims)
        rows, cols = (self._tall_names(x, names, k) for x, k in zip(letters, (n, m), strict=True))
        return Tall(tensor, self.titles[tensor.name], rows, cols)

    # ---- sizes ------------------------------------------------------------------------------------
    def _height(self) -> float:
        """Of the cells of a matrix at most."""
        named = COLUMN_NAME_ROOM if any(t.cols for t in self.line) else 0.0
        below = VECTORS + self._above() + TITLE_ROOM + VECTOR if self.flat else 0.0
        return CONTENT.height - BADGE_ROOM - named - TITLE_ROOM - below

    def _above(self) -> float:
        """Room above the cells of the vectors."""
        fits = self._vector_fits(theme.SIZE_NUMBER_MIN)
        whole = all(len(f.cols) == t.values.size for t, f in zip(self.flat, fits, strict=True))
        return BADGE_ROOM if whole else BADGE_ROOM + COUNTED

    def _vector_fits(self, em: float) -> list[Fit]:
        width = (CONTENT.width - 0.4) / len(self.flat) - BETWEEN
        return [fit([t], self.pen, width, VECTOR, largest=em) for t in self.flat]

    def _grids(self) -> list[TensorGrid]:
        """The matrices, at the largest digit size at which they have room side by side."""
        sides = sum(t.side(self.pen) for t in self.line)
        room = CONTENT.width - ARROW - BETWEEN * max(0, len(self.line) - 2) - sides - 0.2
        for em in sizes(LARGEST):
            fits = [self._fit(t, np.inf, np.inf, em) for t in self.line]
            wide = sum(len(f.cols) * f.pitch.dx for f in fits)
            if wide <= room and max(len(f.rows) * f.pitch.dy for f in fits) <= self._height():
                break
        else:
            wants = [len(f.cols) * f.pitch.dx for f in fits]
            fits = [
                self._fit(t, w, self._height(), theme.SIZE_NUMBER_MIN)
                for t, w in zip(self.line, shared(wants, room), strict=True)
            ]
        return [self._grid(t, f, self._row_pitch(fits)) for t, f in zip(self.line, fits, strict=True)]

    def _row_pitch(self, fits: Sequence[Fit]) -> float:
        """One for all, so that rows stand in line, and as loose as the height allows."""
        rows = max(len(f.rows) for f in fits)
        hidden = any(len(f.rows) < t.tensor.values.shape[0] for t, f in zip(self.line, fits, strict=True))
        most = (self._height() - (REST_ROW if hidden else 0.0)) / rows
        named = [([t.rows[i] for i in f.rows], f) for t, f in zip(self.line, fits, strict=True) if t.rows]
        least = max((least_dy(names, f.pitch, self.pen) for names, f in named), default=0.0)
        return float(max(fits[0].pitch.dy, least, min(LOOSEST * fits[0].pitch.em, most)))

    def _fit(self, tall: Tall, width: float, height: float, largest: float) -> Fit:
        row = self.focus if "T" in tall.tensor.tensor.dims[:1] else 0
        heads = NAMED if tall.cols else 0.0
        return fit([tall.tensor], self.pen, width, height, row=row, largest=largest, heads=heads)

    def _grid(self, tall: Tall, fitted: Fit, dy: float) -> TensorGrid:
        pitch = replace(fitted.pitch, dy=max(dy, fitted.pitch.dy))
        narrow = tall.cols is None or pitch.dx < NAMED
        return TensorGrid(
            tall.tensor,
            self.pen,
            pitch,
            rows=fitted.rows,
            cols=fitted.cols,
            row_names=tall.rows,
            col_names=None if narrow else tall.cols,
        )

    # ---- places -----------------------------------------------------------------------------------
    def _place(self) -> None:
        """From left to right, first rows in line, the arrow before the last."""
        gaps = [BETWEEN + COUNT * hides_rows(g) for g in self.grids[1:-1]] + [ARROW] * (len(self.line) > 1)
        sides = [t.side(self.pen) for t in self.line]
        breadth = sum(g.inner_width for g in self.grids) + sum(sides) + sum(gaps)
        x = -breadth / 2 - (0.0 if gaps else ARROW)
        for grid, tall, side, gap in zip(self.grids, self.line, sides, (0.0, *gaps), strict=False):
            x += gap + side
            grid.shift(shapes.at(x + grid.inner_width / 2, -grid.inner_height / 2))
            at_the_edge = grid in (self.grids[0], self.grids[-1])
            spare = min(BETWEEN, CONTENT.width - breadth) if at_the_edge else BETWEEN
            self.labels.add(self._title(grid, tall.title, spare))
            x += grid.inner_width
        before = self.grids[-2].frame.get_right()[0] if gaps else self.output.get_left()[0] - ARROW
        y = -self.output.inner_height / 2
        self.arrow.move_to([(before + self.output.get_left()[0]) / 2, y, 0])

    def _title(self, grid: TensorGrid, title: str, spare: float) -> VMobject:
        """What a tensor is called, below its cells; nothing where it would be wider than its place."""
        label = Label(title, self.pen, size=TITLE, color=self.pen.theme.dim)
        x, y = grid.frame.get_center()[0], grid.frame.get_bottom()[1]
        if label.advance > grid.inner_width + spare:
            return VGroup()
        return label.sit(x, y - TITLE_ROOM + 0.1, "center")

    def _vectors(self) -> list[TensorGrid]:
        """The vectors in a line below the matrices."""
        if not self.flat:
            return []
        wants = [self.pen.width(self.titles[t.name], TITLE) for t in self.flat]
        width = (CONTENT.width - 0.4) / len(self.flat) - BETWEEN
        fits = self._vector_fits(self.output.pitch.em)
        made = [
            TensorGrid(t, self.pen, f.pitch, rows=f.rows, cols=f.cols)
            for t, f in zip(self.flat, fits, strict=True)
        ]
        places = [min(width, max(g.inner_width, w)) for g, w in zip(made, wants, strict=True)]
        foot = min(m.get_bottom()[1] for m in (*self.grids, *self.labels) if m.width)
        x, top = -(sum(places) + BETWEEN * (len(made) - 1)) / 2, foot - VECTORS - self._above()
        for grid, place in zip(made, places, strict=True):
            grid.shift(shapes.at(x + place / 2, top - grid.inner_height / 2))
            self.labels.add(self._title(grid, self.titles[grid.tensor.name], place - grid.inner_width))
            x += place + BETWEEN
        return made


def hides_rows(grid: TensorGrid) -> bool:
    """Whether not all rows of a matrix are shown."""
    return len(grid.rows) < grid.tensor.values.shape[0]


def shared(wants: Sequence[float], room: float) -> list[float]:
    """Room for several: who wants less than an even share gets that, the others share the rest evenly."""
    given, left = dict[int, float](), room
    for n, k in enumerate(sorted(range(len(wants)), key=lambda k: wants[k])):
        given[k] = min(wants[k], left / (len(wants) - n))
        left -= given[k]
    return [given[k] for k in range(len(wants))]


class Passing(Verb, steps="enter row! sweep!"):
    """Plays a passage, whose output it hides: ``row`` brings one row of it, ``sweep`` the others."""

    def __init__(self, scene: StageScene, passage: Passage) -> None:
        self.scene, self.passage = scene, passage
        rows = passage.output.rows
        self.done = passage.focus if passage.focus in rows else rows[0]
        passage.output.hide_all()

    def enter(self) -> None:
        """What goes in, the place of what comes out, and what all of it is called."""
        passage = self.passage
        self.scene.enter(*passage.inputs, passage.output)
        self.scene.play(FadeIn(passage.labels), run_time=theme.SHORT)

    def row(self, *, run_time: float = theme.LONG) -> None:
        """The output's row of the token in focus, or its first where rows are no tokens."""
        out = self.passage.output
        self.scene.play(FadeIn(self.passage.arrow), run_time=theme.SHORT)
        self.scene.play(Uncover(out.parts([self.done])), run_time=run_time)

    def sweep(self, *, run_time: float = theme.LONG) -> None:
        """All other rows, one after another, and what is only counted."""
        out = self.passage.output
        rest = [out.parts([i]) for i in out.rows if i != self.done]
        if rest:
            self.scene.play(Sweep(rest), run_time=run_time)
        if counted := [m for m in out.rest.get_family() if len(m.points)]:
            self.scene.play(Uncover(counted), run_time=theme.QUICK)


def _arrow(color: str) -> VGroup:
    line: Any = shapes.stroke(shapes.polyline((-0.3, 0), (0.2, 0)), color, 3)
    return VGroup(line, shapes.filled(shapes.arrow_head(shapes.at(0.32, 0), shapes.at(1, 0), 0.18), color))
