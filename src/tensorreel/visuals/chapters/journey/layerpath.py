"""One token's way through the layers: its row after each layer, and the same rows as a picture.

With d = 4 and plain LayerNorm the picture is exact: after every layer all tokens are points of one sphere.
Otherwise each of the token's values is a line from layer to layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, LaggedStart, VGroup, VMobject

from tensorreel.visuals.layout.largest import largest_or_least
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Label, Numeral, Pen, printed_digits, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import more_label
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.space.sphere import TURN, Array, Box, Sphere, SphereTurn, best_turn, in_space

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LARGEST, MORE = 0.4, 0.75
BREADTH, APART = 7.6, 0.5  # of the rows; between them and the picture
ARC = 24  # straight pieces of a way on the sphere


class PathRows(VGroup):
    """A token's row after each layer, from top to bottom, an arrow between two; ``lines`` are the rows."""

    def __init__(self, states: Sequence[DisplayTensor], i: int, name: str, pen: Pen) -> None:
        super().__init__()
        self.pen, self.i, left = pen, i, CONTENT.left
        symbols = [Formula(s.symbol, pen, size=0.44) for s in states]
        self.margin = max(m.width for m in symbols) + 0.3
        self.em, self.dx, self.cols = self._fit(states, BREADTH - self.margin - 0.2)
        self.left = left
        n, d = len(states), states[0].values.shape[1]
        dy = min(1.25, 3.8 / n)
        middle = CONTENT.y - 0.15
        label = Label(shortened(name, pen, 0.42, 2.5), pen, size=0.42)
        self.ys = [middle + ((n - 1) / 2 - k) * dy for k in range(n)]
        self.name = label.sit(left + self.margin + len(self.cols) * self.dx / 2, self.ys[0] + 0.5, "center")
        self.lines = [self._row(s, m, y, d) for s, m, y in zip(states, symbols, self.ys, strict=True)]
        self.arrows = [self._arrow(a, b) for a, b in pairwise(self.ys)]
        self.add(self.name, *self.lines, *self.arrows)

    def _fit(self, states: Sequence[DisplayTensor], breadth: float) -> tuple[float, float, list[int]]:
        d = states[0].values.shape[1]
        texts = {printed_digits(q, s.decimals) for s in states for q in s.row(self.i)}

        def sized(em: float) -> tuple[float, float]:
            return em, max(self.pen.width(s, em) for s in texts) + 0.36 * em

        em, dx = largest_or_least(LARGEST, sized, lambda made: d * made[1] <= breadth)
        if d * dx <= breadth:
            return em, min(1.2 * dx, breadth / d), list(range(d))
        return theme.SIZE_NUMBER_MIN, dx, list(range(max(1, min(d, int((breadth - MORE) / dx)))))

    def _row(self, state: DisplayTensor, symbol: Formula, y: float, d: int) -> VGroup:
        x0, height, row = self.left + self.margin, 1.5 * self.em, VGroup()
        stand(symbol, right=x0 - 0.25, up=y - 0.13)
        width = len(self.cols) * self.dx
        frame = shapes.brackets(width + 0.06, height, self.pen.theme.role("hidden"))
        row.add(*frame.shift(shapes.at(x0 + width / 2, y)))
        for place, j in enumerate(self.cols):
            number = Numeral(state[self.i, j], self.pen, decimals=state.decimals, size=self.em)
            half = (
                max(self.pen.width(printed_digits(q, state.decimals), self.em) for q in state.row(self.i)) / 2
            )
            row.add(number.level(x0 + (place + 0.5) * self.dx + half, y, "right"))
        if len(self.cols) < d:
            label = more_label(self.pen, "d", d, len(self.cols))
            row.add(label.move_to([x0 + width + MORE / 2, y, 0]))
        return row.add(symbol)

    def _arrow(self, above: float, below: float) -> VGroup:
        color, x = self.pen.theme.dim, self.left + self.margin + len(self.cols) * self.dx / 2
        top, tip = above - 0.75 * self.em - 0.06, below + 0.75 * self.em + 0.06
        return shapes.arrow(shapes.at(x, top), shapes.at(x, tip), color, line=3, head=0.16, short=0.1)


