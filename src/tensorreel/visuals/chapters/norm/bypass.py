"""The residual by-pass on the map: what has waited there comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, MoveAlongPath, VGroup, VMobject

from tensorreel.visuals.look import shapes, theme

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene


def from_bypass(scene: StageScene, which: int, waiting: VMobject, *others: VMobject) -> VGroup:
    """Light a by-pass; a bead runs along it to its end, and ``waiting`` grows out of there.

    ``others`` come out of their own stations first. Returns the light, to be faded when the sum is done.
    """
    path = scene.map.bypasses[which]
    light = VGroup(shapes.stroke(path.points.copy(), scene.theme.accent, 4.5))
    bead = shapes.dot(scene.theme.accent, 0.11).move_to(path.get_start())
    arriving = [scene._travel(FadeIn, m, None) for m in others]
    scene.play(FadeIn(light), FadeIn(bead), *arriving, run_time=theme.MEDIUM)
    scene.play(MoveAlongPath(bead, path.copy()), run_time=theme.MEDIUM)
    scene.play(
        FadeIn(waiting, target_position=path.get_end(), scale=0.05),
        FadeOut(bead),
        run_time=theme.MEDIUM,
    )
    return light
