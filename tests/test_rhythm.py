"""Each rule of time and company finds the mistake that it is for, in scenes of a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from manim import FadeIn, FadeOut, VGroup, linear

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.review.cases import Case, play
from tensorreel.review.lint import lint_case
from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.motion.motions import SlideBox
from tensorreel.visuals.motion.order import Verb
from tensorreel.visuals.stage.scene import StageScene

TINY = forward(tiny_model())
SAID = "One idea, and time to read it."


class Toy(StageScene):
    """One beat with whatever a test plays."""

    stage = "query"
    budget = 4.0
    played: Callable[[StageScene], Any]

    def storyboard(self) -> None:
        with self.beat("only", SAID):
            type(self).played(self)


class Telling(Verb, steps="prepare tell!"):
    """A step that brings nothing new, and one that does."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene

    def prepare(self) -> None:
        self.scene.play(FadeIn(word(self.scene)), run_time=1.0)

    def tell(self) -> None:
        self.scene.play(FadeIn(word(self.scene, y=-1.0)), run_time=3.0)


def word(scene: Any, text: str = "one", y: float = 0.0) -> Label:
    return Label(text, scene.pen, size=0.4).shift([0.0, y, 0.0])


def found(played: Callable[[Any], Any], *rules: str) -> list[str]:
    """What lint says, of some rules."""
    kind = type("Played", (Toy,), {"played": staticmethod(played)})
    findings, _ = lint_case(Case("query", "tiny", TINY, SceneOptions()), kind)
    return [f"{f.rule}: {f.detail}" for f in findings if f.rule in rules]


# ---- results and entrances --------------------------------------------------------------------------------
def slow(scene: Any) -> None:
    scene.play(FadeIn(word(scene)), run_time=3.0)
    scene.land()


def test_a_result_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(slow, "rhythm") == []
    monkeypatch.setattr(StageScene, "_least_hold", lambda scene: 0.5)
    (said,) = found(slow, "rhythm")
    assert "0.50 s still after its result, expected 1.3 s or more" in said


def test_a_caption_is_read_before_the_result() -> None:
    def soon(scene: Any) -> None:
        scene.play(FadeIn(word(scene)), run_time=0.5)
        scene.land()

    def later(scene: Any) -> None:
        scene.add(word(scene, y=1.0))
        scene.until_read(0.5)
        soon(scene)

    (said,) = found(soon, "rhythm")
    assert "before its caption has been read" in said
    assert found(later, "rhythm") == []


def test_an_entrance_is_not_waited_for() -> None:
    def soon(scene: Any) -> None:
        scene.play(FadeIn(word(scene)), run_time=0.5)

    def later(scene: Any) -> None:
        scene.add(word(scene, y=1.0))
        scene.until_read(0.5 + theme.HOLD_ENTRANCE)
        soon(scene)

    (said,) = found(soon, "rhythm")
    assert "still after an entrance, expected 1.5 s or less" in said
    assert found(later, "rhythm") == []


@pytest.mark.parametrize("pace", [1.0, 2.0])
def test_a_step_says_whether_it_brings_a_result(pace: float) -> None:
    def steps(*names: str) -> float:
        def storyboard(scene: Any) -> None:
            verb = Telling(scene)
            for name in names:
                getattr(verb, name)()

        kind = type("Told", (Toy,), {"played": staticmethod(storyboard)})
        case = Case("query", "tiny", TINY, SceneOptions(pace=pace))
        scene = play(case, lambda *seen: None, kind)
        return float((scene.time - (scene.landed or 0.0)) * pace)

    assert steps("prepare", "tell") == pytest.approx(theme.HOLD_RESULT, abs=0.05)
    assert steps("prepare") > 2.0  # no result at all


# ---- an empty stage ---------------------------------------------------------------------------------------
def test_an_empty_stage() -> None:
    def empty(scene: Any) -> None:
        scene.wait(1.0)
        scene.play(FadeIn(word(scene)), run_time=1.0)

    (said,) = found(empty, "empty")
    assert said.startswith("empty: nothing on the stage from 0.00 to 1.")
    assert found(lambda scene: scene.play(FadeIn(word(scene)), run_time=0.4), "empty") == []


# ---- marks and their anchors ------------------------------------------------------------------------------
def framed(scene: Any) -> tuple[Any, Any]:
    thing = word(scene)
    box = shapes.anchored(shapes.outline(1.0, 0.5, "#FFFFFF").move_to(thing), thing)
    scene.add(thing, box)
    return thing, box


def test_a_mark_goes_with_what_it_belongs_to() -> None:
    def left(scene: Any) -> None:
        scene.play(FadeOut(framed(scene)[0]), run_time=0.5)

    def moved(scene: Any) -> None:
        scene.play(framed(scene)[0].animate.shift([0.0, 2.0, 0.0]), run_time=0.5)

    def both(scene: Any) -> None:
        scene.play(*map(FadeOut, framed(scene)), run_time=0.5)

    def on(scene: Any) -> None:
        (thing, box), other = framed(scene), word(scene, "two", y=-2.0)
        to = shapes.anchored(box.copy().move_to(other), other)
        scene.add(other)
        scene.play(SlideBox(box, to), FadeOut(thing), run_time=0.5)

    assert found(left, "orphan")
    assert found(moved, "orphan")
    assert found(both, "orphan") == found(on, "orphan") == []


# ---- copies on their way ----------------------------------------------------------------------------------
def passing(run_time: float, over: Callable[[Any], Any], **ends: float) -> Callable[[Any], Any]:
    """A text that crosses something in the middle of its way."""

    def drawing(scene: Any) -> None:
        text = word(scene, "one").move_to([ends.get("start", -3.0), 0.0, 0.0])
        scene.add(over(scene), text)
        scene.play(text.animate.shift([6.0, 0.0, 0.0]), run_time=run_time, rate_func=linear)

    return drawing


def brackets(scene: Any) -> VGroup:
    return VGroup(shapes.brackets(1.4, 1.0, "#FFFFFF"))


def test_a_copy_does_not_stay_upon_a_text_or_a_bracket() -> None:
    assert found(passing(4.0, lambda s: word(s, "another")), "passing")
    assert found(passing(4.0, brackets), "passing")
    assert found(passing(0.4, lambda s: word(s, "another")), "passing") == []


def test_a_copy_may_leave_its_own_matrix() -> None:
    def wide(scene: Any) -> VGroup:
        return VGroup(shapes.brackets(4.0, 1.0, "#FFFFFF"))

    assert found(passing(4.0, wide, start=-1.0), "passing") == []
