"""The fast renderer: Manim's play, with only the changed part of each frame drawn and handed on.

It plugs into ``Scene(renderer=…)``. Where a scene does what this renderer does not know (images, point
clouds, a moving camera) the frame is drawn Manim's own way, whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import Animation, Mobject, Scene, VMobject, config
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.iterables import remove_list_redundancies

from tensorreel.film.draw import motion, patches
from tensorreel.film.draw.layer import Layer
from tensorreel.film.draw.painter import Painter, Pixels
from tensorreel.film.draw.stock import NoWriter
from tensorreel.film.draw.tiles import Tiles
from tensorreel.film.draw.transform import PixelTransform


class Sink(Protocol):
    """Where finished frames go."""

    def show(self, pixels: Pixels, tiles: Tiles, repeat: int) -> None:
        """``repeat`` frames of ``pixels`` (RGBA, to be read at once), which differ from the frame before
        only in ``tiles``."""

    def cut(self) -> None:
        """A beat begins with the next frame."""


class PlainRenderer(CairoRenderer):
    """Plays without hashing, caching, files or pictures; counts frames. ``time`` is ``frames / fps``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(file_writer_class=NoWriter, **kwargs)
        self.frames = 0
        patches.apply()

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """One ``Scene.play``: set up, show every frame, clean up."""
        scene.compile_animation_data(*args, **kwargs)
        scene.begin_animations()
        self.static_image = None
        if scene.is_current_animation_frozen_frame():
            self.hold(scene, int(scene.duration / (1 / config["frame_rate"])))
        else:
            scene.duration = scene.get_run_time(scene.animations)
            self.move(scene, np.arange(0, scene.duration, 1 / config["frame_rate"]).tolist())
            _finish(scene)
        self.num_plays += 1

    def hold(self, scene: Scene, count: int) -> None:
        """The present picture for ``count`` frames."""
        self.passed(count)

    def move(self, scene: Scene, times: Sequence[float]) -> None:
        """The frames of an animation at ``times``, in seconds since it began."""
        scene.update_to_time(scene.duration)
        self.passed(len(times))

    def passed(self, count: int) -> None:
        """``count`` frames went by."""
        self.frames += count
        self.time = self.frames / config["frame_rate"]

    def scene_finished(self, scene: Scene) -> None:
        """Nothing to close here."""


