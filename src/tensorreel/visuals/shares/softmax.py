"""The softmax device: one row slowly on the bench, then every row at its place, each a bar of length 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, VMobject

from tensorreel.core.claim import adds_up
from tensorreel.core.functional import Array
from tensorreel.core.quantity import Count, count
from tensorreel.visuals.lettering.glyphs import Numeral
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.motions import SECOND_HALF, Emerge, Fly, SlideBox, glow, swap_fade
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.shares.bars import Grow
from tensorreel.visuals.shares.softmax_sheet import Bench
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

APART = 0.25  # share of its flight by which a copy follows the one before, so that they can be told apart
COUNT_UP = 2.6  # seconds in which all powers drop into the sum


def strongest_look(weights: Array) -> tuple[int, int]:
    """The (row, column) of the largest weight that a token puts on another one; (0, 0) for a single token."""
    others = np.array(weights, dtype=float)
    if len(others) == 1:
        return 0, 0
    np.fill_diagonal(others, -1.0)
    i, j = np.unravel_index(int(others.argmax()), others.shape)
    return int(i), int(j)


class Softmax(Verb, steps="mark lift subtract! powers! total! divide! lay! clear*"):
    """Plays the bench on row i of a grid of scores, beside which empty bars of length 1 (``slots``) may stand."""

    def __init__(self, scene: StageScene, bench: Bench, i: int, grid: TensorGrid, slots: VMobject) -> None:
        self.scene, self.bench, self.i, self.grid, self.slots = scene, bench, i, grid, slots
        self.on: list[VMobject] = []

    def mark(self) -> None:
        """Frame the row that will be lifted out of the scores; the empty bars of length 1 wait for the shares."""
        self.scene.until_read(theme.SHORT + theme.HOLD_ENTRANCE)
        self.box = self.grid.box(rows=[self.i])
        self._play(FadeIn(self.box), FadeIn(self.slots), run_time=theme.SHORT)

    def lift(self) -> None:
        """The row's numbers fly to the bench; what is left of the matrix goes."""
        b, grid = self.bench, self.grid
        pairs = list(zip(b.kept, b.x, strict=True))
        flights = [Fly(grid.numeral(self.i, k), x) for k, x in pairs if k in grid.cols]
        fresh = [FadeIn(x) for k, x in pairs if k not in grid.cols]
        come = [FadeIn(b.names), FadeIn(b.labels[0])]
        self._play(
            *flights,
            *fresh,
            *come,
            *(FadeOut(m) for m in (grid, self.box, self.slots)),
            run_time=theme.LONG * 0.8,
        )
        self.on += [*b.x, b.names, b.labels[0]]

    def subtract(self) -> None:
        """The largest is named; copies of it go to every column, and x − max drops out."""
        b, scene = self.bench, self.scene
        top = b.x[max(range(len(b.kept)), key=lambda c: b.row.x[b.kept[c]].value)]
        ring = glow(top, scene.theme.accent)
        self._play(FadeIn(ring), run_time=theme.QUICK)
        self._play(Fly(top, b.max_number, arc=-0.12), FadeIn(b.max), run_time=theme.MEDIUM)
        tops = [b.max_number.copy().set_color(scene.theme.accent) for _ in b.x]
        copies = [copy.move_to(place) for copy, place in zip(tops, b.shifted, strict=True)]
        self._play(*(Fly(b.max_number, c) for c in copies), FadeIn(b.labels[1]), run_time=theme.MEDIUM)
        drops = [Emerge(x, s, arc=0.0, rate_func=SECOND_HALF) for x, s in zip(b.x, b.shifted, strict=True)]
        self._play(*drops, *swap_fade([*copies, ring], []), run_time=theme.MEDIUM)
        self.on += [b.max_number, b.max, *b.shifted, b.labels[1]]

    def powers(self, run_time: float = 2.0) -> None:
        """Out of every x − max grows a bar of height e^(x − max), its number on top; the first one alone."""
        b = self.bench
        self.scene.until_read(theme.QUICK + run_time)
        self._play(FadeIn(b.base), FadeIn(b.labels[2]), run_time=theme.QUICK)
        turns = [self._power(c) for c in range(len(b.bars))]
        self._play(turns[0], run_time=run_time * 0.45)
        if turns[1:]:
            self._play(AnimationGroup(*turns[1:], lag_ratio=0.25), run_time=run_time * 0.55)
        self.on += [b.base, b.labels[2], *b.bars, *b.e]

    def _power(self, c: int) -> Animation:
        b = self.bench
        number = Emerge(b.shifted[c], b.e[c], arc=0.0) if c < len(b.shifted) else FadeIn(b.e[c])
        return AnimationGroup(Grow(b.bars[c]), number)

    def total(self, run_time: float = COUNT_UP) -> None:
        """A copy of every power drops into the Σ box, which counts up."""
        b, scene = self.bench, self.scene
        self._play(FadeIn(b.sigma), run_time=theme.QUICK)
        shares = np.array([2.0] + [1.0] * (len(b.e) - 1))
        old: Numeral | None = None
        for c, seconds in enumerate(shares / shares.sum() * run_time):
            drop = b.e[c].copy().move_to(b.sum_number)
            self._play(Fly(b.e[c], drop, arc=-0.12), run_time=float(seconds) * 0.7)
            new = b.tally(c + 1)
            scene.remove(drop, *([old] if old else []))
            scene.add(new)
            scene.wait(float(seconds) * 0.3 / scene.speed)
            old = new
        gone = [old] if old else []
        scene.remove(*gone)
        self._play(FadeIn(b.sum_relation), FadeIn(b.sum_number), run_time=theme.QUICK)
        self.on += [b.sigma, b.sum_relation, b.sum_number]

    def divide(self) -> None:
        """Copies of Σ come under every bar, and the shares drop out."""
        b = self.bench
        ends = [s.get_center() for s in b.share]
        copies = [b.sum_number.copy().set_color(self.scene.theme.accent).move_to(end) for end in ends]
        flights = [Fly(b.sum_number, c, arc=0.3) for c in copies]
        self._play(AnimationGroup(*flights, lag_ratio=APART), FadeIn(b.labels[3]), run_time=theme.LONG)
        drops = [Emerge(e, s, arc=0.0, rate_func=SECOND_HALF) for e, s in zip(b.e, b.share, strict=True)]
        self._play(*drops, *swap_fade(copies, [*b.about]), run_time=theme.MEDIUM)
        self.on += [*b.share, *b.about, b.labels[3]]

    def lay(self, run_time: float = 1.6) -> None:
        """Copies of the bars are laid end to end: a bar of exactly length 1, with its ruler."""
        b = self.bench
        self.scene.until_read(theme.QUICK + run_time)
        self._play(FadeIn(b.ruler), run_time=theme.QUICK)
        moves = []
        for upright, segment in zip(b.bars, b.stack.segments, strict=True):
            target = segment.copy()
            segment.points = upright.points.copy()
            moves.append(SlideBox(segment, target))
        self._play(AnimationGroup(*moves, lag_ratio=0.3), run_time=run_time)
        if len(b.stack.names):
            self._play(FadeIn(b.stack.names), run_time=theme.QUICK)
        self.on.append(b.ruler)

    def clear(self, *, keep: VMobject | None = None) -> list[Animation]:
        """Fades of everything on the bench but the bar of length 1 (and what is to be kept)."""
        gone: list[Animation] = [FadeOut(m) for m in self.on if m is not keep]
        self.on = []
        return gone

    def _play(self, *motions: Animation, run_time: float) -> None:
        self.scene.play(*motions, run_time=run_time)


