"""What every deck is made of: steps, captions, alt text, notes, and a question for each scene."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tensorreel.scenes import film

from tensorreel import scenes
from tensorreel.core.engine import forward
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.job import Clip, Cue
from tensorreel.film.job.picture import Picture
from tensorreel.models import tiny_model
from tensorreel.publish.deck.lecture import LecturePart, LectureStep, lecture_of, steps_of
from tensorreel.publish.deck.notes import notes
from tensorreel.publish.plain import scripts
from tensorreel.publish.questions import QUESTIONS, question_of
from tests.saying import both

CUES = (Cue("one", 0.0, 2.0, both("One.", "一。")), Cue("two", 2.5, 4.0, both("Two.", "二。")))
CLIP = Clip("attn_scores", Path("clip.mp4"), 50, 10, CUES)


def part(scene: str = "attn_scores", **more: object) -> LecturePart:
    model = tiny_model()
    clip = Clip(scene, Path("clip.mp4"), 50, 10, CUES)
    lecture = lecture_of(
        [clip],
        forward(model, model.tokens),
        lang="en",
        theme="dark",
        picture=Picture(320, 180, 10),
        steps="beat",
    )
    return lecture.parts[0]


def test_a_step_goes_from_beat_to_beat_and_leaves_the_way_out_away() -> None:
    assert steps_of(CLIP, "beat") == (LectureStep(1, 0, 20, CUES[:1]), LectureStep(2, 20, 40, CUES[1:]))
    assert steps_of(CLIP, "stage") == (LectureStep(1, 0, 40, CUES),)


def test_a_step_goes_round_as_the_storyboard_says_or_as_the_deck_is_asked_to() -> None:
    clip = replace(CLIP, beats=(CUES[0], CUES[1]._replace(loop=True)))
    assert [s.loop for s in steps_of(clip, "beat")] == [False, True]
    assert [s.loop for s in steps_of(clip, "stage")] == [False], "a whole stage holds"
    assert [s.loop for s in steps_of(clip, "beat", True)] == [True, True]
    assert [s.loop for s in steps_of(clip, "beat", False)] == [False, False]


def test_beats_that_go_round_are_beats_of_their_scene() -> None:
    found = {name: scenes.find(name) for name in film()}
    assert any(scene.loops for scene in found.values())
    for scene in found.values():
        for beat in scene.loops:
            assert re.search(rf'self\.beat\(\s*"{beat}"', inspect.getsource(scene)), beat


def test_a_clip_without_beats_is_one_step() -> None:
    assert steps_of(Clip("opening", Path("a.mp4"), 7, 10, ()), "beat") == (LectureStep(1, 0, 7, ()),)


def test_captions_of_a_whole_stage_follow_each_other() -> None:
    (step,) = steps_of(CLIP, "stage")
    assert step.caption("en") == "One. Two."
    assert step.caption("ja") == "一。二。"


@pytest.mark.parametrize("scene", film())
def test_every_scene_has_a_question_with_an_answer(scene: str) -> None:
    question = question_of(scene, ARTICLE)
    assert question is not None
    for text in (question.ask, question.answer):
        assert text.of("en").isprintable()
        assert text.of("en")[-1] in ".?"
        assert text.of("ja")[-1] in "。？"
        assert any("\u3040" < c < "\u30ff" for c in text.of("ja")), "Japanese"
    assert "?" in question.ask.of("en")
    assert set(QUESTIONS) == set(film())


def test_notes_say_it_all_in_both_languages() -> None:
    one = part()
    model = tiny_model()
    lecture = lecture_of(
        [one.clip],
        forward(model, model.tokens),
        lang="ja",
        others=["en"],
        theme="dark",
        picture=Picture(320, 180, 10),
        steps="beat",
    )
    text = "\n".join(f"{head} {body}" for head, body in notes(lecture, one, one.steps[1]))
    for wanted in ("Two.", "二。", one.formula, "Q  h × T × d_k  2×5×2", "S  h × T × T  2×5×5"):
        assert wanted in text
    for said in (QUESTIONS["attn_scores"].ask, QUESTIONS["attn_scores"].answer):
        assert said.of("en") in text
        assert said.of("ja") in text


def test_notes_say_when_what_to_point_at_and_what_comes_next() -> None:
    model = tiny_model()
    clips = [replace(CLIP, scene=scene) for scene in ("opening", "attn_scores", "attn_weights")]
    told: dict[str, Any] = {"lang": "en", "theme": "dark", "picture": Picture(320, 180, 10), "others": ["de"]}
    trace = forward(model, model.tokens)
    whole = lecture_of(clips, trace, steps="stage", **told)
    opening, scores, weights = whole.parts
    said = notes(whole, scores, scores.steps[0])
    assert said[0] == ("Caption", "0:00  One.\n0:02  Two.")
    assert ("Point at", "Q, K: what goes in. S: what comes out.") in said
    assert ("Worauf zu zeigen ist", "Q, K: Das geht hinein. S: Das kommt heraus.") in said
    assert ("What comes next", f"7. Attention weights – {weights.meaning.of('en')}") in said
    assert "Point at" not in dict(notes(whole, opening, opening.steps[0])), "no stage"
    assert "What comes next" not in dict(notes(whole, weights, weights.steps[0])), "the last"
    beats = lecture_of(clips, trace, steps="beat", **told)
    first, last = beats.parts[1].steps
    assert dict(notes(beats, beats.parts[1], first))["What comes next"] == "Two."
    assert dict(notes(beats, beats.parts[1], last))["What comes next"].startswith("7. ")


def test_shapes_are_those_of_the_model() -> None:
    rows = [(row.symbol, row.letters, row.sizes, row.result) for row in part("ffn_hidden").shapes("en")]
    assert rows == [
        ("H′", "T × d", "5×4", False),
        ("W₁", "d × d_ff", "4×6", False),
        ("b₁", "d_ff", "6", False),
        ("F₁", "T × d_ff", "5×6", True),
    ]
    sizes = {row.symbol: row.sizes for row in part("opening").shapes("en")}
    assert sizes == {"T": "5", "V": "8", "d": "4", "h": "2", "d_k": "2", "d_ff": "6", "L": "2"}


def test_alt_text_names_the_stage_and_the_caption() -> None:
    said = part().alt(part().steps[0], "en")
    assert "stage 6 of 18" in said
    assert said.endswith("One.")


def test_raised_and_lowered_letters() -> None:
    assert scripts("W_Q + H⁽ˡ⁺¹⁾") == [("W", 0), ("Q", -1), (" + H", 0), ("(l+1)", 1)]
    assert scripts("QKᵀ / √d_k") == [("QK", 0), ("T", 1), (" / √d", 0), ("k", -1)]
    assert scripts("head₁, d_ff = 6") == [("head", 0), ("1", -1), (", d", 0), ("ff", -1), (" = 6", 0)]
