"""Tables of 17 and of 19 stages, beside the article's in one process: all that reads the table follows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tensorreel import scenes
from tensorreel.cli import main
from tensorreel.core.engine import forward
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.job import Clip, Cue
from tensorreel.film.job.picture import Picture
from tensorreel.models import tiny_model
from tensorreel.models.reading import Understood
from tensorreel.publish.alt import alt_text
from tensorreel.publish.deck.lecture import Lecture, lecture_of
from tensorreel.publish.questions import question_of
from tensorreel.review.cases import Case, play
from tensorreel.review.run import Report, audit_one, lint_one
from tensorreel.visuals.chapters.journey.tensor_table import COLUMNS, ROWS, TensorTable
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.stage.scene import StageScene
from tensorreel.words.text import Text
from tests.architectures import GATED, ONE_NORM, OTHERS, small_model

TRACES = {name: forward(small_model(table)) for name, table in OTHERS.items()}
NEW = {"one-norm": {"ffn_sum", "last_hidden_state"}, "gated": {"ffn_gate", "ffn_output"}}
LAST = {"one-norm": "ffn_sum", "gated": "ffn_norm"}  # of a layer
by_name = pytest.mark.parametrize("name", OTHERS)


@pytest.fixture
def told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever file the command line is given, it is a model of this architecture."""
    model = TRACES[name].model
    monkeypatch.setattr("tensorreel.cli.asked.options.chosen_model", lambda *_: model)
    monkeypatch.setattr("tensorreel.cli.tables.understood", lambda *_: Understood(model))


def said(*args: object) -> str:
    result = CliRunner().invoke(main, [str(a) for a in args])
    assert result.exit_code == 0, result.output
    return result.stdout


def case(name: str, scene: str, lang: str = "en") -> Case:
    return Case(scene, name, TRACES[name], SceneOptions(lang=lang))


def played(name: str, scene: str) -> Any:
    return play(case(name, scene), lambda *_: None)


def built(name: str, scene: str) -> StageScene:
    """A scene with its map and header, before its storyboard is played."""
    made = scenes.find(scene, OTHERS[name])(None, trace=TRACES[name], options=SceneOptions())
    made.setup()
    return made


# ---- the table and the terminal ----------------------------------------------------------------------------
def test_there_are_one_less_and_one_more() -> None:
    assert [len(t.stages) for t in (ONE_NORM, ARTICLE, GATED)] == [17, 18, 19]


@by_name
def test_the_trace_runs_the_stages_that_are_declared(name: str) -> None:
    trace, table = TRACES[name], OTHERS[name]
    assert set(trace) == {*table.steps, *table.parameters, "hidden"}
    last = trace[LAST[name]].values
    np.testing.assert_array_equal(trace.at(layer=1)["hidden"].values, last)
    np.testing.assert_array_equal(trace["last_hidden_state"].values, trace.at(layer=1)[LAST[name]].values)


def test_what_the_new_stages_compute() -> None:
    plain, gated = TRACES["one-norm"], TRACES["gated"]
    sums = plain["attn_norm"].values + plain["ffn_hidden"].values @ plain["W_2"].values + plain["b_2"].values
    np.testing.assert_allclose(plain["ffn_sum"].values, sums)
    gates = gated["attn_norm"].values @ gated["W_G"].values
    np.testing.assert_allclose(gated["ffn_gate"].values, gated["ffn_hidden"].values * gates)


@by_name
def test_the_list_has_a_line_for_each_stage(name: str, told: None) -> None:
    lines = said("list").splitlines()
    for stage, line in zip(OTHERS[name].stages, lines, strict=True):
        assert line.split()[:2] == [str(stage.number), stage.cli_name]
        assert stage.formula_plain in line
    assert said("list", "--markdown").count("\n| ") == len(OTHERS[name].stages)
    assert [s["number"] for s in json.loads(said("list", "--json"))] == [
        s.number for s in OTHERS[name].stages
    ]


@by_name
def test_each_stage_is_shown_by_its_new_number(name: str, told: None) -> None:
    table = OTHERS[name]
    for stage in table.stages:
        first, meaning, *_ = said("show", stage.number).splitlines()
        assert first.startswith(f"{stage.number}/{len(table.stages)}  {stage.title.english}")
        assert meaning == stage.meaning.english


@by_name
def test_a_model_of_it_is_good(name: str, told: None) -> None:
    trace = TRACES[name]
    best = trace.model.labels[int(trace["probs"].values[-1].argmax())]
    assert f"→ {best} (p = " in said("model", "check", "any.toml")


# ---- what is drawn -------------------------------------------------------------------------------------------
@by_name
def test_the_default_draws_what_the_article_does_not_have(name: str) -> None:
    table = OTHERS[name]
    boards = {s.name: scenes.board_of(s.name, table) for s in table.stages}
    assert {n for n, board in boards.items() if board is scenes.DEFAULT} == NEW[name]
    assert {question_of(n, table) for n in NEW[name]} == {None}


@by_name
def test_the_map_has_its_stations(name: str) -> None:
    table = OTHERS[name]
    strip = built(name, "opening").map
    assert len(strip.dots) == len(strip.labels) == len(table.stages)
    assert (table.stages[strip.first - 1], table.stages[strip.last - 1]) == (table.layer[0], table.layer[-1])
    assert table.layer[-1].name == LAST[name]
    joins = {"one-norm": ["attn_norm"], "gated": ["attn_norm", "ffn_norm"]}[name]
    assert [b.name for _, b in table.bypasses] == joins
    assert len(strip.bypasses) == len(joins)
    xs = [strip.x(s.number) for s in table.stages]
    assert xs == sorted(xs)


