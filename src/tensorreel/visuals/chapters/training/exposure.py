"""One checkpoint as a picture: its matrix with names, the word that wins, and the legend of the shades of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from manim import VGroup, VMobject

from tensorreel.core.formatting import leading
from tensorreel.variations.training import Checkpoint, Exhibit
from tensorreel.visuals.chapters.training.checkpoint_tensor import CheckpointTensor
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.fit import BADGE_ROOM, COLUMN_NAME_ROOM, Fit, fit, names_width
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.shading import ground
from tensorreel.visuals.space.plane import Plane
from tensorreel.words.text import Text

FOOT = 1.55  # room of the time line below the matrix
LARGEST, NAMED = 0.42, 0.62  # em of the digits; room of a column's name
ROOMY = 3.6  # width of a column, in em of its digits, where there is room
BAR, NAME_ROOM, THICK = 2.0, 1.4, 0.2  # length of a whole share, room of the names, thickness
BAR_NAME, MOST_BARS = 0.33, 8
BAR_ROOM = NAME_ROOM + BAR + 0.1
PLANE_ROOM, POINT_NAME, MOST_POINTS = (
    5.4,
    0.33,
    8,
)  # width of the plane, em of its names, rows that are points
EM, SIDE, SWATCHES = 0.3, 0.27, 4  # of the legend
SHARED = Text("full shade at every step", "training")
Names = Mapping[str, Sequence[str]]  # of rows and columns, by axis letter


class Exposure(VGroup):
    """The matrix of a checkpoint (``.grid``). Beside it, of a stage that answers, the bars of its row ``focus``, and a
    frame around the winner; of a matrix with two columns, the exact plane in which its rows are points. ``.marks`` is
    what moves of that.
    """

    def __init__(
        self, shown: Exhibit, checkpoint: Checkpoint, pen: Pen, *, names: Names, focus: int, answers: bool
    ) -> None:
        super().__init__()
        self.tensor, self.pen, self.focus = CheckpointTensor.of(shown, checkpoint), pen, focus
        rows, cols = self._names(names)
        barred = bool(answers and cols and len(cols) <= MOST_BARS)
        planar = bool(rows) and self.tensor.values.shape[1] == 2 and len(self.tensor.values) <= MOST_POINTS
        aside = BAR_ROOM if barred else PLANE_ROOM if planar else 0.0
        left = names_width(rows, pen) + 0.1 if rows else 0.0
        room = self._fit(shown, CONTENT.width - left - aside - 0.4, bool(cols))
        self.grid = TensorGrid(
            self.tensor, pen, room.pitch, rows=room.rows, cols=room.cols, row_names=rows, col_names=cols
        )
        middle = CONTENT.over(FOOT).y - (BADGE_ROOM + (COLUMN_NAME_ROOM if cols else 0.0)) / 2
        self.grid.stand(x=(left - aside) / 2, y=middle)
        self.add(self.grid)
        self.marks = VGroup(*([self._box()] if answers else []), *(self._bars() if barred else []))
        if barred and cols:
            self.add(self._bar_names(cols))
        if planar and rows:
            self._plot(rows, shown)
        self.add(self.marks)

    def _names(self, names: Names) -> tuple[Sequence[str] | None, Sequence[str] | None]:
        n, m = self.tensor.values.shape
        dims = self.tensor.tensor.dims
        letters = dims if len(dims) == 2 else ("", *dims)
        found = [names.get(letter) for letter in letters]
        rows, cols = (x if x and len(x) >= size else None for x, size in zip(found, (n, m), strict=True))
        return rows, cols

    def _fit(self, shown: Exhibit, width: float, named: bool) -> Fit:
        """Room for the widest digits that any checkpoint can have, so that cells keep their places."""
        height = CONTENT.over(FOOT).height - BADGE_ROOM - (COLUMN_NAME_ROOM if named else 0.0)
        widest = self.tensor.widest(shown)
        found = fit([widest], self.pen, width, height, row=self.focus, largest=LARGEST, heads=NAMED)
        if len(found.cols) < self.tensor.values.shape[1]:
            return found
        dx = max(found.pitch.dx, min(ROOMY * found.pitch.em, width / len(found.cols)))
        return replace(found, pitch=replace(found.pitch, dx=dx))

    @property
    def winners(self) -> list[int]:
        """The columns of the row in focus whose digits are the largest."""
        return leading(self.tensor.printed(self.focus), self.tensor.decimals)

    def _plot(self, names: Sequence[str], shown: Exhibit) -> None:
        """The rows as points of the plane, whose axes hold those of every checkpoint."""
        area = CONTENT.over(FOOT)
        width = PLANE_ROOM - 0.5
        left, right, down, up = shown.reach
        corners = [(-left, -down), (right, up)]
        middle = (CONTENT.right - width / 2, area.y)
        plane = Plane(corners, self.pen, width=width, height=area.height - 0.2, center=middle)
        points, hue = (
            [(float(x), float(y)) for x, y in self.tensor.values],
            self.pen.theme.role(self.tensor.role),
        )
        dots = [plane.dot(p, hue) for p in points]
        labels = plane.names(points, names, [self.pen.theme.ink] * len(points), size=POINT_NAME)
        self.add(plane.axes)
        self.marks.add(*dots, *labels.texts)

    # ---- the answer -------------------------------------------------------------------------------
    def _box(self) -> VMobject:
        """A frame around the winner; unseen where it has no column, or where there is more than one."""
        alone = len(self.winners) == 1 and self.winners[0] in self.grid.cols
        box = self.grid.box([self.focus], self.winners if alone else self.grid.cols[-1:])
        return box if alone else box.set_stroke(opacity=0)

    def _bars(self) -> VGroup:
        """A bar for each word that is shown, as long as its share of the row in focus, the winner's in the accent."""
        printed, look = self.tensor.printed(self.focus), self.pen.theme
        bars = VGroup()
        for j, y in zip(self.grid.cols, self._levels(), strict=True):
            hue = look.accent if j in self.winners else look.dim
            bar = shapes.panel(max(BAR * float(printed[j]), 0.02), THICK, hue, radius=0.03)
            bars.add(stand(bar, left=self.grid.cells.right + NAME_ROOM, y=y))
        return bars

    def _bar_names(self, names: Sequence[str]) -> VGroup:
        among = [names[j] for j in self.grid.cols]
        short = (shortened(name, self.pen, BAR_NAME, NAME_ROOM - 0.5, among=among) for name in among)
        labels = (Label(name, self.pen, size=BAR_NAME) for name in short)
        right = self.grid.cells.right + NAME_ROOM - 0.12
        return VGroup(
            *(label.level(right, y, "right") for label, y in zip(labels, self._levels(), strict=True))
        )

    def _levels(self) -> list[float]:
        """The heights of the bars: from the header to the foot of the matrix."""
        top, bottom = CONTENT.top - 0.1, self.grid.cells.bottom
        pitch = (top - bottom) / len(self.grid.cols)
        return [top - (k + 0.5) * pitch for k in range(len(self.grid.cols))]


class SharedScale(VGroup):
    """``▢▫▪■ 1 full shade at every step``: the one scale of all checkpoints, right above the matrix."""

    def __init__(self, tensor: CheckpointTensor, full: Numeral, pen: Pen) -> None:
        super().__init__()
        hue = pen.theme.role(tensor.role)
        for k in range(SWATCHES):
            tile = ground(1.0, (k + 1) / SWATCHES, SIDE, SIDE, hue, pen)
            self.add(shapes.as_key(tile).move_to([k * (SIDE + 0.05), theme.DIGIT_EM * EM / 2, 0]))
        x = SWATCHES * (SIDE + 0.05)
        self.add(full.sit(x, 0.0))
        words = Label(SHARED.of(pen.lang), pen, size=theme.SIZE_LABEL, color=pen.theme.dim)
        self.add(words.sit(x + full.advance + 0.14, 0.0))
        stand(self, right=CONTENT.right - 0.1, bottom=CONTENT.over(FOOT).bottom - 0.42)
