"""LayerNorm in full for one token: dots on a line, their mean, squares, σ, a new ruler, then γ and β.

The work sheet at the left says each step in numbers while the line at the right shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manim import Animation, FadeIn, FadeOut, GrowFromCenter, LaggedStart, VGroup, VMobject, smooth

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.chapters.norm.numberline import (
    DotLine,
    SlideRuler,
    TickMarks,
    bar_over,
    moved,
    sigma_ruler,
)
from tensorreel.visuals.chapters.norm.sheet import NormSheet
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Numeral
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.norm_row import NormRow
from tensorreel.visuals.motion.motions import FIRST_HALF, SECOND_HALF, Fly, SlideBox
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.space.value_labels import ValueLabels

if TYPE_CHECKING:
    from tensorreel.visuals.chapters.norm.rows import NormRows
    from tensorreel.visuals.stage.scene import StageScene

LINE_LEAST = 4.1  # width kept for the number line
HIGH, LOW = CONTENT.top - 1.28, -0.2  # where the line stands with squares under it, and without
DEPTH = 3.2  # greatest side of a square


class LayerNorm(Verb, steps="lift dots! mean! centre! squares! variance! rule! learned! close"):
    """Plays LayerNorm on one row."""

    def __init__(self, scene: StageScene, norm: NormRow, name: str) -> None:
        self.scene, self.norm = scene, norm
        left = CONTENT.left
        self.sheet = NormSheet(
            norm, scene.pen, name=name, left=left, breadth=CONTENT.width - LINE_LEAST - 0.3
        )
        start = self.sheet.right_edge + 0.35
        self.line = DotLine(
            [q.value for q in norm.deviations],
            scene.pen,
            middle=(start + CONTENT.right) / 2,
            y=LOW,
            reach=(CONTENT.right - start) / 2,
            room=DEPTH,
        )
        self.offset = 0.0
        self.tags: ValueLabels | None = None
        self.ruler: TickMarks | None = None
        self.boxes: list[VMobject] = []
        self.now: str | None = None

    # ---- the sheet --------------------------------------------------------------------------------
    def _write(self, key: str, *, flown: Sequence[Animation] = ()) -> list[Animation]:
        """A line of the sheet comes up; the numbers of the one before step back."""
        line, turns = self.sheet.lines[key], list(flown)
        parts = line.others if flown else [*line.others, *line.numerals]
        turns += [FadeIn(m) for m in parts]
        if self.now is not None:
            dim = self.scene.theme.dim
            turns += [n.animate.set_color(dim).build() for n in self.sheet.lines[self.now].numerals]
        self.now = key if line.numerals else self.now
        return turns

    def _dropped(self, key: str) -> list[Animation]:
        """The numbers of a line sink a little into their place under the ones that they were made from."""
        sink = shapes.at(0, -0.3 * self.sheet.dy)
        return [FadeIn(n, shift=sink) for n in self.sheet.lines[key].numerals]

    def _retag(
        self, quantities: Sequence[Quantity], key: str, xs: Sequence[float] | None = None
    ) -> list[Animation]:
        """The dots' printed values change."""
        old = self.tags
        self.tags = self._tags(quantities, key, xs)
        gone = [FadeOut(old, rate_func=FIRST_HALF)] if old is not None else []
        return [FadeIn(self.tags, rate_func=SECOND_HALF if old is not None else smooth), *gone]

    def _tags(
        self, quantities: Sequence[Quantity], key: str, xs: Sequence[float] | None = None
    ) -> ValueLabels:
        return self.line.tags(
            quantities, self.sheet.decimals[key], size=self.sheet.em, only=self.sheet.cols, xs=xs
        )

    def _glide(self, y: float, *others: VMobject) -> list[Any]:
        """The line, its dots and their values move up or down; ``others`` go with them."""
        rise, self.line.y = y - self.line.y, y
        tags = [self.tags] if self.tags is not None else []
        parts = [self.line.axis, self.line.dots, self.line.center_mark, *tags, *others]
        return [m.animate.shift(shapes.at(0, rise)).build() for m in parts]

    # ---- the steps --------------------------------------------------------------------------------
    def lift(
        self, row: Sequence[Numeral], others: Sequence[VMobject], *, run_time: float = theme.LONG
    ) -> None:
        """The row leaves its matrix for the first line of the sheet; the matrices go."""
        line = self.sheet.lines["x"]
        by_column = {n.quantity: n for n in row}
        flown: list[Animation] = [
            Fly(by_column[n.quantity], n, rate_func=SECOND_HALF)
            if n.quantity in by_column
            else FadeIn(n, rate_func=SECOND_HALF)
            for n in line.numerals
        ]
        gone = [FadeOut(m, rate_func=FIRST_HALF) for m in others]
        self.scene.play(*self._write("x", flown=flown), *gone, run_time=run_time)

    def dots(self) -> None:
        """The line; each number goes to its place on it and becomes a dot."""
        scene, line = self.scene, self.line
        scene.until_read(theme.QUICK + theme.MEDIUM + theme.SHORT)
        self.ruler = line.ruler(line.plain_step())
        self.offset = self.ruler.within(-self.norm.mean.value * line.unit)
        self.ruler.at(self.offset)
        scene.play(FadeIn(line.axis, self.ruler), run_time=theme.QUICK)
        tags = self._tags(self.norm.values, "x")
        flown = [Fly(n, t) for n, t in zip(self.sheet.lines["x"].numerals, tags.numerals, strict=True)]
        scene.play(LaggedStart(*flown[::-1], lag_ratio=0.1), run_time=theme.MEDIUM)
        scene.play(*(GrowFromCenter(d) for d in line.dots), FadeIn(tags.leaders), run_time=theme.SHORT)
        scene.remove(*tags.numerals, tags.leaders, *line.dots)
        scene.add(line.dots, tags)
        self.tags = tags

    def mean(self) -> None:
        """The mean is the point where the line balances."""
        line, written = self.line, self.sheet.lines["mean"].pieces[-1]
        assert isinstance(written, Numeral)
        self.scene.until_read(theme.SHORT + theme.MEDIUM)
        self.scene.play(*self._write("mean"), run_time=theme.SHORT)
        self.value = Numeral(
            written.quantity,
            self.scene.pen,
            decimals=written.decimals,
            size=0.36,
            color=self.scene.theme.accent,
        ).sit(line.middle, line.y - 0.62, "center")
        turns: list[Any] = [FadeIn(line.fulcrum, shift=shapes.at(0, 0.4)), FadeIn(line.center_mark)]
        if self.ruler is not None and abs(self.offset) < 0.9:
            turns.append(self.ruler.zero.animate.set_fill(opacity=0.0).build())
        self.scene.play(*turns, Fly(written, self.value), run_time=theme.MEDIUM)

    def centre(self) -> None:
        """The ruler slides until its zero is under the mean; the values become deviations."""
        assert self.ruler is not None
        self.scene.until_read(1.0 + theme.MEDIUM)
        slide = SlideRuler(self.ruler, self.offset, 0.0)
        self.scene.play(slide, FadeOut(self.line.fulcrum, self.value), run_time=1.0)
        turns = self._write("deviations", flown=self._dropped("deviations"))
        self.scene.play(*turns, *self._retag(self.norm.deviations, "deviations"), run_time=theme.MEDIUM)

    def squares(self) -> None:
        """Every deviation grows the square that stands on it."""
        scene, line = self.scene, self.line
        assert self.ruler is not None
        scene.until_read(theme.SHORT + 2 * theme.MEDIUM)
        order = sorted(line.deviations, key=lambda v: -abs(v))
        rise = shapes.at(0, HIGH - line.y)
        scene.play(FadeOut(self.ruler, shift=rise), *self._glide(HIGH), run_time=theme.SHORT)
        self.boxes = [line.square(v, flat=True) for v in order]
        scene.add(*self.boxes)
        grown = [SlideBox(b, line.square(v)) for b, v in zip(self.boxes, order, strict=True)]
        scene.play(*grown, run_time=theme.MEDIUM)
        turns = self._write("squares", flown=self._dropped("squares"))
        scene.play(*turns, run_time=theme.MEDIUM)

    def variance(self) -> None:
        """The squares' areas, each divided by d, fill one square; its side is σ."""
        scene, line = self.scene, self.line
        scene.until_read(1.0 + theme.MEDIUM)
        order = sorted(line.deviations, key=lambda v: -abs(v))
        slab_of = line.slabs(order)
        pour = [SlideBox(b, s) for b, s in zip(self.boxes, slab_of, strict=True)]
        scene.play(*pour, *self._write("variance"), run_time=1.0)
        self.square = VGroup(line.mean_square())
        self.unit_bar = bar_over(line, line.side())
        scene.play(FadeIn(self.square), *self._write("sigma"), FadeIn(self.unit_bar), run_time=theme.MEDIUM)

    def rule(self) -> None:
        """The side of the square becomes the unit of the line."""
        scene, line = self.scene, self.line
        scene.until_read(3 * theme.SHORT + theme.MEDIUM)
        self.unit = self.norm.sigma.value * line.unit
        flat = [SlideBox(b, line.edge(line.side())) for b in self.boxes]
        scene.play(*flat, FadeOut(self.square), run_time=theme.SHORT)
        scene.remove(*self.boxes)
        scene.play(*self._glide(LOW, self.unit_bar), run_time=theme.SHORT)
        self.marks = sigma_ruler(line, self.unit)
        scene.play(FadeOut(self.unit_bar), FadeIn(self.marks), run_time=theme.SHORT)
        turns = self._write("normal", flown=self._dropped("normal"))
        scene.play(*turns, *self._retag(self.norm.normal, "normal"), run_time=theme.MEDIUM)

    def learned(self) -> None:
        """γ multiplies and β shifts: their rows come up, the dots move (or stay), the row is done."""
        scene, line, norm = self.scene, self.line, self.norm
        scene.until_read(theme.SHORT + 2 * theme.MEDIUM)
        scene.play(*self._write("gamma"), *self._write("beta"), run_time=theme.MEDIUM)
        results = [q.value for q in norm.result]
        shrink = min(1.0, (line.reach - 0.2) / max(1e-12, *(abs(v) * self.unit for v in results)))
        xs = line.xs(results, self.unit * shrink)
        turns: list[Any] = [] if norm.plain else moved(line.dots, xs)
        if shrink < 1.0:
            old, self.marks = self.marks, sigma_ruler(line, self.unit * shrink)
            turns += [FadeOut(old), FadeIn(self.marks)]
        scene.play(
            *turns, *self._retag(norm.result, "out", xs), run_time=theme.SHORT if norm.plain else theme.LONG
        )
        scene.play(*self._write("out", flown=self._dropped("out")), run_time=theme.MEDIUM)

    def close(self, rows: NormRows, i: int) -> None:
        """The finished row flies into the output; all tokens' lines come up."""
        known = {n.quantity: n for n in self.sheet.lines["out"].numerals}
        line, tags = self.line, [self.tags] if self.tags is not None else []
        rest = list(self.sheet.lines.values())
        gone = [*rest, line.axis, line.dots, line.center_mark, self.marks, *tags]
        rows.open(gone, done=i, known=known)
