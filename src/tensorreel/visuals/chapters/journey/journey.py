"""The way along the map: stations that light up one after another, and tensors in small that travel with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, LaggedStart, VGroup, VMobject, linear

from tensorreel.core.table import Part
from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Pen
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.stagemap import MAP_Y, StageMap
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

BEAD = 0.12
LOW_Y = 0.75  # the line of the lowered map


class MapLight(Verb, steps="run|start to|back* away out?"):
    """A light that runs along the map. Stations it has passed stay lit."""

    def __init__(self, scene: StageScene, map_: StageMap) -> None:
        self.scene, self.map, self.at = scene, map_, 0
        look = scene.theme
        y = self.map.dots[0].get_center()[1]
        self.y = float(y)
        self.trail = shapes.stroke(self._line(1), look.accent, 4)
        self.bead = shapes.dot(look.accent, BEAD).move_to(shapes.at(self.map.x(1), y))

    def _line(self, number: int) -> Any:
        first = self.map.x(1)
        return shapes.polyline((first, self.y), (max(self.map.x(number), first + 1e-3), self.y))

    def start(self) -> list[Animation]:
        """The light comes on at the first station."""
        self.at = 1
        return [FadeIn(self.trail), FadeIn(self.bead), *self._on(1)]

    def _on(self, number: int) -> list[Animation]:
        look = self.scene.theme
        dot, label = self.map.dots[number - 1], self.map.labels[number - 1]
        return [
            dot.animate.set_fill(look.accent).build(),
            label.animate.set_fill(look.ink).build(),
        ]

    def to(self, number: int) -> list[Animation]:
        """The light moves on to a station; all stations on the way light up."""
        turns: list[Animation] = [a for k in range(self.at + 1, number + 1) for a in self._on(k)]
        turns.append(_Run(self.trail, self._line(self.at), self._line(number)))
        turns.append(self.bead.animate.move_to(shapes.at(self.map.x(number), self.y)).build())
        self.at = number
        return turns

    def back(self, number: int) -> list[Animation]:
        """The light returns to an earlier station along the loop."""
        self.at = number
        place = shapes.at(self.map.x(number), self.y)
        return [
            self.bead.animate(path_arc=-0.5).move_to(place).build(),
            _Run(self.trail, self.trail.points.copy(), self._line(number)),
        ]

    def out(self) -> list[Animation]:
        """All stations go dark again."""
        look = self.scene.theme
        dark = [d.animate.set_fill(look.faint).build() for d in self.map.dots]
        return [*dark, *(label.animate.set_fill(look.dim).build() for label in self.map.labels)]

    def away(self) -> Animation:
        """The light itself goes; the stations stay lit."""
        return FadeOut(VGroup(self.trail, self.bead))

    def run(self, *, run_time: float) -> None:
        """Light all stations from the first to the last, evenly."""
        scene, n = self.scene, len(self.map.dots)
        self.scene.play(*self.start(), run_time=theme.QUICK)
        each = [VGroup(self.map.dots[k], self.map.labels[k]) for k in range(1, n)]
        lights = LaggedStart(*(_Lit(g, scene.theme) for g in each), lag_ratio=1.0, rate_func=linear)
        end = shapes.at(self.map.x(n), self.y)
        scene.play(
            lights,
            _Run(self.trail, self._line(1), self._line(n), rate_func=linear),
            self.bead.animate(rate_func=linear).move_to(end),
            run_time=run_time,
        )
        self.at = n


class _Lit(Animation):
    """A station's dot and symbol take the lit colours."""

    def __init__(self, group: VGroup, look: theme.Theme, **kwargs: Any) -> None:
        self.theme = look
        super().__init__(group, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Switch in the middle; a colour needs no blend at this size."""
        if self.rate_func(alpha) < 0.5:
            return
        dot, label = self.mobject.submobjects
        dot.set_fill(self.theme.accent)
        label.set_fill(self.theme.ink)


class _Run(Animation):
    """A line grows from one outline to another."""

    def __init__(self, line: VMobject, start: Any, end: Any, **kwargs: Any) -> None:
        self.start, self.end = start, end
        super().__init__(line, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Straight blend."""
        t = self.rate_func(alpha)
        self.mobject.points = (1 - t) * self.start + t * self.end


# ---- the parts of the way ------------------------------------------------------------------------------
PARTS: Mapping[Part, tuple[str, Text]] = {
    "embedding": ("hidden", Text("Embedding", "opening.map")),
    "attention": ("attention", Text("Attention", "opening.map")),
    "norm": ("key", Text("Add & norm", "opening.map")),
    "feed_forward": ("value", Text("Feed-forward", "opening.map")),
    "output": ("prob", Text("Output", "opening.map")),
}
BAND_TOP, BAND_BOTTOM, NAME_DROP, NORM_RISE = 0.5, -0.44, -0.92, 0.98


class MapParts(VGroup):
    """Bands behind the stations of each part of the model on the lowered map, with the parts' names below."""

    def __init__(self, pen: Pen, map_: StageMap) -> None:
        super().__init__()
        y = LOW_Y
        self.bands, self.names = VGroup(), VGroup()
        size = 0.42
        runs = map_.architecture.parts
        for run in runs:
            role, name = PARTS[run[0].part]
            hue = pen.theme.role(role)
            left, right = map_.x(run[0].number) - 0.3, map_.x(run[-1].number) + 0.3
            band = shapes.panel(right - left, BAND_TOP - BAND_BOTTOM, hue, radius=0.14, opacity=0.16)
            self.bands.add(stand(band, left=left, top=y + BAND_TOP))
            if run[0].part != "norm":
                label = Label(name.of(pen.lang), pen, size=size, color=hue, bold=True)
                x = max((left + right) / 2, CONTENT.left + label.advance / 2)
                self.names.add(label.sit(x, y + NAME_DROP, "center"))
        self.names.add(*self._norms(pen, map_, y, size))
        low, high = y + NAME_DROP - 0.5, y + NAME_DROP - 0.14
        ends = map_.x(1), (map_.x(runs[-1][0].number) + map_.x(runs[-1][-1].number)) / 2
        dim = pen.theme.dim
        self.ends = VGroup(
            _arrow((ends[0], low), (ends[0], high), dim), _arrow((ends[1], high), (ends[1], low), dim)
        )
        self.add(self.bands, self.names, self.ends)

    def _norms(self, pen: Pen, map_: StageMap, y: float, size: float) -> list[VMobject]:
        """One name for all add & norm stations, with a line down to each."""
        role, name = PARTS["norm"]
        hue, xs = pen.theme.role(role), [map_.x(s.number) for s in map_.architecture.of_part("norm")]
        if not xs:
            return []
        low, high = y + BAND_TOP + 0.06, y + NORM_RISE - 0.16
        lines = [shapes.stroke(shapes.polyline((x, low), (x, high)), hue, 2) for x in xs]
        bar = shapes.stroke(shapes.polyline((xs[0], high), (xs[-1], high)), hue, 2)
        label = Label(name.of(pen.lang), pen, size=size, color=hue, bold=True)
        return [*lines, bar, label.sit((xs[0] + xs[-1]) / 2, y + NORM_RISE, "center")]


def _arrow(start: tuple[float, float], end: tuple[float, float], color: str) -> VGroup:
    """A thin arrow between two points."""
    return shapes.arrow(shapes.at(*start), shapes.at(*end), color, line=3, head=0.17, short=0.1)


def lowered(map_: StageMap) -> StageMap:
    """The map moved into the middle of the stage."""
    map_.shift(np.array([0.0, LOW_Y - MAP_Y, 0.0]))
    return map_


def risen(map_: StageMap) -> Animation:
    """The lowered map goes back to the top."""
    return map_.animate.shift([0, MAP_Y - LOW_Y, 0]).build()
