"""A whole layer in small: a panel for each of its stages with a real picture of the tensor and a few numbers.

A panel is the thumbnail of a tensor: filled cells are positive, hollow ones negative, stronger is larger.
Under it stand the first numbers of one token's row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import FadeIn, FadeOut, MoveAlongPath, VGroup

from tensorreel.visuals.layout.placing import middles, stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.taking import blocks_of, whole_of

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

LINES, PER_LINE = 2, 7  # of panels, for which there is height; panels on one, or more where a layer has more
HEAT = 1.1  # height of the pictures
MOST_ROWS, MOST_COLS = 12, 32
DIGITS, NAMED, SHRUNK = 0.26, 0.3, 0.9  # em of the numbers and of the badges, and how much of it at least
LEVELS = 5


class Heat(VGroup):
    """The cells of some matrices (heads side by side) as small tiles, within ``width`` × ``height``.

    Of a matrix with very many rows or columns every second, third … one is drawn.
    """

    def __init__(
        self, tensors: Sequence[DisplayTensor], pen: Pen, *, width: float, height: float, row: int
    ) -> None:
        super().__init__()
        n, m = tensors[0].values.shape
        most = max(1, MOST_COLS // len(tensors))
        rows = sorted({*range(0, n, math.ceil(n / MOST_ROWS)), row})
        cols = list(range(0, m, math.ceil(m / most)))
        gaps = 0.08 * (len(tensors) - 1)
        h = min(0.24, height / len(rows))
        w = min(0.3, (width - gaps) / (len(cols) * len(tensors)))
        block = w * len(cols)
        left = -(block * len(tensors) + gaps) / 2
        for k, tensor in enumerate(tensors):
            self._tiles(tensor, pen, rows, cols, (left + k * (block + 0.08), h * len(rows) / 2), (w, h))
        y = h * len(rows) / 2 - (rows.index(row) + 0.5) * h
        frame = shapes.outline(-2 * left + 0.1, h + 0.06, pen.theme.accent, radius=0.03, line=2)
        self.add(frame.move_to([0, y, 0]))

    def _tiles(
        self,
        tensor: DisplayTensor,
        pen: Pen,
        rows: Sequence[int],
        cols: Sequence[int],
        corner: tuple[float, float],
        size: tuple[float, float],
    ) -> None:
        """Tiles of one matrix, grouped by sign and strength so that each shade is one object."""
        groups: dict[tuple[bool, int], list[Any]] = {}
        for a, i in enumerate(rows):
            for b, j in enumerate(cols):
                value = float(tensor.values[i, j])
                if not np.isfinite(value):
                    continue
                x, y = corner[0] + (b + 0.5) * size[0], corner[1] - (a + 0.5) * size[1]
                level = math.ceil(tensor.strength(value) * LEVELS - 1e-9)
                share = 0.42 if value >= 0 else 0.36
                w, h = size[0] * share, size[1] * share
                box = [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]
                groups.setdefault((value < 0, level), []).append(shapes.polyline(*box, closed=True))
        hue = pen.theme.role(tensor.role)
        for (negative, level), boxes in sorted(groups.items()):
            weight = 0.15 + 0.75 * level / LEVELS
            points = np.concatenate(boxes)
            made = shapes.stroke(points, hue, 1.3, weight) if negative else shapes.filled(points, hue, weight)
            self.add(made)


class Panel(VGroup):
    """One stage of a layer in small: badge, picture, and the first numbers of a token's row."""

    def __init__(
        self, tensors: Sequence[DisplayTensor], whole: DisplayTensor, pen: Pen, *, row: int, width: float
    ) -> None:
        super().__init__()
        self.badge = self._badge(whole, pen, width + 0.22)
        self.heat = Heat(tensors, pen, width=width - 0.15, height=HEAT, row=row)
        self.digits = self._digits(tensors, pen, row, width + 0.1)
        self.badge.move_to([0, HEAT / 2 + 0.3, 0])
        self.add(self.badge, self.heat, self.digits)

    @staticmethod
    def _badge(whole: DisplayTensor, pen: Pen, width: float) -> VGroup:
        """Symbol and sizes; the symbol alone where the sizes would be too small to be read."""
        badge = ShapeBadge(whole, pen, size=NAMED)
        shrunk = min(1.0, width / badge.width)
        return VGroup(badge.symbol) if shrunk < SHRUNK else badge.scale(shrunk)

    def _digits(self, tensors: Sequence[DisplayTensor], pen: Pen, row: int, width: float) -> VGroup:
        """As many numbers of the row as fit, head after head, and an ellipsis where there are more."""
        numbers, x, y = VGroup(), 0.0, -HEAT / 2 - 0.36
        last, decimals = sum(t.values.shape[1] for t in tensors) - 1, tensors[0].decimals
        for k, quantity in enumerate(chain.from_iterable(t.row(row) for t in tensors)):
            number = Numeral(quantity, pen, decimals=decimals, size=DIGITS)
            more = pen.width(" …", DIGITS) if k < last else 0.0
            if numbers and x + number.advance + more > width:
                numbers.add(Sign("…", pen, size=DIGITS, color=pen.theme.dim).sit(x, y))
                break
            numbers.add(number.sit(x, y))
            x += number.advance + 0.14
        return stand(numbers, x=0.0)


