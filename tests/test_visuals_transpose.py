"""The transpose device: where entries and names land, and that every number keeps its source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from manim import tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.visuals.chapters.attention.transpose import Transpose, arc, corner_of
from tensorreel.visuals.matrix.grid import TensorGrid
from tensorreel.visuals.matrix.pitch import pitch_for
from tensorreel.visuals.stage.scene import StageScene

Stage = Callable[[], StageScene]


class Quick(CairoRenderer):
    """Plays every motion by setting its end."""

    def play(self, scene: Any, *animations: Any, **kwargs: Any) -> None:
        scene.compile_animation_data(*animations, **kwargs)
        scene.begin_animations()
        for animation in scene.animations:
            animation.interpolate(0.5)
            animation.finish()
            animation.clean_up_from_scene(scene)
        self.time += scene.duration or 0


@pytest.fixture
def scene() -> Any:
    with tempconfig({"pixel_width": 160, "pixel_height": 90, "dry_run": True, "disable_caching": True}):
        made = StageScene(Quick(), trace=forward(tiny_model()))
        made.setup()
        yield made


def turned(scene: StageScene, name: str, **kwargs: Any) -> Transpose:
    tensor, words = scene.show(name).transposed(), kwargs.pop("words", scene.words)
    pitch = pitch_for([tensor], scene.pen, 0.26)
    grid = TensorGrid(tensor, scene.pen, pitch, col_names=words, badge=None)
    return Transpose(scene, grid, names=words, **kwargs)


def test_a_transposed_tensor_keeps_its_sources(scene: StageScene) -> None:
    key = scene.show("key")
    turned_key = key.transposed()
    assert turned_key.values.shape == (2, 5)
    assert turned_key[1, 3] is key[3, 1]
    assert turned_key.decimals == key.decimals
    assert turned_key.role == key.role
    assert turned_key.sizes == [("k", 2), ("T", 5)]
    assert turned_key.symbol == "bold(K)^top"


def test_an_arc_starts_and_ends_and_keeps_to_the_radius() -> None:
    corner, a, b = np.zeros(3), np.array([0.0, -2.0, 0]), np.array([2.0, 0.0, 0])
    assert arc(a, b, corner, 0) == pytest.approx(a)
    assert arc(a, b, corner, 1) == pytest.approx(b)
    assert np.linalg.norm(arc(a, b, corner, 0.4)) == pytest.approx(2)


def test_entries_and_names_land_in_the_turned_grid(scene: StageScene) -> None:
    verb = turned(scene, "key", corner=(-2.0, 1.0))
    scene.enter(verb.before)
    ends = {(s.mobject, tuple(np.round(s.end, 6))) for s in verb._swings()}
    assert len(ends) == 2 * 10 + 5
    verb.turn(follow=(4, 0))
    assert corner_of(verb.after)[:2] == pytest.approx([-2.0, 1.0])
    for i in range(5):
        for j in range(2):
            place = verb.before.numeral(i, j).get_center()
            assert place == pytest.approx(verb.after.numeral(j, i).get_center())
        assert verb.before.row_names[i].get_center() == pytest.approx(verb.after.col_names[i].get_center())
    assert verb.ring.get_center() == pytest.approx(verb.after.center_of(0, 4))
    assert verb.after in scene.mobjects
    assert verb.before not in scene.mobjects
    verb.settle()
    assert corner_of(verb.after) == pytest.approx(verb.home)


def test_the_table_of_words_turns_too(scene: StageScene) -> None:
    verb = turned(scene, "E", words=list(scene.trace.model.words))
    scene.enter(verb.before)
    start = scene.time
    verb.turn(run_time=1.5)
    assert verb.after.tensor.values.shape == (4, 8)
    assert scene.time - start == pytest.approx(1.5)


def test_only_a_transposed_tensor_can_be_turned(scene: StageScene) -> None:
    key = scene.show("key")
    grid = TensorGrid(key, scene.pen, pitch_for([key], scene.pen, 0.3))
    with pytest.raises(TypeError):
        Transpose(scene, grid)
