"""A score seen twice: as a dot product in the ledger, and as a shadow in the plane of queries and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeIn, FadeOut, GrowFromPoint, LaggedStart, VGroup

from tensorreel.core.formatting import decimals_for
from tensorreel.core.printed import Calculation, Operand, dotted, enough, multiplied
from tensorreel.core.quantity import Quantity, dot_product
from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import write
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Inked, Numeral, Pen, Relation, Sign
from tensorreel.visuals.look import theme
from tensorreel.visuals.look.geometry import fits_plane, projected
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.motion.motions import FIRST_HALF, SECOND_HALF, Fly
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.matmul import MatMul
from tensorreel.visuals.space.plane import Plane, PointLabels, Projection

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

WIDTHS = (8.1, 8.7, 9.3, 9.9)  # of the product's layout; the rest is for ledger and plane
LARGEST, GAP = 0.36, 0.1  # em of an equation; between its pieces, in em
ASIDE = 0.3  # between the product and the plane
LINES = 0.95  # room for the two lines of work over the plane


def score_layout(
    scene: StageScene, query: DisplayTensor, key: DisplayTensor, scores: DisplayTensor, later: DisplayTensor
) -> Falk:
    """Q, Kᵀ and the empty grid of scores, as narrow as shows every digit (or else as wide as the frame allows)."""
    head = scene.head if scene.trace.model.config.n_heads > 1 else None
    for width in WIDTHS:
        falk = Falk(
            query,
            key.transposed(),
            scores,
            scene.pen,
            names=scene.words,
            col_names=scene.words,
            focus=scene.token,
            later=[later],
            width=width,
            head=head,
        )
        if not (falk.c.more_rows or falk.c.more_cols or falk.a.more_cols):
            return falk
    return falk


class ScorePlane(Verb, steps="appear measure! next* settle everyone? vanish"):
    """One query as an arrow and all keys as points. Score = length of the query × length of the key's shadow.

    It stands at the right of the product. Keys whose column shows no digits are points without a name.
    """

    def __init__(
        self,
        scene: StageScene,
        query: DisplayTensor,
        key: DisplayTensor,
        scores: DisplayTensor,
        falk: Falk,
    ) -> None:
        self.scene, self.query, self.key, self.scores, self.i = scene, query, key, scores, falk.focus
        i, left = falk.focus, falk.right_edge + ASIDE
        self.left, self.cols = left, list(falk.c.cols)
        self.q, self.keys = query.values[i], key.values
        self.hues = {n: scene.theme.role(n) for n in ("query", "key", "attention")}
        top, bottom = CONTENT.top - LINES, CONTENT.bottom
        feet = [projected(k, self.q)[0] for k in self.keys]
        self.plane = Plane(
            [*query.values, *self.keys, *feet],
            scene.pen,
            width=CONTENT.right - left,
            height=top - bottom,
            center=((left + CONTENT.right) / 2, (top + bottom) / 2),
            room=0.36,
        )
        self.arrow = self.plane.arrow(self.q, self.hues["query"])
        self.dots = VGroup(*(self.plane.dot(k, self.hues["key"]) for k in self.keys))
        self.now = self._drop(self.cols[0])
        self.names = self._names()
        self.lines = self._lines(self.cols[0])
        self.measures = self._measures(self.cols[0])
        self.others = VGroup()  # the arrows of the other queries

    @staticmethod
    def exists(query: DisplayTensor, i: int) -> bool:
        """Whether there is an exact plane: two columns, and a query that is not zero."""
        return fits_plane(query.values.shape[1]) and bool(np.any(query.values[i]))

    def _drop(self, j: int) -> Projection:
        """Key j's shadow on the query."""
        return self.plane.projection(self.keys[j], self.q, self.hues["key"], self.scene.theme.dim)

    # ---- texts ----------------------------------------------------------------------------------
    def _names(self) -> PointLabels:
        words = self.scene.words
        points = [self.q, *(self.keys[j] for j in self.cols)]
        texts = [words[self.i], *(words[j] for j in self.cols)]
        return self.plane.names(points, texts, [self.hues["query"]] + [self.hues["key"]] * len(self.cols))

    def _measures(self, j: int) -> PointLabels:
        """The two lengths, beside the arrow and beside the shadow."""
        size, shadow = self._lengths(j)
        foot = self.now.foot[:2]
        beyond = self.now.length > 0 and np.hypot(*foot) < 0.8 * np.hypot(*self.q)
        return self.plane.tag([0.5 * (self.q + foot) if beyond else 0.5 * self.q, 0.5 * foot], [size, shadow])

    def _lengths(self, j: int) -> tuple[Numeral, Numeral]:
        row = self.query.row(self.i)
        length: Quantity = dot_product(row, row).sqrt()
        shadow = dot_product(row, self.key.row(j)) / length
        least = max(2, decimals_for([length.value, shadow.value]))
        score = Operand("score", self.scores.values[self.i, j])
        claim = Calculation(
            multiplied, [((Operand("query", length.value), Operand("key", shadow.value)), score)]
        )
        digits = enough({"query": least, "key": least, "score": self.scores.decimals}, [claim])
        made = [
            Numeral(n, self.scene.pen, decimals=digits[role], size=0.3, color=self.hues[role], bold=True)
            for n, role in ((length, "query"), (shadow, "key"))
        ]
        return made[0], made[1]

    def _lines(self, j: int) -> VGroup:
        """The score twice: the sum of products (where it fits one line), and length × shadow."""
        lengths = [_Piece(m.quantity, m.decimals, m.get_fill_color().to_hex()) for m in self._lengths(j)]
        digits = self._digits(j)
        pairs = [
            (
                _Piece(a, digits["query"], self.hues["query"]),
                _Piece(b, digits["key"], self.hues["key"]),
            )
            for a, b in zip(self.query.row(self.i), self.key.row(j), strict=True)
        ]
        score = _Piece(self.scores[self.i, j], self.scores.decimals, self.hues["attention"])
        lines = [
            DotEquation(terms, score, self.scene.pen, left=self.left, y=CONTENT.top - drop)
            for terms, drop in ((pairs, 0.4), ([(lengths[0], lengths[1])], 0.88))
        ]
        return VGroup(*(line for line in lines if line.fits))

    def _digits(self, j: int) -> dict[str, int]:
        """Decimals with which the sum of products comes out as the score."""
        pairs = zip(self.query.values[self.i], self.key.values[j], strict=True)
        factors = [entry for a, b in pairs for entry in (Operand("query", a), Operand("key", b))]
        given = {"query": self.query.decimals, "key": self.key.decimals, "score": self.scores.decimals}
        return enough(
            given, [Calculation(dotted, [(factors, Operand("score", self.scores.values[self.i, j]))])]
        )

    # ---- motions --------------------------------------------------------------------------------
    def appear(self, product: MatMul) -> None:
        """The product's ledger draws together into one line; axes, the query's arrow, the keys."""
        scene = self.scene
        ledger, product.ledger = product.ledger, None
        short = [FadeIn(line) for line in self.lines[:-1]]
        scene.play(
            *([FadeOut(ledger)] if ledger else []),
            *short,
            FadeIn(self.plane),
            GrowFromPoint(self.arrow, self.plane.origin),
            FadeIn(self.names.of(0)),
            run_time=theme.MEDIUM,
        )
        scene.play(
            FadeIn(self.dots),
            *(FadeIn(self.names.of(k + 1)) for k in range(len(self.cols))),
            run_time=theme.SHORT,
        )

    def measure(self) -> None:
        """The key drops its shadow; both lengths are read and multiplied."""
        scene, now = self.scene, self.now
        scene.until_read(2 * (theme.SHORT + theme.MEDIUM))
        scene.play(FadeIn(now.ray, now.drop, now.corner), run_time=theme.SHORT)
        grown = GrowFromPoint(now.shadow, self.plane.origin)
        scene.play(grown, FadeIn(self.measures.all), run_time=theme.MEDIUM)
        line = self.lines[-1]
        a, times, b = line.pieces[:3]
        flights = [Fly(text, piece) for text, piece in zip(self.measures.texts, (a, b), strict=True)]
        scene.play(*flights, FadeIn(times), run_time=theme.MEDIUM)
        scene.play(FadeIn(*line.pieces[3:]), run_time=theme.SHORT)
        scene.remove(*line.pieces)
        scene.add(line)

    def next(self, j: int) -> list[Animation]:
        """The shadow of another key instead."""
        old, lines, measures = self.now, self.lines, self.measures
        self.now, self.lines, self.measures = self._drop(j), self._lines(j), PointLabels([], [])
        gone = [old.all, *lines, *([measures.all] if measures.texts else [])]
        come = [FadeIn(m, rate_func=SECOND_HALF) for m in (self.now.all, *self.lines)]
        return [*(FadeOut(m, rate_func=FIRST_HALF) for m in gone), *come]

    def settle(self) -> list[Animation]:
        """The last shadow and its work go; query and keys stay."""
        gone = [self.now.all, *self.lines, *([self.measures.all] if self.measures.texts else [])]
        self.lines, self.measures = VGroup(), PointLabels([], [])
        return [FadeOut(m) for m in gone]

    def everyone(self, rows: Sequence[int]) -> Animation:
        """The arrows of the other rows' queries, one after another, with their words where few are shown."""
        hue, words = self.hues["query"], self.scene.words
        rest = [i for i in rows if i != self.i and bool(np.any(self.query.values[i]))]
        arrows = [self.plane.arrow(self.query.values[i], hue, 2.5) for i in rest]
        self.others = VGroup(*arrows)
        named = self.plane.names(
            [self.query.values[i] for i in rest], [words[i] for i in rest], [hue] * len(rest)
        )
        for k, arrow in enumerate(arrows):
            arrow.add(named.of(k))
        return LaggedStart(*map(FadeIn, arrows), lag_ratio=0.5)

    def vanish(self) -> list[Animation]:
        """Everything goes."""
        parts = [self.plane, self.arrow, self.dots, self.names.all, *self.others]
        return [FadeOut(m) for m in parts]


