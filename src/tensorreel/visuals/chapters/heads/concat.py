"""The concat device: heads' matrices slide until they touch; seams stay dashed, a brace adds the widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.chapters.heads.widths import Widths, brace
from tensorreel.visuals.layout.largest import largest_that_fits
from tensorreel.visuals.layout.placing import in_row, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.shapes import Vec
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.heads import MoreHeads, some_heads
from tensorreel.visuals.matrix.pitch import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, text_width
from tensorreel.visuals.matrix.shading import ranged
from tensorreel.visuals.motion.motions import Uncover
from tensorreel.visuals.product.falk import snug

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

MOST_ROWS, MOST_COLS, APART, FOOT = 8, 8, 0.6, 0.75
LARGEST = 0.4  # em of the digits
MOST_HEADS, COUNT = 8, 0.35  # that stand apart where not all do; between them and the count of the others
ASIDE, TOTAL = 1.3, 0.7  # between the layer's input and the joined matrix; for the total behind its braces


def per_head(heads: Sequence[int], width: int, most: int) -> list[int]:
    """Columns of the joined matrix that show digits: the same number, at least one, from every one of some heads."""
    each = width if len(heads) * width <= most else max(1, most // len(heads))
    return [head * width + j for head in heads for j in range(each)]


class Joining(VGroup):
    """``joined`` (T, d) in the middle, and the heads' (T, k) standing apart, in line with their places in it.

    Where not all heads have room the first ones stand there, the ``chosen`` one among them, and the others are
    counted (``more``).
    """

    def __init__(
        self,
        heads: Sequence[DisplayTensor],
        joined: DisplayTensor,
        pen: Pen,
        *,
        names: Sequence[str],
        focus: int = 0,
        chosen: int = 0,
    ) -> None:
        super().__init__()
        self.pen, self.k, self.chosen = pen, heads[0].values.shape[1], chosen
        n = joined.values.shape[0]
        rows = list(range(n)) if n <= MOST_ROWS else sorted({*range(MOST_ROWS - 2), min(focus, n - 1)})
        pitch, cols, named, self.heads = self._fit(len(heads), joined, rows, names)
        self.more = MoreHeads(len(heads) - len(self.heads), len(self.heads), pen)
        self.joined = TensorGrid(joined, pen, pitch, rows=rows, cols=cols, row_names=names, badge="above")
        y = CONTENT.over(FOOT).y - (0.4 if self.joined.more_cols else 0.2)
        self.joined.stand(y=y)
        self.each = len(cols) // len(self.heads)
        self.parts = [
            TensorGrid(
                heads[head],
                pen,
                pitch,
                rows=rows,
                cols=range(self.each),
                row_names=names if named or k == 0 else None,
            )
            for k, head in enumerate(self.heads)
        ]
        for part in self.parts[1:]:
            part.rest.remove(part.rest.rows_label)
        for part in self.parts:
            part.numerals.shift([self._lean(self.joined) - self._lean(part), 0, 0])
        self._spread()
        ranged(self.joined.badge, joined, pen)
        self.joined.hide_all()
        self.names = names
        self.focus = focus if focus in rows else rows[-1]
        self.boxes = [part.box(rows=[self.focus], color=pen.theme.accent) for part in self.parts]

    def _fit(
        self, n: int, joined: DisplayTensor, rows: list[int], names: Sequence[str]
    ) -> tuple[Pitch, list[int], bool, list[int]]:
        """Digit size, columns with digits, whether every head repeats the names, and the heads that all stand apart.

        As many of the n heads as have room at all; the columns of the others are among those without digits.
        """
        for most in (n, *range(min(n - 1, MOST_HEADS), 0, -1)):
            kept = some_heads(n, most, self.chosen)
            for cols, named in ((MOST_COLS, True), (MOST_COLS, False), (most, True), (most, False)):
                shown = per_head(kept, self.k, cols)
                found = self._pitch(n - most, most, joined, rows, shown, names, named)
                if found is not None:
                    return found, shown, named, kept
        em = theme.SIZE_NUMBER_MIN
        return snug([(joined, rows, shown)], self.pen, em, 1.15 * em), shown, False, kept

    def _pitch(
        self,
        hidden: int,
        n: int,
        joined: DisplayTensor,
        rows: list[int],
        cols: list[int],
        names: Sequence[str],
        named: bool,
    ) -> Pitch | None:
        """The largest digits with which n heads stand apart and the hidden ones are counted; None where none do."""
        name = min(NAME_MAX, max(self.pen.width(w, theme.SIZE_LABEL) for w in names)) + NAME_GAP
        rests = n * REST if len(cols) < n * self.k else 0.0
        width = CONTENT.width - (n - 1) * APART - rests - n * 0.3 - (n if named else 1) * name
        width -= MoreHeads(hidden, n, self.pen).width + COUNT if hidden else 0.0
        room = CONTENT.height - FOOT - 0.75 - (0.4 if rests or hidden else 0.0)
        room -= REST_ROW if len(rows) < len(names) else 0.0

        def pitched(em: float) -> Pitch:
            pitch = snug([(joined, rows, cols)], self.pen, em, em * 1.5)
            close = max(room / len(rows), 1.15 * em)
            return replace(pitch, dy=close) if pitch.dy * len(rows) > room else pitch

        return largest_that_fits(
            LARGEST, pitched, lambda p: p.dx * len(cols) <= width and p.dy * len(rows) <= room
        )

    def _home(self, k: int) -> float:
        """The x by which a head's first column stands in its place in the joined matrix."""
        return float(self.joined.center_of(self.joined.rows[0], self.joined.cols[k * self.each])[0])

    def _spread(self) -> None:
        """The heads stand apart, in their order, centred as a whole."""
        wide, gaps = sum(p.width for p in self.parts), max(1, len(self.parts) - 1)
        count = self.more.width + COUNT + 0.02 if len(self.more) else 0.0
        apart = min(1.6, (CONTENT.width - wide - count) / gaps)
        in_row(self.parts, apart, left=-(wide + count + (len(self.parts) - 1) * apart) / 2)
        for part in self.parts:
            part.stand(y=self.joined.cells.y)
        self.more.shift([edges(self.parts[-1]).right + COUNT, self.joined.cells.y - 0.12, 0])

    @staticmethod
    def _lean(grid: TensorGrid) -> float:
        """How far right of the middle of their cells the digits end."""
        i, j = grid.rows[0], grid.cols[0]
        numeral = grid.numeral(i, j)
        return float(numeral.origin[0] + numeral.advance - grid.center_of(i, j)[0])

    def way(self, k: int) -> Vec:
        """How far a head's matrix has to go to its place in the joined one."""
        part = self.parts[k]
        return shapes.at(self._home(k) - float(part.center_of(part.rows[0], part.cols[0])[0]), 0.0)

    # ---- what remains --------------------------------------------------------------------------------
    def span(self, k: int) -> tuple[float, float]:
        """Left and right end of a head's columns in the joined matrix."""
        left = self._home(k) - self.joined.pitch.dx / 2
        return left, left + self.each * self.joined.pitch.dx

    @property
    def foot(self) -> float:
        """Just below the joined matrix."""
        return self.joined.cells.bottom - 0.1

    def seams(self) -> VGroup:
        """Dashed lines where the heads touch."""
        top = self.joined.cells.top + 0.06
        dim, foot = self.pen.theme.dim, self.foot
        xs = [self.span(k)[0] for k in range(1, len(self.parts))]
        return VGroup(*(shapes.stroke(shapes.dashed([(x, top), (x, foot)], (0.1, 0.07)), dim, 3) for x in xs))

    def widths(self, size: Quantity, heads: Quantity, whole: Quantity) -> Widths:
        """Braces under the heads' columns, and under them their widths making up the whole."""
        spans = [self.span(k) for k in range(len(self.parts))]
        times = heads if len(self.more) else None
        return Widths(spans, self.foot - 0.06, size, whole, self.pen, heads=self.heads, times=times)


