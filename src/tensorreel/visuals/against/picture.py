"""The result of a stage now and before, as large as it fits, and a key that says which number is which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from manim import VGroup, VMobject

from tensorreel.core.formatting import distinct
from tensorreel.visuals.against.pair import OldTensor, TensorPair
from tensorreel.visuals.against.pair_grid import ASIDE, PairGrid, PairPitch, struck
from tensorreel.visuals.layout.largest import sizes, window_with
from tensorreel.visuals.layout.placing import in_row, stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Label, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.fit import BADGE_ROOM, COLUMN_NAME_ROOM, names_width
from tensorreel.visuals.matrix.pitch import REST, REST_ROW, least_dy, text_width
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.against.compared import Compared

LARGEST, SMALLER = 0.42, 0.78  # em of the numbers now; of those before, as a share of it
COSY, NARROW = 0.3, 0.62  # em down to which more is shown; the least width of a column with a name
BLOCKS, APART = 4, 0.7  # heads side by side at most; and between them
HOMEWARD = 6.0  # width of a matrix that goes home
KEY, KEY_ROOM = 0.34, 0.55  # em of the key's words; its room at the foot
NOW, BEFORE, CHANGE = (Text("now", "against"), Text("before", "against"), Text("change", "against"))
Names = Sequence[str] | None


class PairPicture(VGroup):
    """``grids`` of the heads that are printed otherwise, or of the one result, side by side; ``key`` under them."""

    def __init__(self, scene: Compared, pairs: Sequence[TensorPair]) -> None:
        super().__init__()
        self.pen, self.token = scene.pen, scene.token
        self.rows, self.cols = (_names(scene, pairs[0], axis) for axis in (-2, -1))
        self.two = any(pair.places for pair in pairs)
        shown, pitch = self._chosen(pairs)
        self.grids = [self._grid(pair, pitch) for pair in shown]
        for grid in self.grids[1:]:
            grid.remove(grid.row_names)
        self.key = PairKey(self.pen, moves=pitch.moves) if self.two else VGroup()
        self.add(*self.grids)
        self._place()

    @property
    def homeward(self) -> list[PairGrid]:
        """The matrices that are small enough to go to their station without a part outside of the frame."""
        return [grid for grid in self.grids if grid.width <= HOMEWARD]

    # ---- sizes --------------------------------------------------------------------------------------
    def _chosen(self, pairs: Sequence[TensorPair]) -> tuple[Sequence[TensorPair], PairPitch]:
        """The most that can be shown in full at a cosy size; else one matrix, however small."""
        for some, moves, least in self._wishes(pairs[:BLOCKS]):
            for em, under in product(sizes(LARGEST, least), (True, False)):
                pitch = self._pitch(some, em, under=under, moves=moves)
                if self._fits(some, pitch):
                    return some, pitch
        return pairs[:1], self._pitch(pairs[:1], theme.SIZE_NUMBER_MIN, under=True, moves=False)

    def _wishes(self, pairs: Sequence[TensorPair]) -> Iterator[tuple[Sequence[TensorPair], bool, float]]:
        for some in (pairs[:k] for k in range(len(pairs), 0, -1)):
            if self.two:
                yield some, True, COSY
            yield some, False, COSY if len(some) > 1 else theme.SIZE_NUMBER_MIN

    def _pitch(self, pairs: Sequence[TensorPair], em: float, *, under: bool, moves: bool) -> PairPitch:
        small = max(SMALLER * em, theme.SIZE_NUMBER_MIN)
        now = max(text_width(pair.now, self.pen, em) for pair in pairs) + 0.42 * em
        was = max(self._was(pair, small, moves=moves) for pair in pairs) + 0.6 * small if self.two else 0.0
        pitch = PairPitch(em, small, max(now, NARROW if self.cols else 0.0), was, under and self.two, moves)
        return replace(pitch, least=least_dy(self.rows, pitch.grid, self.pen) if self.rows else 0.0)

    def _was(self, pair: TensorPair, small: float, *, moves: bool) -> float:
        """The width of what a cell says of before, at most."""
        before = distinct(pair.before.values, pair.before.decimals) if pair.places else {""}
        wide = max(self.pen.width(text, small) for text in before)
        changes = pair.changes if moves else ()
        return wide + max(
            (self.pen.width(text, small) + (ASIDE + 0.15) * small for text in changes), default=0.0
        )

    def _fits(self, pairs: Sequence[TensorPair], pitch: PairPitch) -> bool:
        n, m = pairs[0].now.values.shape
        wide = sum(m * pitch.grid.dx + len(p.columns) * pitch.aside + APART for p in pairs) - APART
        return wide <= self._width and n * pitch.grid.dy <= self._height

    @property
    def _width(self) -> float:
        return CONTENT.width - 0.4 - (names_width(self.rows, self.pen) + 0.1 if self.rows else 0.0)

    @property
    def _height(self) -> float:
        named = COLUMN_NAME_ROOM if self.cols else 0.0
        return CONTENT.height - BADGE_ROOM - named - (KEY_ROOM if self.two else 0.1)

    # ---- places -------------------------------------------------------------------------------------
    def _grid(self, pair: TensorPair, pitch: PairPitch) -> PairGrid:
        n, m = pair.now.values.shape
        row, col = pair.farthest if pair.places else (self.token, 0)
        high, wide = pitch.grid.dy, pitch.grid.dx
        rows = n if n * high <= self._height else int((self._height - REST_ROW) / high) + 1
        cols = m if m * wide <= self._width else int((self._width - REST) / wide) + 1
        return PairGrid(
            pair,
            self.pen,
            pitch,
            rows=window_with(n, max(2, rows), min(row, n - 1)),
            cols=window_with(m, max(2, cols), col),
            row_names=self.rows,
            col_names=self.cols,
        )

    def _place(self) -> None:
        in_row(self.grids, APART)
        top = max(edges(grid).top for grid in self.grids)
        for grid in self.grids:
            stand(grid, top=top)
        foot = KEY_ROOM if self.two else 0.0
        stand(self, x=CONTENT.x, y=CONTENT.over(foot).y)
        if self.two:
            stand(self.key, x=CONTENT.x, bottom=CONTENT.bottom + 0.12)


def _names(scene: Compared, pair: TensorPair, axis: int) -> Names:
    """What the rows (axis −2) or the columns (−1) of a matrix are called."""
    names: dict[str, Sequence[str]] = {"T": scene.words, "S": scene.words, "V": scene.trace.model.labels}
    return names.get(("", *pair.now.tensor.dims)[axis])


class PairKey(VGroup):
    """What a cell with two numbers says, in words that look like them: framed is now, struck through is before."""

    def __init__(self, pen: Pen, *, moves: bool) -> None:
        super().__init__()
        look = pen.theme
        now = Label(NOW.of(pen.lang), pen, size=KEY)
        before = Label(BEFORE.of(pen.lang), pen, size=KEY, color=look.dim)
        change = [Label(CHANGE.of(pen.lang), pen, size=KEY, color=look.accent)] if moves else []
        x = 0.0
        for label in (now, before, *change):
            x += label.sit(x, 0.0).advance + 0.45
        self.add(_framed(now, look.accent), now, before, struck(before, look.dim), *change)


def _framed(label: Label, color: str) -> VMobject:
    frame = shapes.outline(label.width + 0.2, label.height + 0.16, color, line=2.0)
    return shapes.anchored(frame.move_to(label.get_center()), label)


def pair_of(scene: Compared, name: str, head: int | None = None) -> TensorPair:
    """A tensor of the scene, and of the model before."""
    now = scene.show(name, head=head)
    return TensorPair(now, OldTensor.like(now, scene.old))


def pairs_of(scene: Compared, name: str) -> list[TensorPair]:
    """A tensor and what it was: of several heads those that are printed otherwise, the chosen one first, or that alone."""
    first = pair_of(scene, name)
    if first.now.head is None:
        return [first]
    heads = (k for k in range(scene.trace.model.config.n_heads) if k != scene.head)
    others = [pair for pair in (pair_of(scene, name, k) for k in heads) if pair.places]
    return [first, *others] if first.places or not others else others