@dataclass(frozen=True)
class _Piece:
    """A number of an equation: what it stands for, its decimals, its colour."""

    quantity: Quantity
    decimals: int
    color: str


class DotEquation(VGroup):
    """``a × b + c × d ≈ e`` on one line; ``fits`` says whether it can be read at that width."""

    def __init__(
        self, terms: Sequence[tuple[_Piece, _Piece]], result: _Piece, pen: Pen, *, left: float, y: float
    ) -> None:
        super().__init__()
        room = CONTENT.right - left

        def written(em: float) -> list[Inked]:
            self.em = em
            return self._written(terms, result, pen)

        self.pieces = largest_or_least(LARGEST, written, lambda made: self._width(made) <= room, step=0.01)
        width = self._width(self.pieces)
        self.fits = width <= room
        write(self.pieces, CONTENT.right - (room + width) / 2, y, GAP * self.em)
        self.add(*self.pieces)

    def _width(self, pieces: Sequence[Inked]) -> float:
        return sum(p.advance for p in pieces) + GAP * self.em * (len(pieces) - 1)

    def _written(self, terms: Sequence[tuple[_Piece, _Piece]], result: _Piece, pen: Pen) -> list[Inked]:
        made: list[Inked] = []
        for k, (a, b) in enumerate(terms):
            if k:
                made.append(Sign("+", pen, size=self.em, color=pen.theme.dim))
            made.append(self._number(a, pen, parens=k > 0))
            made.append(Sign("×", pen, size=self.em, color=pen.theme.dim))
            made.append(self._number(b, pen, parens=True))
        total = self._number(result, pen, bold=True)
        return [*made, Relation(made, total, pen, size=self.em), total]

    def _number(self, piece: _Piece, pen: Pen, *, parens: bool = False, bold: bool = False) -> Numeral:
        return Numeral(
            piece.quantity,
            pen,
            decimals=piece.decimals,
            size=self.em,
            color=piece.color,
            parens=parens,
            bold=bold,
        )
