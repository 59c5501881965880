"""Painting: a kept picture in which only the changed tiles are drawn again."""

from __future__ import annotations

from collections.abc import Iterable

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, VMobject

from tensorreel.film.draw import native
from tensorreel.film.draw.layer import CAP, FILL, JOIN, STROKE, WIDTH, Layer
from tensorreel.film.draw.outlines import CALLS, context_address
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.draw.transform import PixelTransform

Pixels = npt.NDArray[np.uint8]  # [height, width, 4] RGBA
_LINE_JOINS = {int(j): j for j in (cairo.LINE_JOIN_MITER, cairo.LINE_JOIN_ROUND, cairo.LINE_JOIN_BEVEL)}
_LINE_CAPS = {int(c): c for c in (cairo.LINE_CAP_BUTT, cairo.LINE_CAP_ROUND, cairo.LINE_CAP_SQUARE)}


class Painter:
    """Draws layers into the camera's pixel array, which it takes over.

    Objects are drawn whole on a sheet of its own, and of that only the changed tiles are taken. Clipping cairo
    to the tiles would be less work for large shapes, but it cuts their edges, and cut edges come out with other
    shades than whole ones.
    """

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.view = PixelTransform.of(camera)
        self.pixels: Pixels = np.ascontiguousarray(camera.background).copy()
        camera.pixel_array = self.pixels
        self._sheet = self.pixels.copy()
        size = self.view.width, self.view.height
        surface = cairo.ImageSurface.create_for_data(self._sheet.data, cairo.FORMAT_ARGB32, *size)
        self._context, self._plain = cairo.Context(surface), cairo.Context(surface)
        self._context.set_matrix(self.view.matrix)
        self._address = context_address(self._context)
        stencil = cairo.ImageSurface(cairo.FORMAT_A8, *size)
        self._tracing = cairo.Context(stencil)
        self._tracing.set_matrix(self.view.matrix)
        rows = np.frombuffer(stencil.get_data(), np.uint8).reshape(self.view.height, -1)[:, : self.view.width]
        others = context_address(self._plain), context_address(self._tracing)
        self._easel = CALLS, self._address, *others, rows, self._sheet
        camera.cache_cairo_context(self.pixels, self._context)

    def paint(self, layers: Iterable[Layer], tiles: Tiles) -> None:
        """Redraw the set tiles: background, then every object that meets them, in order."""
        _copy(self._sheet, self.camera.background, tiles)
        for layer in layers:
            self._paint_layer(layer, tiles)
        _copy(self.pixels, self._sheet, tiles)

    def _paint_layer(self, layer: Layer, tiles: Tiles) -> None:
        """Draw what meets the tiles; what is special Manim's own way, in its place among the others."""
        if native.kernel is None or CALLS is None:
            self._paint_plainly(layer, tiles)
            return
        if layer.covers is None:
            layer.covers = native.kernel.covers(CALLS, len(layer.mobs))
        done = 0
        for i in [*sorted(layer.special), len(layer.mobs)]:
            held = layer.points, layer.offsets, layer.styles, layer.boxes, self.view.numbers
            kept = layer.covers, layer.moved
            native.kernel.paint(self._easel, *kept, tiles.grid, tiles.size, done, i, *held)
            if i in layer.special:
                self._paint_special(layer.mobs[i])
            done = i + 1
        self._context.new_path()

    def _paint_plainly(self, layer: Layer, tiles: Tiles) -> None:
        """The same from Python, object by object."""
        if not layer.mobs:
            return
        outlines = layer.outlines
        met = tiles.met(layer.boxes)
        inks = (layer.styles[:, 3] > 0) | ((layer.styles[:, 7] > 0) & (layer.styles[:, WIDTH] > 0))
        inks[list(layer.special)] = True
        for i in np.flatnonzero(met & inks).tolist():
            if i in layer.special:
                self._paint_special(layer.mobs[i])
                continue
            outlines.append(self._context, self._address, i)
            _ink(self._context, layer.styles[i].tolist(), self.view.line)

    def _paint_special(self, mob: VMobject) -> None:
        self.camera.display_vectorized(mob, self._context)
        self._context.new_path()


def _copy(to: Pixels, of: Pixels, tiles: Tiles) -> None:
    """The set tiles of one picture into another."""
    if native.kernel is not None and of.flags.c_contiguous:
        native.kernel.copy(to, of, tiles.grid, tiles.size)
        return
    new, old = to.view(np.uint32)[..., 0], of.view(np.uint32)[..., 0]
    for x0, y0, x1, y1 in tiles.rectangles():
        new[y0:y1, x0:x1] = old[y0:y1, x0:x1]


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
