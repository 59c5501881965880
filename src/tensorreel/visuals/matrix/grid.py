"""The tensor grid: a matrix on screen, with its numbers, shading, names, frame and shape badge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from manim import VGroup, VMobject

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import Room
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, printed_digits, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.hidden_cells import Rest
from tensorreel.visuals.matrix.pitch import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, name_size
from tensorreel.visuals.matrix.shading import ground, knobbed
from tensorreel.visuals.motion.motions import remember


class TensorGrid(VGroup):
    """A matrix around the origin. Rows and columns outside the window are a counted, shaded rest.

    ``rows`` and ``cols`` list the indices that show digits. ``numeral(i, j)`` and ``shade(i, j)`` take
    indices of the tensor, not of the window.
    """

    def __init__(
        self,
        tensor: DisplayTensor,
        pen: Pen,
        pitch: Pitch,
        *,
        rows: Sequence[int] | None = None,
        cols: Sequence[int] | None = None,
        row_names: Sequence[str] | None = None,
        col_names: Sequence[str] | None = None,
        badge: str | None = "above",
        names_at: str = "left",
    ) -> None:
        super().__init__()
        self.names_at = names_at
        self.tensor, self.pen, self.pitch = tensor, pen, pitch
        self.hue = pen.theme.role(tensor.role)
        n, m = tensor.values.shape
        self.rows, self.cols = list(rows or range(n)), list(cols or range(m))
        self.more_rows, self.more_cols = n - len(self.rows), m - len(self.cols)
        self._row_at = {i: k for k, i in enumerate(self.rows)}
        self._col_at = {j: k for k, j in enumerate(self.cols)}
        self.shades, self.numerals = VGroup(), VGroup()
        self._fill()
        self.rest = Rest(self)
        self.frame = self._frame(tensor.head)
        self.row_names, self.col_names = VGroup(), VGroup()
        self.add(self.shades, self.rest, self.frame, self.numerals, self.row_names, self.col_names)
        if row_names is not None:
            self._name_rows(row_names)
        if col_names is not None:
            self._name_cols(col_names)
        self.badge = ShapeBadge(tensor, pen)
        if badge:
            self.add(self.badge)
            self.place_badge(badge)

    # ---- geometry -------------------------------------------------------------------------------
    @property
    def inner_width(self) -> float:
        """Width of the cells, the rest included."""
        return len(self.cols) * self.pitch.dx + (REST if self.more_cols else 0.0)

    @property
    def inner_height(self) -> float:
        """Height of the cells, the rest included."""
        return len(self.rows) * self.pitch.dy + (REST_ROW if self.more_rows else 0.0)

    def place(self, i: int, j: int) -> tuple[float, float]:
        """Middle of the cell in row i and column j of the window, before the grid was moved."""
        x = (j + 0.5) * self.pitch.dx - self.inner_width / 2
        return x, self.inner_height / 2 - (i + 0.5) * self.pitch.dy

    def _fill(self) -> None:
        em, tensor = self.pitch.em, self.tensor
        texts = {printed_digits(tensor[i, j], tensor.decimals) for i in self.rows for j in self.cols}
        right = max(self.pen.width(text, em) for text in texts) / 2
        for a, i in enumerate(self.rows):
            for b, j in enumerate(self.cols):
                x, y = self.place(a, b)
                self.shades.add(self._shade(tensor.values[i, j]).move_to([x, y, 0]))
                numeral = Numeral(tensor[i, j], self.pen, decimals=tensor.decimals, size=em)
                self.numerals.add(numeral.level(x + right, y, "right"))

    def _shade(self, value: float) -> VMobject:
        """One cell's ground: filled where positive, outlined where negative, stronger where larger."""
        w, h = self.pitch.dx - 0.05, self.pitch.dy - 0.05
        return ground(value, self.tensor.strength(value), w, h, self.hue, self.pen)

    def numeral(self, i: int, j: int) -> Numeral:
        """The number of a cell, by its index in the tensor."""
        return self.numerals[self._row_at[i] * len(self.cols) + self._col_at[j]]

    def shade(self, i: int, j: int) -> VMobject:
        """The ground of a cell, by its index in the tensor."""
        return self.shades[self._row_at[i] * len(self.cols) + self._col_at[j]]

    def row(self, i: int) -> list[Numeral]:
        """The shown numbers of a row."""
        return [self.numeral(i, j) for j in self.cols]

    def col(self, j: int) -> list[Numeral]:
        """The shown numbers of a column."""
        return [self.numeral(i, j) for i in self.rows]

    def parts(self, rows: Iterable[int] | None = None, cols: Iterable[int] | None = None) -> list[VMobject]:
        """Grounds and numbers of a block (all of it by default)."""
        rows, cols = list(self.rows if rows is None else rows), list(self.cols if cols is None else cols)
        pairs = [(i, j) for i in rows for j in cols]
        return [self.shade(i, j) for i, j in pairs] + [self.numeral(i, j) for i, j in pairs]

    def center_of(self, i: int, j: int) -> Any:
        """Middle of a cell, now."""
        return self.shade(i, j).get_center()

    def cell_with(self, quantity: Quantity, i: int, j: int) -> list[VMobject]:
        """A ground and a number for another quantity, drawn like this grid's, at the place of a cell."""
        old = self.numeral(i, j)
        numeral = Numeral(quantity, self.pen, decimals=old.decimals, size=self.pitch.em)
        numeral.sit(old.origin[0] + old.advance, old.origin[1], "right")
        return [self._shade(quantity.value).move_to(self.center_of(i, j)), numeral]

    # ---- frame, names, badge ---------------------------------------------------------------------
    def _frame(self, head: int | None) -> VGroup:
        w, h = self.inner_width + 0.1, self.inner_height + 0.06
        if self.tensor.is_parameter:
            return knobbed(w + 0.1, h + 0.04, self.pen.theme.role("param"))
        pattern = shapes.DASHES[(head or 0) % len(shapes.DASHES)]
        return shapes.brackets(w, h, self.hue, pattern=pattern)

    def _name_rows(self, names: Sequence[str]) -> None:
        among = [names[i] for i in self.rows]
        size = name_size(among, self.pitch)
        for i in self.rows:
            name = shortened(names[i], self.pen, size, NAME_MAX, among=among)
            y = self.place(self._row_at[i], 0)[1]
            left = self.names_at == "left"
            x = (-1 if left else 1) * (self.inner_width / 2 + NAME_GAP)
            label = Label(name, self.pen, size=size)
            self.row_names.add(label.level(x, y, "right" if left else "left"))

    def _name_cols(self, names: Sequence[str]) -> None:
        among = [names[j] for j in self.cols]
        for j in self.cols:
            latin = any(c.islower() for c in names[j])
            size = theme.SIZE_LABEL * (1.0 if latin else 0.85)
            name = shortened(names[j], self.pen, size, self.pitch.dx - 0.1, among=among)
            x = self.place(0, self._col_at[j])[0]
            y = self.inner_height / 2 + 0.14
            self.col_names.add(Label(name, self.pen, size=size).sit(x, y, "center"))

    def place_badge(self, side: str) -> None:
        """Put the shape badge ``above`` or ``below`` the cells, clear of column names."""
        top = max(
            [
                self.inner_height / 2 + 0.05,
                *(m.get_top()[1] - self.get_y_shift() for m in (*self.col_names, *self.rest)),
            ]
        )
        x, y = self.frame.get_center()[:2]
        drop = self.badge.height / 2 + 0.12
        self.badge.move_to(
            [x, y + top + drop if side == "above" else y - self.inner_height / 2 - 0.05 - drop, 0]
        )

    def get_y_shift(self) -> float:
        """How far the grid has moved up from where it was made."""
        return float(self.frame.get_center()[1])

    @property
    def cells(self) -> Room:
        """Where the cells stand now, the rest included."""
        x, y, _ = self.frame.get_center()
        w, h = self.inner_width / 2, self.inner_height / 2
        return Room(float(x - w), float(y - h), float(x + w), float(y + h))

    def stand(self, **edges: float) -> Self:
        """Move the grid until an edge or the middle of its cells stands there: ``left=``, ``x=``, ``top=`` …"""
        return stand(self, by=self.cells, **edges)

    def row_y(self, i: int) -> float:
        """The middle of a row's height, now."""
        return float(self.center_of(i, self.cols[0])[1])

    # ---- highlights ------------------------------------------------------------------------------
    def box(
        self,
        rows: Iterable[int] | None = None,
        cols: Iterable[int] | None = None,
        color: str | None = None,
        line: float = 3.5,
    ) -> VMobject:
        """A frame around a block of cells, where the grid is now."""
        ground = VGroup(*(self.shade(i, j) for i in (rows or self.rows) for j in (cols or self.cols)))
        frame = shapes.outline(
            ground.width + 0.08, ground.height + 0.06, color or self.pen.theme.accent, line=line
        )
        return shapes.anchored(frame.move_to(ground.get_center()), self)

    def hide(self, rows: Iterable[int] | None = None, cols: Iterable[int] | None = None) -> TensorGrid:
        """Make a block invisible until a verb uncovers it."""
        for part in self.parts(rows, cols):
            _vanish(part)
        return self

    def hide_all(self) -> None:
        """Make all numbers and the count of the rest invisible; frame, names and badge stay."""
        self.hide()
        for part in self.rest.get_family():
            if len(part.points):
                _vanish(part)


def _vanish(part: VMobject) -> None:
    """Make a part invisible, which ``Uncover`` brings back as it was."""
    remember(part)
    part.set_fill(opacity=0).set_stroke(opacity=0)