@by_name
def test_the_header_counts_all_stages(name: str) -> None:
    stages = OTHERS[name].stages
    for stage in stages:
        number, _, of, *_ = built(name, stage.name).header
        assert (number.text, of.text) == (str(stage.number), str(len(stages)))


@by_name
def test_a_stage_that_is_named_by_its_number_has_the_new_one(name: str) -> None:
    number = next(s.number for s in OTHERS[name].stages if s.name == "logits")
    beats = {beat.name: beat.caption for beat in played(name, "token_embedding").beats}
    assert f"stage {number}" in beats["unused"].of("en")
    assert f"ステージ{number}" in beats["unused"].of("ja")


@by_name
def test_the_opening_counts_its_stations(name: str) -> None:
    beats = {beat.name: beat.caption.of("en") for beat in played(name, "opening").beats}
    assert f" {len(OTHERS[name].stages)} stations" in beats["map"]


@by_name
def test_the_recap_shows_every_stage_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[list[Text], TensorTable]] = []
    made = TensorTable.__init__

    def noted(self: TensorTable, stages: Any, *rest: Any) -> None:
        made(self, stages, *rest)
        shown.append(([purpose for purpose, *_ in stages], self))

    monkeypatch.setattr(TensorTable, "__init__", noted)
    played(name, "recap")
    ((purposes, table),) = shown
    assert purposes == [s.purpose for s in OTHERS[name].stages]
    assert sum(map(len, table.pages)) == len(purposes)
    assert max(map(len, table.pages)) <= COLUMNS * ROWS


def test_a_stage_without_a_purpose_is_told_by_its_title() -> None:
    (gate,) = (s for s in GATED.stages if s.name == "ffn_gate")
    assert gate.purpose is gate.title


# ---- what is published ---------------------------------------------------------------------------------------
def lecture(name: str) -> Lecture:
    """Of clips that nobody rendered."""
    cues = (Cue("whole", 0.0, 1.0, Text("All of it.", "deck")),)
    clips = [Clip(scene, Path("-"), 30, 30, cues) for scene in scenes.film(OTHERS[name])]
    picture = Picture(640, 360, 30)
    return lecture_of(clips, TRACES[name], lang="en", theme="dark", picture=picture, steps="beat")


@by_name
def test_a_deck_has_a_chapter_for_each_stage(name: str) -> None:
    chapters = [part.title("en") for part in lecture(name).parts if part.stage]
    assert chapters == [f"{s.number}. {s.title.english}" for s in OTHERS[name].stages]


@by_name
def test_a_deck_says_the_shapes_of_each_stage(name: str) -> None:
    for part in lecture(name).parts:
        if part.stage:
            *inputs, result = part.shapes("en")
            assert len(inputs) == len(part.stage.inputs)
            assert result.symbol == part.stage.symbol_plain


@by_name
def test_alt_text_counts_all_stages(name: str) -> None:
    table, trace = OTHERS[name], TRACES[name]
    for stage in table.stages:
        alt = alt_text(stage.name, trace, (), "en")
        assert f"stage {stage.number} of {len(table.stages)}: {stage.title.english}." in alt
        assert stage.formula_plain in alt


@by_name
def test_an_answer_names_stages_by_their_new_numbers(name: str) -> None:
    question = question_of("opening", OTHERS[name])
    assert question is not None
    assert f"stage {len(OTHERS[name].stages)}." in question.answer.of("en")


# ---- lint and audit ------------------------------------------------------------------------------------------
def film_of(name: str) -> Iterator[Any]:
    """Its scenes; those that the article's film has as they are, are looked at in the slow lane."""
    for scene in scenes.film(OTHERS[name]):
        around = {"recap"} if name != "gated" else set()  # one of them shows as much as both
        own = scene in {*scenes.around(), *NEW[name]} - around
        yield pytest.param(name, scene, marks=() if own else pytest.mark.slow)


@pytest.mark.parametrize("check", [lint_one, audit_one])
@pytest.mark.parametrize(("name", "scene"), [one for name in OTHERS for one in film_of(name)])
def test_its_film_is_clean(name: str, scene: str, check: Any) -> None:
    report: Report = check(case(name, scene))
    assert report.findings == ()
    assert sum(report.counts.values())


def test_a_wrong_reference_of_a_new_stage_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit recomputes what the new stages compute, too."""

    def halved(ffn_hidden: Any) -> Any:
        return [[x / 2 for x in row] for row in ffn_hidden]

    (gate,) = (s for s in GATED.stages if s.name == "ffn_gate")
    monkeypatch.setitem(_references(), gate.fn, halved)
    trace = forward(small_model(GATED))  # one that no second pass has been made of
    assert audit_one(Case("ffn_gate", "gated", trace, SceneOptions())).findings


def _references() -> Any:
    from tensorreel.review import references

    return references._REFERENCES


# ---- beside each other ---------------------------------------------------------------------------------------
def test_two_tables_live_in_one_process() -> None:
    for name, table in OTHERS.items():
        assert len(scenes.film(table)) == len(table.stages) + len(scenes.around())
        assert forward(TRACES[name].model).model.architecture is table
    article = forward(tiny_model())
    assert [s.number for s in article.model.architecture.stages] == [*range(1, 19)]
    assert "ffn_gate" not in article


def test_a_shared_stage_is_the_same_function_with_a_number_of_its_own() -> None:
    article, gated = (next(s for s in t.stages if s.name == "probs") for t in (ARTICLE, GATED))
    assert article.fn is gated.fn
    assert (article.number, gated.number) == (18, 19)


def test_models_of_two_tables_are_not_the_same() -> None:
    digests = {table.digest for table in (ARTICLE, *OTHERS.values())}
    assert len(digests) == 1 + len(OTHERS)