class Courses(VGroup):
    """A token's d values over the layers, a line for each: upright the value, to the right the layers."""

    def __init__(
        self, states: Sequence[DisplayTensor], i: int, pen: Pen, *, room: tuple[float, float]
    ) -> None:
        super().__init__()
        values = np.array([s.values[i] for s in states])  # (L + 1, d)
        top, bottom = CONTENT.top - 0.3, CONTENT.bottom + 0.6
        reach = float(np.abs(values).max()) or 1.0
        xs = np.linspace(room[0] + 0.7, room[1] - 0.4, len(states))
        ys = (top + bottom) / 2 + values / reach * (top - bottom) / 2
        look = pen.theme
        zero = (top + bottom) / 2
        self.grounds = VGroup(
            shapes.stroke(shapes.dashed([(xs[0], zero), (xs[-1], zero)], (0.08, 0.06)), look.dim, 2)
        )
        for x, state in zip(xs, states, strict=True):
            self.grounds.add(shapes.stroke(shapes.polyline((x, bottom), (x, top)), look.faint, 2))
            symbol = Formula(state.symbol, pen, size=0.42)
            self.grounds.add(stand(symbol, x=x, up=bottom - 0.42))
        self.lines, self.dots, few = VGroup(), VGroup(), values.shape[1] <= 16
        for j in range(values.shape[1]):
            ways = list(zip(xs, ys[:, j], strict=True))
            self.lines.add(shapes.stroke(shapes.polyline(*ways), look.role("query"), 2.5 if few else 1.0))
            self.dots.add(
                *(shapes.dot(look.role("query"), 0.07 if few else 0.04).move_to([x, y, 0]) for x, y in ways)
            )
        self.add(self.grounds, self.lines, self.dots)


class SpherePaths(Sphere):
    """All tokens on the sphere after the last layer, with the ways they have come from layer to layer.

    ``states`` (L, T, 4) are the tokens after each layer. A way begins at a ring (the first layer's result, of
    Typst symbol ``symbol``) and ends at a dot; the one of token ``focus`` is drawn most strongly.
    """

    def __init__(
        self,
        states: Array,
        names: Sequence[str],
        pen: Pen,
        *,
        room: tuple[float, float],
        focus: int,
        symbol: str,
    ) -> None:
        placed_ = in_space(states)  # (L, T, 3)
        self.ways = [_way(list(w)) for w in np.swapaxes(placed_, 0, 1)]
        look = pen.theme
        strong = [k == focus for k in range(len(self.ways))]
        inks = [look.accent if s else look.dim for s in strong]
        self.trails = VGroup(
            *(
                shapes.stroke(shapes.polyline((0, 0), (1, 0)), ink, 5 if s else 2.5)
                for ink, s in zip(inks, strong, strict=True)
            )
        )
        self.starts = VGroup(*(shapes.ring(ink, 0.075, 2.5) for ink in inks))
        turn = best_turn(np.concatenate([placed_[-1], placed_[:1, focus]]))
        super().__init__(placed_[-1], names, pen, room=room, turn=turn)
        self.solid.remove(self.spokes, self.hub)
        self.front.set_color(look.faint)
        self.dots[focus].set_fill(look.accent)
        if len(states) > 1:
            self.solid.add(self.trails, self.starts)
            self.names.add(self._begin(symbol, self.ways[focus][0]))

    def _begin(self, symbol: str, point: Array) -> Formula:
        """The name of the state in which the strongest way begins."""
        x, y, _ = self.seen(point[None], self.final)[0]
        taken = self.obstacles() + [_box(m) for m in self.names]
        label = Formula(symbol, self.pen, size=0.4, color=self.pen.theme.accent)
        box = self.free(label.width, x, y, taken)
        return label.move_to([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0])

    def obstacles(self) -> list[Box]:
        """Names keep clear of the ways, too."""
        ways = np.concatenate([self.seen(w, self.final)[::3] for w in self.ways])
        return super().obstacles() + [(x - 0.09, y - 0.09, x + 0.09, y + 0.09) for x, y, _ in ways]

    def at(self, turn: float) -> Sphere:
        """Turn the ways along."""
        for way, trail, start in zip(self.ways, self.trails, self.starts, strict=True):
            seen = self.seen(way, turn)[:, :2]
            if len(seen) > 1:
                trail.points = shapes.polyline(*seen)
            start.move_to([*seen[0], 0])
        return super().at(turn)


