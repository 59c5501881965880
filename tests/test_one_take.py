"""The joined film is one take: nothing jumps where one scene goes over into the next, and each clip has a key of its
own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorreel.scenes import film

from tensorreel.core.engine import forward
from tensorreel.core.model import Model
from tensorreel.film.draw.choose import dry_renderer, film_renderer, still_renderer
from tensorreel.film.draw.manim_setup import import_manim
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.keep.fingerprint import Fingerprints
from tensorreel.film.make.backend import dry_play
from tensorreel.film.make.clip import build_scene, drawing
from tensorreel.film.run.contents import film_jobs, one_take
from tensorreel.models import tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.review.cases import Case, play
from tensorreel.review.lint import lint_case
from tensorreel.variations.change import varied
from tensorreel.visuals.look.options import SceneOptions

TINY = forward(tiny_model())
SMALL = Picture(480, 270, 10)
JUMP = 0.3  # levels of 255 by which the picture may differ over a cut, in the mean; a hard cut has 5 and more


def take(scene: str, after: str = "", **look: Any) -> Job:
    """A job of a film that goes on behind it."""
    return Job(scene, TINY, SceneOptions(**look), SMALL, "mp4", Path("-"), after=after, onward=True)


class FirstFrame(Exception):  # noqa: N818  (the name says what happened)
    """A frame was drawn."""


class Sink:
    """Takes the first frame and no other."""

    def __init__(self) -> None:
        self.frame: Any = None

    def cut(self) -> None:
        """A beat begins."""

    def show(self, pixels: Any, tiles: Any, repeat: int) -> None:
        self.frame = np.array(pixels[..., :3], dtype=float)
        raise FirstFrame


def first_frame(job: Job) -> Any:
    """RGB of the first frame that is drawn, (height, width, 3)."""
    sink = Sink()
    with drawing(SMALL), pytest.raises(FirstFrame):
        build_scene(job, film_renderer()(sink)).render()
    return sink.frame


def last_picture(job: Job) -> Any:
    """RGB of the picture that a scene leaves standing, (height, width, 3)."""
    with drawing(SMALL):
        renderer = still_renderer()()
        scene = build_scene(job, renderer)
        scene.render()
        return np.array(renderer.snap(scene).convert("RGB"), dtype=float)


def jump(before: str, scene: str, **look: Any) -> float:
    """Mean absolute difference over a cut, in levels of 255."""
    there = last_picture(take(before, **look))
    return float(np.abs(first_frame(take(scene, before, **look)) - there).mean())


def test_nothing_jumps_over_a_cut_where_a_clip_by_itself_would() -> None:
    import_manim()
    there = last_picture(take("key"))
    taken, alone = (np.abs(first_frame(take("value", after)) - there).mean() for after in ("key", ""))
    assert taken < JUMP
    assert alone > 5 * JUMP


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("cut", list(pairwise(film())), ids=" ".join)
def test_nothing_jumps_over_any_cut(cut: tuple[str, str], theme: str) -> None:
    import_manim()
    assert jump(*cut, theme=theme) < JUMP


def without(*names: str) -> Model:
    """The built-in model in which all weights of these names are 0; of all names where none is told."""
    params = tiny_model().params.items()
    gone = {n: np.zeros_like(a) for n, a in params if not names or n.rpartition(".")[2] in names}
    return replace(tiny_model(), params={**tiny_model().params, **gone})


ALIKE = {  # models in which matrices of two neighbours hold the same numbers
    "position": varied(tiny_model(), ["without position"]),
    "attention": varied(tiny_model(), ["without attention"]),
    "W_V, W_O": without("W_V", "W_O"),
    "all": without(),
}


@pytest.mark.parametrize(
    ("model", "cut"),
    [
        pytest.param(model, cut, marks=() if cut[1] in ("embedding", "concat") else pytest.mark.slow)
        for model in ALIKE
        for cut in pairwise(film())
    ],
)
def test_a_matrix_goes_over_once_where_several_hold_the_same_numbers(
    model: str, cut: tuple[str, str]
) -> None:
    trace = forward(ALIKE[model])
    beats = play(Case(cut[1], model, trace, SceneOptions(), after=cut[0]), lambda *_: None).beats
    assert beats


def test_what_both_show_stands_still_and_the_rest_is_gone_when_the_first_beat_ends() -> None:
    """H keeps its place from one product to the next; of the first stage's weights nothing is left."""
    import_manim()
    from tensorreel.visuals.matrix.grid import TensorGrid

    def matrices(scene: Any) -> dict[str, Any]:
        found = (m for top in scene.mobjects for m in top.get_family() if isinstance(m, TensorGrid))
        return {grid.tensor.name: grid.frame.get_center() for grid in found}

    seen: list[dict[str, Any]] = []
    with drawing(SMALL):
        for job in (take("key"), take("value", "key")):
            scene = build_scene(job, dry_renderer()())
            scene.on_beat.append(lambda beat, scene=scene: seen.append(matrices(scene)))
            scene.render()
    after = seen[-2]  # the value's first beat of two
    assert np.allclose(seen[0]["hidden"], after["hidden"])
    assert not {"W_K", "key"} & set(after)


