"""The map of the whole model with light on every stage that shows another number than before."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.core.table import Stage
from tensorreel.visuals.against.changed import IN_LAYER
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.counted import CountedLabel
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.thumbs import sampled
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.stagemap import MAP_Y

if TYPE_CHECKING:
    from tensorreel.visuals.against.ending import BothModels

LOW_Y = 1.0  # the line of the map in the middle of the stage
ROWS, FIRST_ROW, ROW = 6, 0.95, 0.42  # layers at most; below the map; from one to the next
TIP, TAIL, SYMBOL, AIR = 0.46, 0.86, 0.4, 0.15  # an arrow's ends over the map; em of symbols; between them
LIT, DARK, NAME = 0.11, 0.075, 0.34  # radius of a light, of none; em of a layer's name


class FeltMap(Verb, steps="lower begin light! rise"):
    """The map comes down, with arrows where something was changed; then the stages that show another number light up in
    their order, layer by layer below them."""

    def __init__(self, scene: BothModels) -> None:
        self.scene, self.map = scene, scene.map
        self.way = np.array([0.0, LOW_Y - MAP_Y, 0.0])
        n = scene.trace.model.config.n_layers
        self.layers = sampled(n, ROWS) if n > 1 else []
        self.names = VGroup(*map(self._name, range(len(self.layers))))
        self.arrows = self._arrows()
        self.lights = [self._lights(stage) for stage in scene.architecture.stages]

    def _y(self, row: int) -> float:
        return LOW_Y - FIRST_ROW - row * ROW

    def _name(self, row: int) -> CountedLabel:
        """``layer 1`` at the left of its row."""
        pen, layer = self.scene.pen, self.layers[row]
        k = Numeral(count(layer + 1, Count.LAYER, layer), pen, decimals=0, size=NAME, color=pen.theme.dim)
        name = CountedLabel(IN_LAYER, {"k": k}, pen, size=NAME)
        right = self.map.x(self.map.first) - 0.3
        return name.shift(shapes.at(right - name.end, self._y(row) - NAME * theme.WORD_EM / 2))

    def lower(self) -> None:
        """From the top into the middle."""
        scene = self.scene
        scene.play(self.map.animate.shift(self.way).build(), FadeIn(self.names), run_time=theme.MEDIUM)

    def begin(self) -> None:
        """Where the changed parameters go in."""
        if len(self.arrows):
            self.scene.play(FadeIn(self.arrows), run_time=theme.SHORT)

    def light(self) -> None:
        """From the first stage to the last."""
        turns = [FadeIn(VGroup(*group)) for group in self.lights if group]
        if not turns:
            return
        self.scene.until_read(theme.LONG)
        self.scene.play(LaggedStart(*turns, lag_ratio=0.2), *self._words(), run_time=theme.LONG)

    def rise(self) -> None:
        """Back to the top, dark."""
        scene, dim = self.scene, self.scene.theme.dim
        dark = [label.animate.set_fill(dim).build() for label in self.map.labels]
        scene.play(*map(FadeOut, scene.body()), *dark, run_time=theme.SHORT)
        scene.play(self.map.animate.shift(-self.way).build(), run_time=theme.SHORT)

    def _arrows(self) -> VGroup:
        """An arrow down to each stage that begins it, under the symbols of its parameters where all have room."""
        scene, found, names = self.scene, VGroup(), list[Formula]()
        for stage in scene.architecture.stages:
            if (symbols := scene.begins_at(stage)) is None:
                continue
            x, hue = self.map.x(stage.number), scene.theme.role("param" if symbols else "hidden")
            tip, tail = shapes.at(x, LOW_Y + TIP), shapes.at(x, LOW_Y + TAIL)
            found.add(shapes.arrow(tail, tip, hue, line=3, head=0.17, short=0.1))
            if symbols:
                name = Formula(", ".join(symbols), scene.pen, size=SYMBOL, color=hue)
                names.append(stand(name, x=x, bottom=LOW_Y + TAIL + 0.1))
        apart = all(edges(b).left - edges(a).right > AIR for a, b in pairwise(names))
        within = all(edges(n).left > CONTENT.left and edges(n).right < CONTENT.right for n in names)
        return VGroup(found, *names) if apart and within else found

    def _words(self) -> list[Animation]:
        """The symbols of the stages that are lit."""
        ink = self.scene.theme.ink
        those = [s for s in self.scene.architecture.stages if self.scene.is_felt(s)]
        return [self.map.labels[s.number - 1].animate.set_fill(ink).build() for s in those]

    def _lights(self, stage: Stage) -> list[VMobject]:
        """On the map, and in each layer that has a row."""
        x = self.map.x(stage.number)
        found = [self._dot(x, LOW_Y, lit=True)] if self.scene.is_felt(stage) else []
        if stage.scope != "layer":
            return found
        rows = enumerate(self.layers)
        return found + [self._dot(x, self._y(row), lit=self.scene.is_felt(stage, k)) for row, k in rows]

    def _dot(self, x: float, y: float, *, lit: bool) -> VMobject:
        look = self.scene.theme
        dot = shapes.dot(look.accent, LIT) if lit else shapes.ring(look.dim, DARK, 1.5)
        return dot.move_to(shapes.at(x, y))
