"""A cut of the film shows the beats that it is made of, and they show what they show in the whole film."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from manim import FadeIn, FadeOut, Mobject

from tensorreel import scenes
from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.review.cases import Case, play
from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look.options import CUTS, FULL, NUMBERS, STORY, SceneOptions
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.languages import LANGUAGES

TINY = forward(tiny_model())
MOST = 90.0  # seconds of the story


def played(scene: str, cut: str, kind: type[StageScene] | None = None, lang: str = "en") -> Any:
    """A scene after its play, which notes what stood at the end of each beat."""
    ends: dict[str, Counter[tuple[Any, ...]]] = {}

    def note(scene: Any, moment: str, moving: list[Mobject]) -> None:
        if moment == "beat":
            ends[scene.beat_name] = Counter(map(place, members(scene.on_stage())))

    shown = play(Case(scene, "tiny", TINY, SceneOptions(cut=cut, lang=lang)), note, kind)
    shown.ends = ends
    return shown


def members(things: list[Mobject]) -> list[Mobject]:
    return [m for thing in things for m in thing.get_family() if len(m.points)]


def place(m: Any) -> tuple[Any, ...]:
    return type(m).__name__, str(getattr(m, "text", "")), *m.get_center().round(3).tolist()


class Reasons(StageScene):
    """A word, why it is there, and another one in its place."""

    stage = "query"

    def storyboard(self) -> None:
        one, reason, two = (Label(text, self.pen, size=0.4) for text in ("one", "reason", "two"))
        with self.beat("one", "One word."):
            self.play(FadeIn(one))
        with self.beat("reason", "Because of this.", why=True):
            self.play(one.animate.shift([2.0, 0.0, 0.0]), FadeIn(reason))
            self.wait(1.0)
        self.play(FadeOut(reason))
        with self.beat("two", "Another word.", story="It ends."):
            self.play(FadeOut(one), FadeIn(two))
        with self.beat("end", "Nothing more."):
            self.play(two.animate.shift([0.0, 1.0, 0.0]))
        self.leave(two)


@pytest.mark.parametrize(
    ("cut", "beats"),
    {FULL: ["one", "reason", "two", "end"], NUMBERS: ["one", "two", "end"], STORY: ["two"]}.items(),
)
def test_a_cut_has_its_beats_and_no_second_of_others(cut: str, beats: list[str]) -> None:
    scene = played("query", cut, Reasons)
    assert [b.name for b in scene.beats] == beats
    gaps = [after.start - before.end for before, after in zip(scene.beats, scene.beats[1:], strict=False)]
    assert all(gap < 0.5 for gap in gaps)
    assert scene.ends["two"] == played("query", FULL, Reasons).ends["two"]


def test_the_story_has_words_of_its_own() -> None:
    (beat,) = played("query", STORY, Reasons).beats
    assert beat.caption.of("en") == "It ends."


@pytest.mark.parametrize("scene", ["embedding", "concat"])
def test_what_was_passed_over_has_happened(scene: str) -> None:
    story, whole = played(scene, STORY), played(scene, FULL)
    (beat,) = story.beats
    assert story.ends[beat.name] == whole.ends[beat.name]


def test_there_is_no_other_cut() -> None:
    with pytest.raises(KeyError):
        SceneOptions(cut="short").shows(why=False, story=False)
    assert {cut: SceneOptions(cut=cut).shows(why=True, story=True) for cut in CUTS} == {
        FULL: True,
        NUMBERS: False,
        STORY: True,
    }


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_story_is_told_in_ninety_seconds(lang: str) -> None:
    shown = [played(name, STORY, lang=lang) for name in scenes.film(cut=STORY)]
    assert [len(scene.beats) for scene in shown] == [1] * len(shown)
    assert sum(scene.time for scene in shown) <= MOST