def slide(scene: StageScene, joining: Joining, *, run_time: float) -> list[VMobject]:
    """The heads' matrices move together until they touch and become one; returns it, its dashed seams, the row's box.

    What would stand between them goes first: inner brackets, badges, repeated names.
    """
    scene.until_read(run_time + 3 * theme.SHORT)
    parts, joined, boxes = joining.parts, joining.joined, joining.boxes
    loose = [m for part in parts for m in (part.badge, part.rest) if len(m)]
    loose += [m for part in parts[1:] for m in (*part.row_names, part.frame[0])]
    loose += [part.frame[1] for part in parts[:-1]] + ([joining.more] if len(joining.more) else [])
    for part in parts:
        part.remove(part.badge, part.rest)
        part.frame.remove(*loose)
    for part in parts[1:]:
        part.remove(part.row_names)
    scene.play(*(FadeOut(m) for m in loose), run_time=theme.SHORT)
    shifts = [(m, joining.way(k)) for k, pair in enumerate(zip(parts, boxes, strict=True)) for m in pair]
    scene.play(*(m.animate.shift(way) for m, way in shifts), run_time=run_time)
    seams = joining.seams()
    row = joined.box(rows=[joining.focus], color=scene.theme.accent)
    turns = [FadeOut(m) for m in (*(part.frame for part in parts if len(part.frame)), *boxes)]
    scene.play(*turns, FadeIn(joined.frame, joined.badge, row), run_time=theme.SHORT)
    scene.play(
        Uncover([*joined.parts(), *joined.rest.get_family()]),
        *(FadeOut(m) for part in parts for m in (part.shades, part.numerals)),
        *(FadeOut(parts[0].row_names), FadeIn(joined.row_names)),
        *(FadeIn(seam) for seam in seams),
        run_time=theme.SHORT,
    )
    scene.add(joined, *seams, row)
    return [joined, *seams, row]


def input_beside(
    scene: StageScene, joining: Joining, whole: Sequence[VMobject], before: DisplayTensor, size: Quantity
) -> None:
    """The layer's input comes to the left of the joined matrix, its rows in line, and a brace tells its width.

    Nothing happens where the two do not fit side by side.
    """
    joined, pen = joining.joined, joining.pen
    if joined.more_cols or text_width(before, pen, joined.pitch.em) > joined.pitch.dx - 0.1:
        return
    grid = TensorGrid(before, pen, joined.pitch, rows=joined.rows, row_names=joining.names)
    taken = grid.width + joined.width + TOTAL
    between = min(ASIDE, CONTENT.width - 0.05 - taken)
    if between < ASIDE / 2:
        return
    left = -(taken + between) / 2
    stand(grid, left=left, up=joined.cells.y)
    way = shapes.at(edges(grid).right + between - edges(joined).left, 0.0)
    scene.play(*(m.animate.shift(way) for m in whole), run_time=theme.MEDIUM)
    scene.enter(grid)
    cells = grid.cells
    number = Numeral(size, pen, decimals=0, size=0.4, color=pen.theme.dims["d"], bold=True)
    number.sit(cells.x, joining.foot - 0.52, "center")
    mark = brace(cells.left, cells.right, joining.foot - 0.06, pen.theme.dim, 0.14)
    scene.play(FadeIn(mark, number), run_time=theme.SHORT)