class LayerPanels(VGroup):
    """The panels of all stages of a layer, in reading order; ``numbers`` are their stations."""

    def __init__(self, scene: StageScene, layer: int, row: int) -> None:
        super().__init__()
        stages = scene.architecture.layer
        self.numbers = [s.number for s in stages]
        per_line = max(PER_LINE, math.ceil(len(stages) / LINES))
        lines = math.ceil(len(stages) / per_line)
        width = CONTENT.width / per_line
        height = CONTENT.height / lines
        for k, stage in enumerate(stages):
            line, place = divmod(k, per_line)
            on_line = min(per_line, len(stages) - line * per_line)
            x = middles([width] * on_line, 0.0)[place]
            y = CONTENT.top - (line + 0.5) * height
            blocks, whole = blocks_of(scene, stage.name, layer), whole_of(scene, stage.name, layer)
            panel = Panel(blocks, whole, scene.pen, row=row, width=width - 0.3)
            self.add(panel.shift(shapes.at(x, y)))


class RunLayer(Verb, steps="back run*! end"):
    """Plays a layer in fast motion: the hidden state goes back along the loop, stations light, panels come."""

    def __init__(self, scene: StageScene) -> None:
        self.scene = scene
        self.panels: LayerPanels | None = None

    def back(self, hidden: TensorGrid, *, run_time: float = 1.2) -> None:
        """A light runs from the end of the layer, where the hidden state came from, back to its beginning."""
        scene, color = self.scene, self.scene.theme.accent
        self.hidden = hidden
        light = VGroup(*(part.copy().set_stroke(color, 3.5) for part in scene.map.loop[0]))
        path = shapes.stroke(scene.map.loop_path, color)
        bead = shapes.dot(color, 0.11).move_to(path.get_start())
        scene.play(FadeIn(light, bead), run_time=run_time * 0.3)
        scene.play(MoveAlongPath(bead, path), run_time=run_time * 0.7)
        scene.play(FadeOut(bead), FadeOut(light), run_time=theme.QUICK)

    def run(self, layer: int, row: int, *, run_time: float) -> None:
        """The stations of a layer light one after another; each shows its tensor of this layer."""
        scene, old = self.scene, self.panels
        self.panels = LayerPanels(scene, layer, row)
        lamp = shapes.dot(scene.theme.accent, 0.11).move_to(scene.map.station(self.panels.numbers[0]))
        if old is not None:
            scene.play(FadeOut(old), run_time=theme.QUICK)
        else:
            into = FadeOut(self.hidden, target_position=scene.map.station(scene.map.first), scale=0.05)
            scene.play(into, run_time=theme.SHORT)
        each = run_time / len(self.panels.numbers)
        scene.add(lamp)
        for number, panel in zip(self.panels.numbers, self.panels, strict=True):
            glide = lamp.animate.move_to(scene.map.station(number))
            scene.play(
                glide, FadeIn(panel, target_position=scene.map.station(number), scale=0.2), run_time=each
            )
        scene.remove(*self.panels)
        scene.add(self.panels)
        scene.play(FadeOut(lamp), run_time=theme.QUICK)

    def end(self) -> list[FadeOut]:
        """Motions that take the panels away."""
        return [FadeOut(self.panels)] if self.panels is not None else []
