"""A question stands open long enough for a guess, and not at all where its beat is not shown."""

from __future__ import annotations

from typing import Any

import pytest
from manim import FadeIn

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.review.cases import Case
from tensorreel.review.lint import lint_case
from tensorreel.visuals.lettering.glyphs import Label
from tensorreel.visuals.look.options import FULL, NUMBERS, SceneOptions
from tensorreel.visuals.motion.order import OutOfOrder
from tensorreel.visuals.stage.guess import Guess
from tensorreel.visuals.stage.scene import StageScene

TINY = forward(tiny_model())
SEEN: list[bool] = []


class Asking(StageScene):
    """A thing, a question, and the thing without it."""

    stage = "query"
    budget = 5.5

    def storyboard(self) -> None:
        guess = Guess(self, (0.0, 0.0))
        with self.beat("thing", "Here."):
            self.play(FadeIn(Label("one", self.pen, size=0.4).shift([0.0, 1.0, 0.0])))
        with self.beat("guess", "What?", why=True):
            guess.ask()
        SEEN.append(guess.mark in self.mobjects)
        with self.beat("answer", "That."):
            guess.reveal()
            self.play(FadeIn(Label("two", self.pen, size=0.4)))


def found(cut: str) -> list[str]:
    SEEN.clear()
    findings, _ = lint_case(Case("query", "tiny", TINY, SceneOptions(cut=cut)), Asking)
    return [f.detail for f in findings if f.rule == "rhythm"]


def test_it_stands_for_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(FULL) == []
    assert SEEN == [True]
    monkeypatch.setattr(StageScene, "_least_hold", lambda scene: 0.5)
    (said,) = found(FULL)
    assert "still with an open question, expected 2.0 s or more" in said


def test_it_is_not_there_where_its_beat_is_not() -> None:
    assert found(NUMBERS) == []
    assert SEEN == [False]


def test_it_is_asked_before_it_is_answered() -> None:
    scene: Any = Asking()
    with pytest.raises(OutOfOrder):
        Guess(scene, (0.0, 0.0)).reveal()
