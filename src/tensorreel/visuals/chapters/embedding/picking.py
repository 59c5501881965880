"""The look-up in time: the sentence becomes a list, ids pick rows of E, copies of the rows fly to X."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from tensorreel.visuals.chapters.embedding.lookup import FRAME, LookUp
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.motion.motions import Fly, IntoRow, SlideBox, Uncover
from tensorreel.visuals.motion.order import Verb

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGE = 1.4  # most that the list of tokens is enlarged while it stands alone


class PickRows(Verb, steps="tokens! table first! others! dim_unused others_than"):
    """Plays a ``LookUp``, whose X it hides."""

    def __init__(self, scene: StageScene, lookup: LookUp) -> None:
        self.scene, self.lookup = scene, lookup
        lookup.x.hide_all()
        self.boxes: list[VMobject] = []
        self.list = VGroup(*lookup.entries, lookup.rest)
        self.home = self.list.get_center()
        self.large = self._enlarged()

    def _enlarged(self) -> float:
        """How much larger the list stands in the middle of the empty stage."""
        room = CONTENT.height - 0.3
        return max(1.0, min(LARGE, room / self.list.height, CONTENT.width / self.list.width))

    def tokens(self, *, run_time: float = 2.6) -> None:
        """The words stand as a sentence, turn into a list in the middle of the stage, and receive their ids."""
        scene, lookup = self.scene, self.lookup
        self.list.scale(self.large).move_to([0.0, CONTENT.y, 0.0])
        words = [entry[0] for entry in lookup.entries]
        line = self._line(words)
        scene.play(LaggedStart(*map(FadeIn, line), lag_ratio=0.15), run_time=run_time * 0.3)
        scene.until_read(run_time * 0.7)
        moves = [IntoRow(now, word) for now, word in zip(line, words, strict=True)]
        scene.remove(*line)
        scene.play(*moves, run_time=run_time * 0.4)
        rest = [VGroup(*entry[1:]) for entry in lookup.entries]
        scene.play(LaggedStart(*map(FadeIn, rest), lag_ratio=0.25), run_time=run_time * 0.3)
        scene.remove(*words, *rest)
        scene.add(self.list)

    def table(self) -> None:
        """The list makes room; E comes out of the map, and the place of X appears."""
        place = self.list.animate.scale(1 / self.large).move_to(self.home).build()
        self.scene.play(place, run_time=theme.MEDIUM)
        self.scene.remove(self.list)
        self.scene.add(*self.lookup.entries, self.lookup.rest)
        self.scene.enter(self.lookup.e)
        self.scene.play(FadeIn(self.lookup.x), run_time=theme.MEDIUM)

    def _line(self, words: Sequence[Label]) -> list[Label]:
        """The words side by side, as large as they fit, in the middle of the stage."""
        spaces = [self.scene.trace.spaces[k] for k in self.lookup.x_rows]
        for lines in range(1, len(words) + 1):
            line = VGroup(*(w.copy().scale(1 / self.large) for w in words))
            _run_on(line, spaces, -(-len(line) // lines))
            scale = min(2.6, CONTENT.width / max(line.width, 0.1))
            if scale >= 1.0:
                break
        return list(line.scale(scale).move_to([0.0, CONTENT.y, 0.0]))

    def _pick(self, k: int, *, run_time: float) -> None:
        """The frames go to a token and to its row of E; a copy of the row flies to X."""
        scene, lookup = self.scene, self.lookup
        e, x, i = lookup.e, lookup.x, lookup.tokens[k]
        entry = lookup.entries[lookup.x_rows.index(k)]
        frames = [_around(entry, scene.theme.accent), e.box(rows=[i])]
        if self.boxes:
            turns = [SlideBox(box, to) for box, to in zip(self.boxes, frames, strict=True)]
            scene.play(*turns, run_time=run_time * 0.4)
        else:
            self.boxes = list(frames)
            scene.play(FadeIn(self.boxes[0]), run_time=run_time * 0.2)
            scene.play(FadeIn(self.boxes[1]), run_time=run_time * 0.2)
        for j in x.cols:
            x.numeral(k, j).set_fill(opacity=1)
        flights = [Fly(e.numeral(i, j), x.numeral(k, j), arc=0.0) for j in x.cols]
        scene.play(*flights, Uncover([x.shade(k, j) for j in x.cols]), run_time=run_time * 0.6)

    def first(self, *, run_time: float = 2.4) -> None:
        """The chosen token, slowly."""
        self._pick(self.lookup.focus, run_time=run_time)

    def others(self, *, run_time: float = 2.4) -> None:
        """All other tokens in order, sharing the time; then the frames go."""
        lookup, scene = self.lookup, self.scene
        rest = [k for k in lookup.x_rows if k != lookup.focus]
        for k in rest:
            self._pick(k, run_time=run_time / len(rest))
        if lookup.x.more_rows or lookup.x.more_cols:
            scene.play(
                Uncover([m for m in lookup.x.rest.get_family() if len(m.points)]), run_time=theme.QUICK
            )
        scene.play(*(FadeOut(b) for b in self.boxes), run_time=theme.QUICK)
        self.boxes = []

    def dim_unused(self, *, run_time: float = theme.MEDIUM) -> None:
        """Rows of E that no token picked step back."""
        self.scene.until_read(run_time + theme.HOLD_ENTRANCE)
        self._dim(self.lookup.unused, run_time)

    def _dim(self, rows: Sequence[int], run_time: float) -> None:
        e, look = self.lookup.e, self.scene.theme
        if not rows:
            return
        at = {i: k for k, i in enumerate(e.rows)}
        texts = [*(n for i in rows for n in e.row(i)), *(e.row_names[at[i]] for i in rows)]
        grounds = [e.shade(i, j) for i in rows for j in e.cols]
        turns = [t.animate.set_fill(look.dim) for t in texts]
        turns += [g.animate.set_fill(opacity=g.get_fill_opacity() * 0.25) for g in grounds]
        turns += [
            g.animate.set_stroke(opacity=g.get_stroke_opacity() * 0.4)
            for g in grounds
            if g.get_stroke_width()
        ]
        self.scene.play(*turns, run_time=run_time)

    def others_than(self, i: int, *, run_time: float = theme.MEDIUM) -> None:
        """All rows of E but one step back."""
        self._dim([r for r in self.lookup.e.rows if r != i and r not in self.lookup.unused], run_time)


def _around(group: VMobject, color: str) -> VMobject:
    frame = shapes.outline(group.width + 2 * FRAME, group.height + 0.16, color, line=3.5)
    return frame.move_to(group.get_center())


def _run_on(words: VGroup, spaces: Sequence[bool], most: int) -> None:
    """Words side by side from the origin with their spaces, at most so many on a line."""
    x = y = 0.0
    for k, (word, spaced) in enumerate(zip(words, spaces, strict=True)):
        if k and k % most == 0:
            x, y = 0.0, y - 1.5 * word.size
        x += word.sit(x, y).advance + 0.28 * word.size * spaced
