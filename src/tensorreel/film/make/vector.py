"""SVG: the picture at the end of a beat as outlines that stay sharp at any size.

The same objects as in the film, drawn by cairo onto its SVG surface. Letters are outlines too, so the file
needs no font; what it says in words is in its title and description, which ``publish`` adds.
"""

from __future__ import annotations

import io
import re
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt
from manim import Scene, VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP

from tensorreel.film.draw.fast import drawn
from tensorreel.film.draw.transform import PixelTransform
from tensorreel.film.job.job import Job

Rgbas = npt.NDArray[np.float64]  # [stops, 4], 0 … 1


def svg_of(scene: Scene, ground: str | None) -> str:
    """The scene as it stands now; ``ground`` (``#RRGGBB``) is painted behind it, None leaves it open."""
    view = PixelTransform.of(scene.camera)
    file = io.BytesIO()
    with cairo.SVGSurface(file, view.width, view.height) as surface:
        surface.set_document_unit(cairo.SVGUnit.PX)
        context = cairo.Context(surface)
        if ground is not None:
            context.set_source_rgb(*(int(ground[i : i + 2], 16) / 255 for i in (1, 3, 5)))
            context.paint()
        context.set_matrix(view.matrix)
        for mobject in drawn(scene.mobjects):
            _draw(context, mobject, scene.camera, view)
    text = file.getvalue().decode()
    return re.sub(r'id="surface\d+"', 'id="picture"', text)  # cairo counts its surfaces


def svg(job: Job, renderer: Any, scene: Scene) -> bytes:
    """The scene as it stands now, as an SVG file."""
    return svg_of(scene, job.ground).encode()


def _draw(context: Any, mobject: VMobject, camera: Any, view: PixelTransform) -> None:
    """One object: the line behind it, its fill, its line."""
    camera.set_cairo_context_path(context, mobject)
    path = context.copy_path()
    context.new_path()
    for width, rgbas, line in (
        (mobject.background_stroke_width, mobject.background_stroke_rgbas, True),
        (0.0, mobject.fill_rgbas, False),
        (mobject.stroke_width, mobject.stroke_rgbas, True),
    ):
        if not len(rgbas) or not rgbas[:, 3].any() or (line and width <= 0):
            continue
        context.append_path(path)
        context.set_source(_source(rgbas, mobject))
        if not line:
            context.fill()
            continue
        context.set_line_width(width * view.line)
        context.set_line_join(LINE_JOIN_MAP[mobject.joint_type])
        context.set_line_cap(CAP_STYLE_MAP[mobject.cap_style])
        context.stroke()


def _source(rgbas: Rgbas, mobject: VMobject) -> cairo.Pattern:
    """A colour, or the gradient along the object's sheen."""
    if len(rgbas) == 1:
        return cairo.SolidPattern(*map(float, rgbas[0]))
    start, end = mobject.get_gradient_start_and_end_points()
    pattern = cairo.LinearGradient(*start[:2], *end[:2])
    for offset, rgba in zip(np.linspace(0, 1, len(rgbas)), rgbas, strict=True):
        pattern.add_color_stop_rgba(offset, *map(float, rgba))
    return pattern
