"""The whole path in fast motion: tensors follow one another beside the words, each then hangs at its station."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from manim import Animation, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.core.table import Stage
from tensorreel.visuals.chapters.journey.journey import MapLight
from tensorreel.visuals.layout.largest import window_with
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge, more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.heads import MoreHeads
from tensorreel.visuals.matrix.thumbs import BLOCK_GAP, Thumb, breadth
from tensorreel.visuals.motion.motions import IntoRow
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.furniture import on_one_line
from tensorreel.visuals.stage.stagemap import MAP_Y
from tensorreel.visuals.stage.taking import blocks_of, whole_of

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LEFT, MIDDLE_Y = -2.2, -0.62  # left edge of every large grid; middle of its rows
WIDEST, TALLEST = 7.6, 3.1
FORMULA_X, FORMULA, FORMULA_MIN = 1.4, 0.46, 0.3
HANG_Y, HANG_WIDE, HANG_TALL = MAP_Y - 0.46, 0.6, 0.72
HANG_APART = 0.08  # between two pictures
MOST_ROWS = 9


class Travel(Verb, steps="start visit* again visit* mark_last finish"):
    """Plays the path: ``start`` puts the words down as row names, ``visit`` goes on by some stations."""

    def __init__(self, scene: StageScene) -> None:
        self.scene = scene
        self.light = MapLight(scene, scene.map)
        n = len(scene.words)
        self.rows = window_with(n, MOST_ROWS, n - 1)
        self.dy = min(0.6, TALLEST / len(self.rows))
        self.names = self._names()
        self.now: VGroup | None = None  # what stands beside the words: (thumb, badge)
        self.hung = VGroup()
        self.frame = VMobject()

    def _names(self) -> VGroup:
        names, size = VGroup(), min(0.48, self.dy * 0.85)
        shown = [self.scene.words[i] for i in self.rows]
        for k, word in enumerate(shown):
            text = shortened(word, self.scene.pen, size, CONTENT.right + LEFT - 0.2, among=shown)
            y = self._top - (k + 0.5) * self.dy
            names.add(Label(text, self.scene.pen, size=size).level(LEFT - 0.22, y, "right"))
        n, drawn = len(self.scene.words), len(self.rows)
        self.rest = more_label(self.scene.pen, "T", n, drawn) if n > drawn else VGroup()
        if n > drawn:
            self.rest.move_to([LEFT - 0.5, self._top + 0.25, 0])
        return names

    @property
    def _top(self) -> float:
        return MIDDLE_Y + len(self.rows) * self.dy / 2

    def start(self, words: Sequence[Label]) -> None:
        """The words of a sentence go to the rows they keep from now on."""
        scene = self.scene
        pairs = list(zip(words, self.names, strict=False))
        there = [now.copy().scale(then.size / now.size).move_to(then) for now, then in pairs]
        moves = [IntoRow(now, word) for (now, _), word in zip(pairs, there, strict=True)]
        extra = [FadeIn(m) for m in (*self.names[len(pairs) :], *([self.rest] if len(self.rest) else []))]
        scene.remove(*words)
        scene.play(*moves, *extra, run_time=theme.LONG)
        turns = [
            m for word, (_, then) in zip(there, pairs, strict=True) for m in (FadeOut(word), FadeIn(then))
        ]
        scene.play(*turns, run_time=theme.QUICK)
        scene.add(self.names)

    def visit(self, stages: Iterable[Stage], *, each: float = 0.4) -> None:
        """The light goes to one station after another; its tensor comes up, the one before goes to hang at its own."""
        for stage in stages:
            new = self._large(blocks_of(self.scene, stage.name), whole_of(self.scene, stage.name))
            turns = self.light.to(stage.number) if self.light.at else self.light.start()
            self.scene.play(*turns, *self._hang(), FadeIn(new), run_time=each)
            self.now, self.station = new, stage.number

    def again(self, layers: int, *, run_time: float = 0.4) -> None:
        """The light runs the loop once more for every further layer."""
        first, last = self.scene.map.first, self.scene.map.last
        for _ in range(min(layers, 3)):
            self.scene.play(*self.light.back(first), run_time=run_time * 0.5)
            self.scene.play(*self.light.to(last), run_time=run_time * 0.5)

    def _large(self, blocks: Sequence[DisplayTensor], whole: DisplayTensor) -> VGroup:
        n = len(blocks)
        more = MoreHeads(whole.values.shape[0] - n if n > 1 else 0, n, self.scene.pen)
        wide = min(0.62, (WIDEST - more.width) / breadth(blocks, 1.0))
        thumb = Thumb(blocks, self.scene.pen, rows=self.rows, cell=(wide, self.dy))
        thumb.move_to([LEFT + thumb.breadth / 2, MIDDLE_Y, 0])
        badge = ShapeBadge(whole, self.scene.pen, size=0.56)
        stand(badge, left=LEFT, up=self._top + 0.26 - badge.baseline)
        more.shift([LEFT + thumb.breadth + 0.2, MIDDLE_Y - 0.1, 0])
        return VGroup(thumb, VGroup(badge, self._formula(whole, badge), self._columns(thumb, whole), more))

    def _formula(self, whole: DisplayTensor, badge: ShapeBadge) -> VGroup:
        """The stage's formula on the line of its badge; none where it would be too small to read."""
        written = on_one_line(self.scene.architecture.find(whole.name).formula)
        formula = Formula(written, self.scene.pen, size=FORMULA, color=self.scene.theme.dim)
        left = max(FORMULA_X, edges(badge).right + 0.5)
        share = min(1.0, (CONTENT.right - 0.1 - left) / formula.width)
        if share * FORMULA < FORMULA_MIN:
            return VGroup()
        return stand(formula.scale(share), left=left, y=edges(badge.submobjects[1]).y)

    def _columns(self, thumb: Thumb, whole: DisplayTensor) -> VGroup:
        """Words under the columns that stand for words: tokens looked at, or the vocabulary."""
        words = {"S": self.scene.words, "V": list(self.scene.trace.model.labels)}.get(whole.tensor.dims[-1])
        width, labels = thumb.cell[0], VGroup()
        if words is None or width < 0.36 or len(thumb.cols[0]) < len(words):
            return labels
        x, size = LEFT, 0.33 if any(c.islower() for w in words for c in w) else 0.3
        for cols in thumb.cols:
            for k, j in enumerate(cols):
                text = shortened(words[j], self.scene.pen, size, width - 0.02, among=words)
                label = Label(text, self.scene.pen, size=size, color=self.scene.theme.dim)
                bottom = MIDDLE_Y - len(self.rows) * self.dy / 2
                labels.add(label.sit(x + (k + 0.5) * width, bottom - 0.36, "center"))
            x += (len(cols) + BLOCK_GAP) * width
        return labels

    def _hang(self) -> list[Animation]:
        """The tensor that stands beside the words shrinks to its place under the map."""
        if self.now is None:
            return []
        thumb, badge = self.now
        self.hung.add(thumb)
        tall = min(HANG_TALL, HANG_TALL * (len(self.rows) + 2) / 7)
        place = (self.scene.map.x(self.station), HANG_Y - tall / 2)
        return [
            thumb.docked((min(HANG_WIDE, self.scene.map.closest - HANG_APART), tall), place),
            FadeOut(badge),
        ]

    def mark_last(self) -> None:
        """A frame around the last row of what stands beside the words."""
        assert self.now is not None
        self.scene.until_read(theme.SHORT + theme.HOLD_ENTRANCE)
        color, thumb = self.scene.theme.accent, self.now[0]
        self.frame = shapes.outline(thumb.breadth + 0.2, self.dy + 0.12, color, line=4)
        y = self._top - (len(self.rows) - 0.5) * self.dy
        self.scene.play(FadeIn(self.frame.move_to([LEFT + thumb.breadth / 2, y, 0])), run_time=theme.SHORT)

    def finish(self) -> list[Animation]:
        """The last tensor goes to hang, too, and the words leave."""
        gone = [self.names, self.rest, self.frame]
        return [*self._hang(), *(FadeOut(m) for m in gone), self.light.away()]