def one_row(scene: StageScene, softmax: Softmax) -> None:
    """The beats of the slow row: subtract the largest, powers, their sum, the shares as a bar of length 1."""
    bench = softmax.bench
    with scene.beat(
        "subtract",
        Text("Subtract the largest, {max}: the shares stay the same, and no power gets too big.", "softmax"),
        lit=scene.given,
        max=(bench.highest, bench.digits["x"]),
    ):
        softmax.lift()
        scene.until_read(theme.QUICK + 3 * theme.MEDIUM)
        softmax.subtract()
    masked = [bench.powers[k] for k in np.flatnonzero(np.isinf(bench.row.x.values))[:1].tolist()]
    powers = Text("e to the power of each: always positive, and differences become ratios.", "softmax")
    if masked:
        powers = Text(
            "e to the power of each: positive, and exactly {zero} where the score is −∞.", "softmax"
        )
    with scene.beat("powers", powers, lit=scene.given, zero=(masked[0], 0) if masked else ""):
        softmax.powers()
    with scene.beat("sum", Text("Add all the powers up: Σ.", "softmax"), lit=scene.given):
        softmax.total()
    with scene.beat(
        "shares",
        Text("Divide each by Σ. Laid end to end, the shares fill a bar of exactly {one}.", "softmax"),
        facts=(adds_up(bench.row.shares),),
        one=count(1, Count.WHOLE, bench.row.shares),
    ):
        softmax.divide()
        softmax.lay()


def quick_row(scene: StageScene, softmax: Softmax) -> None:
    """The same in two beats, for viewers who have seen it."""
    with scene.beat(
        "powers",
        Text("Softmax again: subtract the largest, {max}, and take e to the power of each.", "softmax"),
        lit=scene.given,
        max=(softmax.bench.highest, softmax.bench.digits["x"]),
    ):
        softmax.lift()
        softmax.subtract()
        softmax.powers(1.2)
    with scene.beat(
        "shares",
        Text("Divide by the sum Σ: the probabilities of all words fill a bar of exactly {one}.", "softmax"),
        facts=(adds_up(softmax.bench.row.shares),),
        one=count(1, Count.WHOLE, softmax.bench.row.shares),
    ):
        softmax.total(1.4)
        softmax.divide()
        softmax.lay(1.2)
