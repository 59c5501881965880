"""The look-up: a token's id picks a row of the table E, and a copy of that row becomes a row of X.

The same picture as a product: a row of zeros with a single one, whose digits go to the rows of E.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from manim import VGroup

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.layout.largest import first_with, largest_or_least
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, shortened
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import NAME_GAP, NAME_MAX, REST, REST_ROW, Pitch, name_size, pitch_for
from tensorreel.words.glosses import meant

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGEST, LOOSEST, SNUG = 0.38, 1.75, 0.16
BADGE, BETWEEN, MERGED = 0.5, 0.75, 0.5
HOT_WIDE, HOT_TALL = (
    0.45,
    0.62,
)  # where the list is merged with X: room for 0 × at E's rows, and under X for the one-hot row
WORD, GLOSS, ID = 0.44, 0.33, 0.34
FRAME = 0.12  # how far the frame around an entry of the list stands off it
MEANING = 0.26  # between a word of the list and its meaning
LIST_MAX, LIST_PLAIN = 2.9, 1.9  # widest word of the list, with its meaning and without


@dataclass(frozen=True)
class _Plan:
    """One pitch for E and X, the rows of each that show digits, and their columns."""

    pitch: Pitch
    e_rows: int
    x_rows: int
    cols: int


class LookUp(VGroup):
    """The list of tokens with their ids, the table E with its words and ids, and X.

    Of a large vocabulary E shows the rows that are used, then others as far as there is room. Where the list
    would cost digits it moves to the rows of X (``merged``).
    """

    def __init__(
        self,
        e: DisplayTensor,
        x: DisplayTensor,
        pen: Pen,
        *,
        tokens: Sequence[int],
        words: Sequence[str],
        glosses: Sequence[str] = (),
        focus: int = 0,
    ) -> None:
        super().__init__()
        self.pen, self.tokens, self.focus = pen, list(tokens), focus
        self.vocabulary, self.tensors = list(words), (e, x)
        self.meant = meant(words, glosses, pen.lang)
        self.merged = False
        plan = self._plan()
        if plan.cols < e.values.shape[1] and any(self.meant):
            self.meant = [""] * len(words)
            plan = self._plan()
        if plan.cols < e.values.shape[1]:
            self.merged, self.meant = True, [""] * len(words)
            plan = self._plan()
        self.x_rows = first_with(plan.x_rows, plan.x_rows, focus)
        cols = list(range(plan.cols))
        e_rows = self._e_rows(plan)
        self.e = TensorGrid(e, pen, plan.pitch, rows=e_rows, cols=cols, row_names=self.vocabulary)
        names = [self.vocabulary[t] for t in self.tokens]
        named = None if self.merged else names
        self.x = TensorGrid(x, pen, plan.pitch, rows=self.x_rows, cols=cols, row_names=named)
        self._place(plan)
        self.e_ids = [self._e_id(i) for i in self.e.rows]
        self.e.row_names.add(*self.e_ids)
        self.entries = [self._entry(k) for k in self.x_rows]
        self.rest = self._uncounted()
        self.add(*self.entries, self.rest, self.e, self.x)

    @classmethod
    def of(cls, scene: StageScene, e: DisplayTensor, x: DisplayTensor) -> Self:
        """The look-up of a scene's tokens in its model's vocabulary."""
        model, tokens = scene.trace.model, scene.trace.tokens
        return cls(
            e, x, scene.pen, tokens=tokens, words=model.labels, glosses=model.glosses, focus=scene.token
        )

    # ---- sizes ----------------------------------------------------------------------------------
    def _e_rows(self, plan: _Plan) -> list[int]:
        """The rows in use, and the first others while there is room."""
        used = sorted({self.tokens[k] for k in self.x_rows})
        others = (i for i in range(len(self.vocabulary)) if i not in used)
        while len(used) < plan.e_rows:
            used.append(next(others))
        return sorted(used)

    def _list_width(self) -> float:
        """Width of the widest word with its meaning in the token list, and of its id."""
        meanings = max(self._gloss_width(t) for t in self.tokens)
        return min(self._word_width + meanings, self._list_max) + 0.75

    @property
    def _list_max(self) -> float:
        return LIST_MAX if any(self.meant) else LIST_PLAIN

    @property
    def _word_width(self) -> float:
        """Width of the widest word of the list."""
        return max(self.pen.width(self.vocabulary[t], WORD) for t in self.tokens)

    def _gloss_width(self, token: int) -> float:
        gloss = self.meant[token]
        return self.pen.width(gloss, GLOSS) + MEANING + 0.04 if gloss else 0.0

    def _names_width(self, ids: bool) -> float:
        used = self.vocabulary if ids else [self.vocabulary[t] for t in self.tokens]
        named = min(NAME_MAX, max(self.pen.width(w, theme.SIZE_LABEL) for w in used[:60])) + NAME_GAP
        aside = max(self._id_width, HOT_WIDE) if self.merged else self._id_width
        return named + (0.2 + aside if ids else 0.0)

    @property
    def _id_width(self) -> float:
        return self.pen.width(str(len(self.vocabulary) - 1), ID)

    def _breadth(self, plan: _Plan) -> float:
        grid = plan.cols * plan.pitch.dx + (REST if plan.cols < self.tensors[0].values.shape[1] else 0.0)
        if self.merged:
            return self._names_width(True) + self._merged_width(plan) + 2 * grid + MERGED + 0.3
        names = self._names_width(True) + self._names_width(False)
        return FRAME + self._list_width() + names + 2 * (grid + BETWEEN) + 0.2

    def _merged_width(self, plan: _Plan) -> float:
        """Room for the words and ids at the rows of X."""
        used = [self.vocabulary[t] for t in self.tokens]
        size = name_size(used, plan.pitch)
        return min(NAME_MAX, max(self.pen.width(w, size) for w in used)) + self._id_width + 2 * NAME_GAP

    def _height(self, plan: _Plan) -> float:
        counted = REST_ROW if plan.e_rows < len(self.vocabulary) or plan.x_rows < len(self.tokens) else 0.0
        hidden = 0.34 if plan.cols < self.tensors[0].values.shape[1] else 0.0
        below = HOT_TALL if self.merged else 0.0
        tall = max(plan.e_rows * plan.pitch.dy, plan.x_rows * plan.pitch.dy + below)
        return tall + counted + BADGE + hidden

    def _plan(self) -> _Plan:
        rows, cols = self.tensors[0].values.shape
        full = (rows, len(self.tokens), cols)
        plan = largest_or_least(
            LARGEST, lambda em: _Plan(pitch_for(self.tensors, self.pen, em), *full), self._fits
        )
        if not self._fits(plan) and self.merged:  # columns are counted anyway: closer ones leave fewer out
            snug = plan.pitch.dx - SNUG * plan.pitch.em
            plan = replace(plan, pitch=replace(plan.pitch, dx=snug))
        while self._breadth(plan) > CONTENT.width and plan.cols > 1:
            plan = replace(plan, cols=plan.cols - 1)
        least = len(self.tokens) + 2
        most = max(least, int(CONTENT.height / plan.pitch.dy) + 1)  # no more have room
        plan = replace(plan, e_rows=min(plan.e_rows, most))
        while self._height(plan) > CONTENT.height:
            below = int(self.merged) * 2  # rows of X that would stand where the one-hot row comes
            shorter = max(plan.e_rows, plan.x_rows + below) - 1
            plan = replace(plan, e_rows=min(plan.e_rows, shorter), x_rows=min(plan.x_rows, shorter - below))
        if plan.e_rows < rows:
            plan = replace(plan, x_rows=min(plan.x_rows, plan.e_rows))
        return self._loosened(plan)

    def _fits(self, plan: _Plan) -> bool:
        return CONTENT.holds(self._breadth(plan), self._height(plan))

    def _loosened(self, plan: _Plan) -> _Plan:
        spare = CONTENT.height - self._height(plan)
        dy = plan.pitch.dy + max(0.0, spare) / max(plan.e_rows, plan.x_rows)
        return replace(
            plan, pitch=replace(plan.pitch, dy=max(plan.pitch.dy, min(dy, LOOSEST * plan.pitch.em)))
        )

    # ---- places ---------------------------------------------------------------------------------
    def _place(self, plan: _Plan) -> None:
        """The three parts from left to right; what room is left over is shared between them."""
        e, x, middle = self.e, self.x, CONTENT.under(BADGE).y
        if self.merged:
            self._merge(plan, middle)
            return
        spare = min(0.7, (CONTENT.width - self._breadth(plan)) / 2)
        left = -(self._breadth(plan) + 2 * spare) / 2 + FRAME
        self.list_x = left
        self.id_x = left + self._list_width() - 0.1
        at = left + self._list_width() + BETWEEN + spare + self._names_width(True) + 0.1
        e.stand(left=at, y=middle)
        x.stand(left=e.cells.right + BETWEEN + spare + self._names_width(False), y=middle)

    def _merge(self, plan: _Plan, middle: float) -> None:
        """E at the left; words and ids are the names of X's rows."""
        e, x = self.e, self.x
        spare = min(0.7, CONTENT.width - self._breadth(plan))
        e.stand(left=-(self._breadth(plan) + spare) / 2 + self._names_width(True) + 0.1, y=middle)
        self.list_x = e.cells.right + MERGED + spare
        self.id_x = self.list_x + self._merged_width(plan) - NAME_GAP
        low = CONTENT.bottom + HOT_TALL + x.inner_height / 2
        x.stand(left=self.id_x + NAME_GAP, y=max(middle, low))

    def _e_id(self, i: int) -> Numeral:
        size = min(ID, max(theme.SIZE_NUMBER_MIN, self.e.pitch.dy * 0.75))
        number = Numeral(count(i, Count.WORD, i), self.pen, decimals=0, size=size, color=self.pen.theme.dim)
        aside = max(self._id_width, HOT_WIDE) if self.merged else self._id_width
        return number.level(
            edges(self.e.frame).left - self._names_width(True) + aside, self.e.row_y(i), "right"
        )

    def _entry(self, k: int) -> VGroup:
        """A token of the list: its word, its meaning in the English film, its id."""
        token, y = self.tokens[k], self.x.row_y(k)
        size = min(WORD, max(0.27, self.x.pitch.dy * 0.9))
        names = [self.vocabulary[t] for t in self.tokens]
        if self.merged:
            size = name_size(names, self.x.pitch)
        gloss = self.meant[token]
        room = NAME_MAX if self.merged else self._list_max - max(self._gloss_width(t) for t in self.tokens)
        word = Label(
            shortened(self.vocabulary[token], self.pen, size, room, among=names), self.pen, size=size
        )
        word.level(self.list_x, y)
        meaning = Label(gloss, self.pen, size=GLOSS, color=self.pen.theme.dim)
        meaning.level(self.list_x + min(self._word_width * size / WORD, room) + MEANING, y)
        id_size = min(ID if self.merged else WORD, max(theme.SIZE_NUMBER_MIN, self.x.pitch.dy * 0.9))
        number = Numeral(
            count(token, Count.TOKEN, k),
            self.pen,
            decimals=0,
            size=id_size,
            color=self.pen.theme.accent,
            bold=True,
        )
        return VGroup(word, meaning, number.level(self.id_x, y, "right"))

    def _uncounted(self) -> VGroup:
        n, listed = len(self.tokens), len(self.x_rows)
        if n == listed:
            return VGroup()
        bottom = edges(self.entries[-1]).bottom - 0.3
        return VGroup(more_label(self.pen, "T", n, listed).move_to([self.list_x + 0.3, bottom, 0]))

    @property
    def unused(self) -> list[int]:
        """The shown rows of E that no token picks."""
        return [i for i in self.e.rows if i not in self.tokens]
