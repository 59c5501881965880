"""Painting: a kept picture in which only the changed tiles are drawn again."""

from __future__ import annotations

from collections.abc import Iterable

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, VMobject

from tensorreel.film import native
from tensorreel.film.layer import CAP, FILL, JOIN, STROKE, WIDTH, Layer
from tensorreel.film.outlines import CALLS, context_address
from tensorreel.film.tiles import Tiles
from tensorreel.film.view import View

Pixels = npt.NDArray[np.uint8]  # [height, width, 4] RGBA
_LINE_JOINS = {int(j): j for j in (cairo.LINE_JOIN_MITER, cairo.LINE_JOIN_ROUND, cairo.LINE_JOIN_BEVEL)}
_LINE_CAPS = {int(c): c for c in (cairo.LINE_CAP_BUTT, cairo.LINE_CAP_ROUND, cairo.LINE_CAP_SQUARE)}


class Painter:
    """Draws layers into the camera's pixel array, which it takes over."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.view = View.of(camera)
        self.pixels: Pixels = np.ascontiguousarray(camera.background).copy()
        camera.pixel_array = self.pixels
        surface = cairo.ImageSurface.create_for_data(
            self.pixels.data, cairo.FORMAT_ARGB32, self.view.width, self.view.height
        )
        self._clipped, self._free = cairo.Context(surface), cairo.Context(surface)
        self._free.set_matrix(self.view.matrix)
        self._addresses = context_address(self._clipped), context_address(self._free)
        camera.cache_cairo_context(self.pixels, self._clipped)

    def paint(self, layers: Iterable[Layer], tiles: Tiles) -> None:
        """Redraw the set tiles: background, then every object that meets them, in order."""
        context = self._clipped
        words, behind = self.pixels.view(np.uint32)[..., 0], self.camera.background.view(np.uint32)[..., 0]
        context.save()
        context.identity_matrix()
        for x0, y0, x1, y1 in tiles.rectangles():
            words[y0:y1, x0:x1] = behind[y0:y1, x0:x1]
            context.rectangle(x0, y0, x1 - x0, y1 - y0)
        context.clip()
        context.set_matrix(self.view.matrix)
        for layer in layers:
            self._paint_layer(layer, tiles)
        context.restore()

    def _paint_layer(self, layer: Layer, tiles: Tiles) -> None:
        """Draw what meets the tiles; what is special Manim's own way, in its place among the others."""
        if native.kernel is None or CALLS is None:
            self._paint_plainly(layer, tiles)
            return
        done = 0
        for i in [*sorted(layer.special), len(layer.mobs)]:
            held = layer.points, layer.offsets, layer.styles, layer.boxes, self.view.numbers
            native.kernel.paint(CALLS, *self._addresses, tiles.grid, tiles.size, done, i, *held)
            if i in layer.special:
                self._paint_special(layer.mobs[i])
            done = i + 1
        self._clipped.new_path()
        self._free.new_path()

    def _paint_plainly(self, layer: Layer, tiles: Tiles) -> None:
        """The same from Python, object by object."""
        if not layer.mobs:
            return
        outlines = layer.outlines
        held, size = tiles.counts(layer.boxes)
        inks = (layer.styles[:, 3] > 0) | ((layer.styles[:, 7] > 0) & (layer.styles[:, WIDTH] > 0))
        inks[list(layer.special)] = True
        whole = (held == size).tolist()
        for i in np.flatnonzero((held > 0) & inks).tolist():
            if i in layer.special:
                self._paint_special(layer.mobs[i])
                continue
            # An object with all of its tiles redrawn cannot reach outside them: it needs no clipping.
            context = self._free if whole[i] else self._clipped
            outlines.append(context, self._addresses[whole[i]], i)
            _ink(context, layer.styles[i].tolist(), self.view.line)

    def _paint_special(self, mob: VMobject) -> None:
        self.camera.display_vectorized(mob, self._clipped)
        self._clipped.new_path()


def _ink(context: cairo.Context[cairo.ImageSurface], style: list[float], line: float) -> None:
    """Fill and stroke the context's path. The surface holds RGBA where cairo writes BGRA: colours go in
    reversed, as in Manim's camera."""
    r, g, b, a = style[FILL]
    stroked = style[WIDTH] > 0 and style[STROKE][3] > 0
    if a > 0:
        context.set_source_rgba(b, g, r, a)
        if stroked:
            context.fill_preserve()
        else:
            context.fill()
    if stroked:
        r, g, b, a = style[STROKE]
        context.set_source_rgba(b, g, r, a)
        context.set_line_width(style[WIDTH] * line)
        context.set_line_join(_LINE_JOINS[int(style[JOIN])])
        context.set_line_cap(_LINE_CAPS[int(style[CAP])])
        context.stroke()
