"""Each rule of lint finds the mistake that it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from manim import FadeOut, squish_rate_func, there_and_back

from tensorreel.core.engine import forward
from tensorreel.models import tiny_model
from tensorreel.review.cases import Case
from tensorreel.review.colour import contrast, mix, palette_findings
from tensorreel.review.lint import lint_case
from tensorreel.visuals.lettering.glyphs import Label, Sign, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.stage.scene import StageScene

TINY = forward(tiny_model())
TIMES = {"rhythm", "empty", "passing"}  # see ``test_rhythm.py``


class Toy(StageScene):
    """One beat with whatever a test draws into it."""

    stage = "query"
    budget = 3.0
    drawing: Callable[[StageScene], Any]

    def storyboard(self) -> None:
        with self.beat("only", "One idea, and time to read it."):
            type(self).drawing(self)


def rules(drawing: Callable[[Any], Any], **extra: Any) -> set[str]:
    kind = type("Drawn", (Toy,), {"drawing": staticmethod(drawing), **extra})
    findings, beats = lint_case(Case("query", "tiny", TINY, SceneOptions()), kind)
    assert beats == 1
    return {f.rule for f in findings} - TIMES


def test_a_clean_picture_has_no_findings() -> None:
    assert rules(lambda s: s.add(Label("quiet", s.pen, size=0.4))) == set()


def test_texts_that_overlap() -> None:
    assert "overlap" in rules(
        lambda s: s.add(Label("one", s.pen, size=0.4), Label("two", s.pen, size=0.4).shift([0.2, 0, 0]))
    )


def test_a_label_that_is_cut_and_a_count_that_is_not() -> None:
    def drawn(text: str, width: float) -> set[str]:
        return rules(lambda s: s.add(Label(shortened(text, s.pen, 0.4, width), s.pen, size=0.4)))

    assert drawn("what a word seeks", 2.0) == {"cut"}
    assert drawn("what a word seeks", 6.0) == set()
    assert rules(lambda s: s.add(Sign("… +", s.pen, size=0.4))) == set()


def test_words_of_other_models_may_be_cut() -> None:
    drawing = staticmethod(lambda s: s.add(Label("electroencep…", s.pen, size=0.4)))
    kind = type("Drawn", (Toy,), {"drawing": drawing})
    findings, _ = lint_case(Case("query", "long-words", TINY, SceneOptions()), kind)
    assert findings == []


def test_text_in_a_legend() -> None:
    def drawn(x: float) -> set[str]:
        ring = shapes.as_key(shapes.ring("#FFFFFF").move_to([x, 0.1, 0]))
        return rules(lambda s: s.add(Label("1586", s.pen, size=0.4), ring))

    assert drawn(0.9) == {"legend"}
    assert drawn(1.6) == set()


def test_a_copy_on_its_original_is_one_text() -> None:
    assert rules(lambda s: s.add(Label("one", s.pen, size=0.4), Label("one", s.pen, size=0.4))) == set()


def test_text_on_the_header() -> None:
    assert "overlap" in rules(lambda s: s.add(Label("title", s.pen, size=0.4).move_to(s.header[3])))


@pytest.mark.parametrize("at", [(6.5, 0), (-6.9, 0), (0, -3.7), (0, 3.8)])
def test_outside_the_safe_margin(at: tuple[float, float]) -> None:
    assert "margin" in rules(lambda s: s.add(shapes.dot("#FFFFFF", 0.2).move_to([*at, 0])))


def test_letters_too_small() -> None:
    assert "small" in rules(lambda s: s.add(Label("tiny", s.pen, size=0.25)))
    assert "small" in rules(lambda s: s.add(Label("薬", s.pen, size=0.15)))


def test_text_that_does_not_stand_out() -> None:
    assert "contrast" in rules(lambda s: s.add(Label("faint", s.pen, size=0.4, color=s.theme.faint)))
    assert "contrast" in rules(lambda s: s.add(Label("half", s.pen, size=0.4).set_fill(opacity=0.4)))
    assert "contrast" in rules(
        lambda s: s.add(shapes.panel(2, 1, s.theme.ink), Label("ink", s.pen, size=0.4))
    )


def test_a_theme_without_a_ground_is_checked_on_all_that_it_may_lie_on() -> None:
    grey = "#747474"  # 4.6:1 on white, less on anything darker
    assert contrast(grey, "#FFFFFF") > 4.5
    kind = type(
        "Drawn",
        (Toy,),
        {"drawing": staticmethod(lambda s: s.add(Label("grey", s.pen, size=0.4, color=grey)))},
    )
    findings, _ = lint_case(Case("query", "tiny", TINY, SceneOptions(theme="transparent")), kind)
    assert {f.rule for f in findings} - TIMES == {"contrast"}
    assert any(ground in str(findings[0]) for ground in theme.TRANSPARENT.more_grounds)


def test_hidden_things_do_not_count() -> None:
    assert (
        rules(lambda s: s.add(Label("x", s.pen, size=0.1).set_fill(opacity=0).move_to([6.9, 0, 0]))) == set()
    )


def goes_and_returns(
    thing: Any, shift: tuple[float, float, float], run_time: float = 2.0
) -> Callable[[Any], Any]:
    """A motion with nothing wrong at either end."""
    return lambda s: s.play(thing(s).animate.shift(shift), rate_func=there_and_back, run_time=run_time)


def test_leaving_the_safe_margin_on_the_way() -> None:
    def dot(s: Any) -> Any:
        return shapes.dot("#FFFFFF", 0.2)

    assert rules(goes_and_returns(dot, (0.0, -3.9, 0.0))) == {"margin"}
    assert rules(goes_and_returns(dot, (0.0, -1.0, 0.0))) == set()


def two(s: Any, other: str = "two") -> Any:
    """Two texts a unit and a half apart; the first one is given back."""
    s.add(Label(other, s.pen, size=0.4).shift([0.0, -1.5, 0.0]))
    return Label("one", s.pen, size=0.4)


def test_texts_that_stay_upon_each_other_on_the_way() -> None:
    over = (0.0, -1.5, 0.0)
    assert rules(goes_and_returns(two, over)) == {"crossing"}
    assert rules(goes_and_returns(two, over, run_time=0.3)) == set()  # passes
    assert rules(goes_and_returns(two, (0.0, -0.8, 0.0))) == set()  # does not reach it
    assert rules(goes_and_returns(lambda s: two(s, "one"), over)) == set()  # a copy


def test_a_text_that_gives_way_is_not_in_the_way() -> None:
    def drawing(s: Any) -> None:
        old, new = Label("old", s.pen, size=0.4), Label("new", s.pen, size=0.4).shift([0.0, -1.5, 0.0])
        away = FadeOut(old, rate_func=squish_rate_func(lambda t: t, 0.0, 0.3))
        s.play(away, new.animate.move_to(old), run_time=2.0)

    assert rules(drawing) == set()


def test_a_stage_off_its_budget() -> None:
    assert rules(lambda s: None, budget=20.0) == {"budget"}


def test_a_caption_that_goes_too_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorreel.visuals.stage.scene.reading_time", lambda text, lang: 0.0)
    assert "caption" in rules(lambda s: None)


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"


@pytest.mark.parametrize("look", list(theme.THEMES.values()), ids=lambda t: t.name)
def test_hues_stay_apart_for_every_vision(look: theme.Theme) -> None:
    assert list(palette_findings(look)) == []


def test_hues_that_collapse_are_found() -> None:
    from dataclasses import replace

    red_green = replace(theme.DARK, roles={"key": "#63BDF2", "param": "#B9A7F0"})
    assert any("deuteranopia" in line or "protanopia" in line for line in palette_findings(red_green))