@pytest.mark.parametrize("name", ["one-token", pytest.param("three-heads", marks=pytest.mark.slow)])
def test_with_one_layer_its_result_makes_room_for_the_way_through_it(name: str) -> None:
    trace = forward(sample_models()[name])
    assert lint_case(Case("last_hidden_state", name, trace, SceneOptions(), "ffn_norm"))[0] == []


# ---- keys ------------------------------------------------------------------------------------------
def views(model: Model, scenes: list[str]) -> list[str]:
    """What each clip of a film of some scenes shows."""
    trace = forward(model, TINY.tokens)
    jobs = one_take([replace(take(scene), trace=trace) for scene in scenes])
    return [dry_play(job, lambda frames: None).view for job in jobs]


def with_other_keys_in_head_2() -> Model:
    """The built-in model with one weight changed."""
    model = tiny_model()
    weights = model.params["layers.0.W_K"].copy()
    weights[1, 0, 0] += 0.5
    return Model(
        model.config, model.words, model.tokens, {**model.params, "layers.0.W_K": weights}, model.glosses
    )


@pytest.mark.slow
def test_a_change_of_the_picture_before_makes_a_clip_anew_and_no_clip_that_stands_alone() -> None:
    """Head 2's keys stand where the values begin, and nowhere else in that stage."""
    models = tiny_model(), with_other_keys_in_head_2()
    alone = [views(model, ["value"]) for model in models]
    taken = [
        dry_play(replace(take("value", "key"), trace=forward(m, TINY.tokens)), print).view for m in models
    ]
    assert alone[0] == alone[1]
    assert taken[0] != taken[1]


@pytest.mark.slow
def test_a_change_makes_exactly_those_clips_anew_that_show_it() -> None:
    names = ["query", "key", "value", "attn_scores"]
    before, after = (views(model, names) for model in (tiny_model(), with_other_keys_in_head_2()))
    changed = [n for n, a, b in zip(names, before, after, strict=True) if a != b]
    assert changed == ["key", "value", "attn_scores"]  # the last one's what-ifs show the answer


@lru_cache(maxsize=1)
def _grounds() -> Fingerprints:
    return Fingerprints()


def test_the_ground_of_a_clip_names_the_scene_before_it() -> None:
    alone, taken = (_grounds().of(replace(take("key", after), onward=False)) for after in ("", "query"))
    assert {name for name in alone if alone[name] != taken[name]} >= {"before"}


def test_a_film_is_one_take_and_single_clips_are_none() -> None:
    like = replace(take("query"), onward=False)
    alone = film_jobs(like, ["query", "key", "value"])
    assert {(job.after, job.onward) for job in alone} == {("", False)}
    jobs = one_take(alone)
    assert [job.after for job in jobs] == ["", "query", "key"]
    assert [job.onward for job in jobs] == [True, True, False]
    assert one_take(jobs) == jobs