def _box(m: VMobject) -> Box:
    room = edges(m)
    return room.left, room.bottom, room.right, room.top


def _way(states: Sequence[Array]) -> Array:
    """A token's way over the sphere through its states; a single state stays a point."""
    if len(states) == 1:
        return np.array(states)
    return np.concatenate([_arc(a, b) for a, b in pairwise(states)])


def _arc(a: Array, b: Array) -> Array:
    """The shortest way on the sphere from one point to another, (ARC, 3)."""
    angle = float(np.arccos(np.clip(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1)))
    t = np.linspace(0, 1, ARC)[:, None]
    if angle < 1e-6 or angle > np.pi - 1e-6:
        return np.asarray(a + (b - a) * t)
    return np.asarray((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle))


def _on_sphere(states: Array) -> bool:
    """Whether all rows have mean 0 and, but for ε, variance 1: with other γ and β they have not."""
    level = np.allclose(states.mean(axis=-1), 0.0, atol=1e-9)
    return bool(level and np.allclose(np.linalg.norm(states, axis=-1), 2.0, atol=0.02))


def way_picture(
    scene: StageScene, rows: PathRows, first: DisplayTensor, after: Sequence[DisplayTensor]
) -> SpherePaths | Courses:
    """Beside the rows the exact sphere where all tokens lie on one after every layer, otherwise the values' courses."""
    i, room = rows.i, (rows.get_right()[0] + APART, CONTENT.right)
    states = np.array([s.values for s in after])
    if states.shape[-1] == 4 and states.shape[1] <= 8 and _on_sphere(states):
        return SpherePaths(states, scene.words, scene.pen, room=room, focus=i, symbol=after[0].symbol)
    return Courses([first, *after], i, scene.pen, room=room)


def follow(scene: StageScene, rows: PathRows, picture: SpherePaths | Courses) -> None:
    """The rows come one after another while the picture is drawn."""
    first = picture.solid if isinstance(picture, SpherePaths) else picture.grounds
    if isinstance(picture, SpherePaths):
        picture.at(picture.final - TURN)
    scene.play(FadeIn(rows.name), FadeIn(rows.lines[0]), FadeIn(first), run_time=theme.SHORT)
    scene.until_read(theme.LONG + theme.QUICK)
    draw: list[Animation] = []
    if isinstance(picture, SpherePaths):
        draw = [SphereTurn(picture, TURN, run_time=theme.LONG)]
    else:
        draw = [Create(line) for line in picture.lines]
    later = [AnimationGroup(FadeIn(a), FadeIn(b)) for a, b in zip(rows.arrows, rows.lines[1:], strict=True)]
    steps = [LaggedStart(*later, lag_ratio=0.7)] if later else []
    if draw or steps:
        scene.play(*draw, *steps, run_time=theme.LONG)
    scene.play(
        FadeIn(picture.names if isinstance(picture, SpherePaths) else picture.dots), run_time=theme.QUICK
    )
    parts = [rows.name, *rows.lines, *rows.arrows, *picture.submobjects]
    scene.remove(*parts)
    scene.add(rows, picture)
