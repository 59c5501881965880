"""Reading a row of scores: the product gives way to its result, and one row becomes signed bars under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeIn, FadeOut

from tensorreel.visuals.chapters.attention.signedbars import SignedBars, Zone
from tensorreel.visuals.layout.largest import largest_or_least, window_with
from tensorreel.visuals.layout.placing import left_of
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.look import theme
from tensorreel.visuals.matrix.fit import names_width
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import REST, Pitch, text_width
from tensorreel.visuals.motion.motions import SECOND_HALF, Fly
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.shares.bars import Grow
from tensorreel.words.glosses import meant

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

TALL, WIDEST = 1.65, 1.45  # the scores' rows together, a column
NAMES = 0.42
ASIDE = 0.25  # between the scores and their badge


def with_best(best: int) -> Callable[[int, int], list[int]]:
    """A window over the words that is sure to hold the best one."""

    def choose(n: int, most: int) -> list[int]:
        return window_with(n, most, best)

    return choose


class ReadScores(Verb, steps="aside bars! best!"):
    """Plays the row in focus of the scores as bars; ``grid`` is the output as it stands at the end."""

    def __init__(self, scene: StageScene, falk: Falk) -> None:
        self.scene, self.falk, self.row = scene, falk, falk.focus
        self.best_word = int(np.argmax(falk.c.tensor.values[self.row]))
        self.grid = self._wide()
        self.box = self.grid.box(rows=[self.row], color=scene.theme.accent)
        self.chart = self._chart()

    # ---- geometry -------------------------------------------------------------------------------
    def _wide(self) -> TensorGrid:
        """The scores over the whole width, at the top, the words over their columns."""
        c, pen = self.falk.c, self.scene.pen
        names = self.scene.words
        side, badge = names_width(names, pen), c.badge.width + 0.35
        room = CONTENT.width - side - badge - 0.3
        dy = min(0.42, max(0.3, TALL / len(c.rows)))
        cols, em, dx = self._columns(room, min(theme.SIZE_NUMBER, dy / 1.18))
        grid = TensorGrid(
            c.tensor,
            pen,
            Pitch(em, dx, dy),
            rows=c.rows,
            cols=cols,
            row_names=names,
            col_names=self.scene.trace.model.labels,
            names_at="right",
            badge=None,
        )
        middle = (badge - side) / 2
        grid.stand(x=middle, top=CONTENT.top - NAMES - 0.05)
        grid.add(left_of(grid.badge, grid.frame, ASIDE))
        return grid

    def _columns(self, room: float, em: float) -> tuple[list[int], float, float]:
        """Which words show digits, how large, and how wide their columns are; all of them where they fit."""
        tensor, pen = self.falk.c.tensor, self.scene.pen
        n = tensor.values.shape[1]

        def sized(em: float) -> tuple[float, float]:
            return em, text_width(tensor, pen, em) + 0.42 * em

        em, least = largest_or_least(em, sized, lambda made: made[1] * n <= room)
        if least * n <= room:
            return list(range(n)), em, min(WIDEST, room / n)
        most = max(1, int((room - REST) / least))
        return with_best(self.best_word)(n, most + 1), em, min(WIDEST, (room - REST) / most)

    def _chart(self) -> SignedBars:
        grid, model = self.grid, self.scene.trace.model
        meaning = meant(model.labels, model.glosses, self.scene.pen.lang)
        labels = [said or word for said, word in zip(meaning, model.labels, strict=True)]
        zone = Zone(
            CONTENT.bottom + 0.02,
            edges(grid.frame).bottom - 0.12,
            [float(grid.center_of(self.row, j)[0]) for j in grid.cols],
            grid.pitch.dx,
        )
        return SignedBars(
            [grid.tensor[self.row, j] for j in grid.cols],
            [labels[j] for j in grid.cols],
            self.scene.pen,
            zone,
            decimals=grid.tensor.decimals,
            hue=grid.hue,
        )

    # ---- time -----------------------------------------------------------------------------------
    def aside(self) -> None:
        """The operands go; the scores spread over the width and take the words of B's columns with them."""
        scene, falk, grid = self.scene, self.falk, self.grid
        c, names = falk.c, falk.b.col_names
        falk.b.remove(names)
        fading = [falk.a, falk.b, c.frame, c.rest, c.badge]
        shared = [j for j in c.cols if j in grid.cols]
        moving: list[Animation] = [m for i in c.rows for j in shared for m in self._stretched(i, j)]
        fresh = grid.parts(cols=[j for j in grid.cols if j not in shared])
        heads = dict(zip(c.cols, names, strict=True))
        pairs = [(heads[j], new) for j, new in zip(grid.cols, grid.col_names, strict=True) if j in shared]
        fresh += [new for j, new in zip(grid.cols, grid.col_names, strict=True) if j not in shared]
        pairs += zip(c.row_names, grid.row_names, strict=True)
        for old, new in pairs:
            if old.text == new.text:
                moving.append(old.animate.scale(new.size / old.size).move_to(new).build())
            else:
                fading.append(old)
                moving.append(FadeIn(new))
        fresh += [grid.frame, grid.badge, *([grid.rest] if len(grid.rest) else [])]
        scene.remove(c)
        scene.add(names, *fading, c.shades, c.numerals, c.row_names)
        scene.play(*(FadeOut(m) for m in fading), run_time=theme.SHORT)
        scene.play(*moving, FadeIn(*fresh, rate_func=SECOND_HALF), run_time=theme.LONG)
        scene.remove(names, *names, *c.get_family(), *grid.get_family())
        scene.add(grid)

    def _stretched(self, i: int, j: int) -> list[Animation]:
        """A cell on its way to its wider place."""
        c, grid = self.falk.c, self.grid
        number, to = c.numeral(i, j), grid.numeral(i, j)
        shade = c.shade(i, j).animate.become(grid.shade(i, j)).build()
        return [shade, number.animate.scale(to.size / number.size).move_to(to).build()]

    def bars(self) -> None:
        """Each score of the row drops to its bar's end while the bar grows from the zero line."""
        scene, grid, chart = self.scene, self.grid, self.chart
        scene.play(FadeIn(self.box), FadeIn(chart.zero, chart.sign), run_time=theme.SHORT)
        flights = [
            Fly(grid.numeral(self.row, j), n, arc=0.0) for j, n in zip(grid.cols, chart.values, strict=True)
        ]
        sides = [1 if n.quantity.value < 0 else -1 for n in chart.values]
        grown = [Grow(bar, (0, side)) for bar, side in zip(chart.bars, sides, strict=True)]
        scene.play(*flights, *grown, run_time=theme.LONG)
        scene.play(FadeIn(chart.labels), run_time=theme.SHORT)

    def best(self) -> None:
        """Frame the word with the highest score, in the bars and in the row."""
        scene, chart, grid = self.scene, self.chart, self.grid
        scene.until_read(theme.SHORT)
        accent = scene.theme.accent
        k = grid.cols.index(self.best_word)
        cell = grid.box(rows=[self.row], cols=[self.best_word], color=accent, line=5)
        strong = chart.bars[k].animate.set_fill(opacity=0.85).build()
        bright = chart.labels[k].animate.set_color(scene.theme.ink).build()
        scene.play(FadeIn(chart.frame(k, accent)), FadeIn(cell), strong, bright, run_time=theme.SHORT)
        scene.remove(self.box, cell)
        grid.add(self.box, cell)  # so that they leave together