class FilmRenderer(PlainRenderer):
    """Draws every frame and hands it to ``sink``."""

    def __init__(self, sink: Sink, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sink = sink
        self.canvas: Canvas | None = None

    def hold(self, scene: Scene, count: int) -> None:
        """One picture, ``count`` times."""
        canvas = self._open(scene)
        canvas.update(scene.moving_mobjects)
        self._show(canvas, count)

    def move(self, scene: Scene, times: Sequence[float]) -> None:
        """Interpolate, draw what changed, hand it on; for every frame."""
        canvas = self._open(scene)
        lean = not _has_updaters(scene)
        quick = motion.quicken(scene.animations or (), lean)
        fixed = lean and len(quick) == len(list(motion.leaves(scene.animations or ())))
        try:
            for t in times:
                if lean:
                    for animation in scene.animations or ():
                        animation.interpolate(t / animation.run_time)
                    scene.last_t = t
                else:
                    scene.update_to_time(t)
                canvas.update(scene.moving_mobjects, fixed)
                self._show(canvas, 1)
                if scene.stop_condition is not None and scene.stop_condition():
                    break
        finally:
            motion.slow_again(quick)

    def _open(self, scene: Scene) -> Canvas:
        canvas = self.canvas
        if canvas is None or not canvas.fits(self.camera):
            canvas = self.canvas = Canvas(self.camera)
        canvas.begin(scene.static_mobjects)
        return canvas

    def _show(self, canvas: Canvas, count: int) -> None:
        if count > 0:
            self.sink.show(canvas.painter.pixels, canvas.tiles, count)
            canvas.tiles.clear()
            self.passed(count)

    def scene_finished(self, scene: Scene) -> None:
        """A scene without any play is one picture."""
        if not self.frames:
            scene.moving_mobjects, scene.static_mobjects = list(scene.mobjects), []
            self.hold(scene, 1)


class Canvas:
    """The kept picture of a scene: what stands still during a play, and what may move above it."""

    def __init__(self, camera: Any) -> None:
        self.camera, self.background = camera, camera.background
        self.painter = Painter(camera)
        self.view = self.painter.view
        self.tiles = Tiles(self.view.width, self.view.height, _tile(self.view))
        self.tiles.fill()
        self.still, self.moving = Layer([], self.view), Layer([], self.view)
        self._fresh: Layer | None = None

    def fits(self, camera: Any) -> bool:
        """Whether the camera still looks the same way at the same background."""
        return camera.background is self.background and PixelTransform.of(camera) == self.view

    def begin(self, static: Iterable[Mobject]) -> None:
        """A play begins; ``static`` lies below all that moves, and is read once."""
        self._fresh = Layer(drawn(static, flat=True), self.view)

    def update(self, moving: Sequence[Mobject], fixed: bool = False) -> None:
        """Bring the picture up to date. ``fixed``: the moving objects are those of the last frame."""
        if self._fresh is None and fixed:
            mobs: list[VMobject] = self.moving.mobs
        else:
            mobs = drawn(moving)
        known = self._fresh is None and mobs == self.moving.mobs
        if not (known and self.moving.refresh(self.tiles)):
            still = self.still if self._fresh is None else self._fresh
            self._compare(still, Layer(mobs, self.view))
        if self.tiles.any():
            self.painter.paint((self.still, self.moving), self.tiles)

    def _compare(self, still: Layer, moving: Layer) -> None:
        """Take over new layers, marking whatever came, went, changed or lies in another order."""
        old: dict[int, tuple[Layer, int, int]] = {}
        for layer in (self.still, self.moving):
            for i, mob in enumerate(layer.mobs):
                old[id(mob)] = layer, i, len(old)
        highest = -1
        for layer in (still, moving):
            new = []
            for i, mob in enumerate(layer.mobs):
                known = old.pop(id(mob), None)
                if known is None:
                    new.append(i)
                    continue
                before, at, place = known
                if place < highest or not layer.same(i, before, at):
                    new.append(i)
                    self.tiles.mark(before.boxes[at : at + 1])
                highest = max(highest, place)
            self.tiles.mark(layer.boxes[new])
        for before, at, _ in old.values():
            self.tiles.mark(before.boxes[at : at + 1])
        self.still, self.moving, self._fresh = still, moving, None


def drawn(mobjects: Iterable[Mobject], flat: bool = False) -> list[VMobject]:
    """What Manim's camera draws of ``mobjects`` and their families, in its order: by z index, then as held."""
    found: list[VMobject] = []
    if flat:
        found = [m for m in mobjects if isinstance(m, VMobject) and len(m.points) > 3]
    else:
        held = list(mobjects)
        children = {id(child) for mob in held for child in mob.submobjects}
        for mob in held:
            if id(mob) not in children:
                _collect(mob, found)
    if len(set(map(id, found))) < len(found):
        found = remove_list_redundancies(found)
    if any(m.z_index for m in found):
        found.sort(key=lambda m: m.z_index)
    return found


def _collect(mob: Mobject, found: list[VMobject]) -> None:
    if isinstance(mob, VMobject) and len(mob.points) > 3:
        found.append(mob)
    for child in mob.submobjects:
        _collect(child, found)


def _tile(view: PixelTransform) -> int:
    from tensorreel.film.job.picture import Picture

    return Picture(view.width, view.height, 1).tile


def _has_updaters(scene: Scene) -> bool:
    """Whether anything but the animations can change the picture during this play."""
    if scene.updaters or scene.meshes or scene.always_update_mobjects or scene.stop_condition is not None:
        return True
    if type(scene).update_to_time is not Scene.update_to_time:
        return True
    animated = [m for a in motion.leaves(scene.animations or ()) for m in a.get_all_mobjects()]
    return any(
        m.updaters for top in (*scene.mobjects, *animated) if top is not None for m in top.get_family()
    )


def _finish(scene: Scene) -> None:
    """The end of a play, as in ``Scene.play_internal``."""
    for animation in scene.animations or ():
        animation.finish()
        animation.clean_up_from_scene(scene)
    scene.update_mobjects(0)


__all__ = ["Animation", "FilmRenderer", "PlainRenderer", "Sink", "drawn"]
