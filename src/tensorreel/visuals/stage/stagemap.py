"""The map on every frame: a station for each stage, the residual by-passes, and the loop over the layers."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
from manim import VGroup, VMobject

from tensorreel.core.architecture import Architecture
from tensorreel.core.quantity import Count, count
from tensorreel.core.table import Stage
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.lettering.counted import CountedLabel
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.words.text import Text

MAP_Y, LABEL_Y = 3.19, 3.4
BYPASS_DEPTH, LOOP_DEPTH, ROUND = 0.14, 0.3, 0.12
SYMBOL, WORD = 0.28, 0.27  # em of the stations' symbols and of the words at the loop
LEAST, EDGE = 0.24, 6.4  # width that a station takes at least; ends of the strip
IN_LAYER = Text("LAYER {k}/{L}", "map")  # capitals are as tall as the digits beside them
LAYERS = Text("{L} LAYER", "map", plural="{L} LAYERS")
SPACE = 0.09  # between those words and their numbers


class StageMap(VGroup):
    """The strip of stations. ``current`` is the station that is lit, ``layer`` (0-based) the layer it runs in.

    The stations' symbols stand with equal air between them, so that wide ones do not meet.
    """

    def __init__(
        self, pen: Pen, architecture: Architecture, n_layers: int, current: int | None, layer: int = 0
    ) -> None:
        super().__init__()
        self.architecture, stages = architecture, architecture.stages
        self.first, self.last = architecture.layer[0].number, architecture.layer[-1].number
        self.pen, self.current, self.n_layers = pen, current, n_layers
        self.labels = VGroup(*(self._symbol(s, layer) for s in stages))
        self._xs = evenly([m.width for m in self.labels], -EDGE, EDGE)
        for x, label in zip(self._xs, self.labels, strict=True):
            stand(label, x=x, up=LABEL_Y)
        line = shapes.stroke(
            shapes.polyline((self.x(1), MAP_Y), (self.x(len(stages)), MAP_Y)), pen.theme.faint, 3
        )
        self.bypasses = VGroup(*(self._bypass(a.number, b.number) for a, b in architecture.bypasses))
        self.loop = self._loop(layer)
        self.dots = VGroup(*(self._dot(s.number) for s in stages))
        self.add(line, self.loop, self.bypasses, self.dots, self.labels)

    def x(self, number: int) -> float:
        """Where a station stands."""
        return self._xs[number - 1]

    @property
    def closest(self) -> float:
        """The least distance of two stations."""
        return min(b - a for a, b in pairwise(self._xs))

    def station(self, number: int) -> Any:
        """The point of a station, where tensors come out of the map and go back into it."""
        return shapes.at(self.x(number), MAP_Y)

    def _dot(self, number: int) -> VMobject:
        theme = self.pen.theme
        lit, done = number == self.current, self.current is not None and number < self.current
        dot = shapes.dot(theme.accent if lit else theme.dim if done else theme.faint, 0.1 if lit else 0.065)
        return dot.move_to(self.station(number))

    def _symbol(self, stage: Stage, layer: int) -> Formula:
        lit = stage.number == self.current
        symbol = map_symbol(stage.symbol, self.n_layers, layer)
        return Formula(
            symbol, self.pen, size=SYMBOL, color=self.pen.theme.accent if lit else self.pen.theme.dim
        )

    def _bypass(self, a: int, b: int) -> VMobject:
        """A residual by-pass: from below one station to below another, with room for the next one's beginning."""
        path = bowed(self.x(a) + 0.05, self.x(b) - 0.05, MAP_Y - 0.06, MAP_Y - BYPASS_DEPTH)
        return shapes.stroke(path, self.pen.theme.role("key"), 2.5)

    # ---- the loop over the layers -----------------------------------------------------------------
    @property
    def loop_path(self) -> Any:
        """Curves from the last station of a layer back to its first."""
        return bowed(self.x(self.last) + 0.05, self.x(self.first), MAP_Y - 0.06, MAP_Y - LOOP_DEPTH)

    def _loop(self, layer: int) -> VGroup:
        """The dashed way back, open where its words stand; with one layer nothing goes back, so no arrow."""
        look, y, low = self.pen.theme, MAP_Y - 0.06, MAP_Y - LOOP_DEPTH
        words = self._layer(layer)
        middle = (self.x(self.first) + self.x(self.last)) / 2
        stand(words, x=middle, up=low - theme.WORD_EM * WORD / 2)
        half, x0, x1 = words.width / 2 + 0.12, self.x(self.first), self.x(self.last) + 0.05
        sides = [
            [(x1, y), (x1, low + ROUND), (x1 - ROUND, low), (middle + half, low)],
            [(middle - half, low), (x0 + ROUND, low), (x0, low + ROUND), (x0, y)],
        ]
        ways = VGroup(*(shapes.stroke(shapes.dashed(s, (0.06, 0.05)), look.dim, 2) for s in sides))
        if self.n_layers == 1:
            return VGroup(ways, words)
        tip = shapes.filled(shapes.arrow_head(shapes.at(x0, y), shapes.at(0, 1), 0.13), look.dim)
        return VGroup(ways, tip, words)

    def _layer(self, layer: int) -> VGroup:
        """``LAYER 1/2`` at a stage that runs in every layer, ``2 LAYERS`` elsewhere."""
        pen, dim, accent = self.pen, self.pen.theme.dim, self.pen.theme.accent
        of = Numeral(count(self.n_layers, Count.SIZE, "L"), pen, decimals=0, size=WORD, color=dim)
        if self.current is None or self.architecture.stages[self.current - 1].scope != "layer":
            return CountedLabel(LAYERS.counted(self.n_layers), {"L": of}, pen, size=WORD, gap=SPACE)
        counted = count(layer + 1, Count.LAYER, layer)
        now = Numeral(counted, pen, decimals=0, size=WORD, color=accent, bold=True)
        return CountedLabel(IN_LAYER, {"k": now, "L": of}, pen, size=WORD, color=accent, gap=SPACE)


def bowed(x0: float, x1: float, y: float, low: float) -> Any:
    """Curves from (x0, y) down to the height ``low``, along it, and up to (x1, y), with round corners."""
    side = ROUND if x1 > x0 else -ROUND
    k = 0.45  # of a corner's control points
    first = [(x0, y), (x0, low + ROUND * k), (x0 + side * k, low), (x0 + side, low)]
    last = [(x1 - side, low), (x1 - side * k, low), (x1, low + ROUND * k), (x1, y)]
    corners = [np.array([shapes.at(*p) for p in corner]) for corner in (first, last)]
    return np.concatenate([corners[0], shapes.polyline((x0 + side, low), (x1 - side, low)), corners[1]])


def evenly(widths: list[float], left: float, right: float) -> list[float]:
    """Middles of some things between two edges, with the same air between any two neighbours."""
    wide = [max(w, LEAST) for w in widths]
    air = (right - left - sum(wide)) / (len(wide) - 1)
    xs, x = [], left
    for w in wide:
        xs.append(x + w / 2)
        x += w + air
    return xs


def map_symbol(symbol: str, n_layers: int, layer: int = 0) -> str:
    """A stage's symbol with scripts at full size, so that they stay legible on the map; layers are numbers."""
    text = symbol.replace("(l+1)", f"({layer + 1})").replace("(L)", f"({n_layers})")
    text = text.replace('"head"_i', '"heads"')
    return re.sub(r"([_^])(?:\((\([^()]*\))\)|(\w))", lambda m: f"{m[1]}display({m[2] or m[3]})", text)
