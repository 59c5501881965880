"""The worksheet: what is left out is the engine's printed number, and the arithmetic beside it can be done by hand."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tensorreel.cli import main
from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.expression import evaluate
from tensorreel.core.formatting import parse_number
from tensorreel.models import tiny_model
from tensorreel.models.samples import large_model, sample_models
from tensorreel.publish.export.exercises import METHODS, Exercise, exercises, sheet_place
from tensorreel.publish.export.worksheet import worksheet_of, write_worksheet
from tensorreel.words.languages import LANGUAGES
from tests.test_diff import digits

MODELS = {"tiny": tiny_model(), **sample_models()}
POWER = re.compile(r"e\^(\([^()]*\)|[\d.]+)")


def sheet(model: str, seed: int = 1) -> tuple[Trace, list[Exercise]]:
    """The trace in the layer and head of a sheet, and its exercises."""
    trace = forward(MODELS[model])
    layer, head = sheet_place(trace, seed)
    here = trace.at(layer=layer, head=head)
    return here, exercises(here, seed)


@pytest.mark.parametrize("model", MODELS)
def test_each_answer_is_the_number_that_the_film_prints(model: str) -> None:
    trace, found = sheet(model)
    assert len(found) > 8
    for exercise in found:
        name, width = exercise.stage.name, trace[exercise.stage.name].shape[1]
        whole = digits(trace, name)
        assert exercise.answers == [whole[i * width + j] for i, j in exercise.blanks]


def worked_out(line: str) -> tuple[Decimal, str, Decimal]:
    """What a calculator makes of the left side of a line, its sign, and what is printed right of it."""
    left, sign, right = re.split(r" ([=≈]) ", line.removeprefix("μ = ").removeprefix("σ = "))
    with localcontext() as context:
        context.prec = 40
        zero = left.startswith("max(0, ")
        text = left.removeprefix("max(0, ")[:-1] if zero else left
        text = POWER.sub(lambda m: f"({evaluate(m[1]).exp():f})", text)
        root = text.startswith("√((")
        value = evaluate(text[1:]).sqrt() if root else evaluate(text)
        return (max(Decimal(0), value) if zero else value), sign, parse_number(right)


@pytest.mark.parametrize("model", ["tiny", "three-heads", "causal"])
def test_the_arithmetic_comes_out_as_printed(model: str) -> None:
    _, found = sheet(model, 2)
    for exercise in found:
        for line in (w.written(exercise.digits) for workings in exercise.blanks.values() for w in workings):
            if "e−" in line:  # a number with a power of ten
                continue
            value, sign, printed = worked_out(line)
            half = Decimal(5).scaleb(int(printed.as_tuple().exponent) - 1)
            assert abs(value - printed) <= half, line
            assert (value == printed) is (sign == "="), line


def test_other_seeds_leave_out_other_numbers() -> None:
    blanks = [{e.stage.name: tuple(e.blanks) for e in sheet("tiny", seed)[1]} for seed in range(6)]
    assert len({str(found) for found in blanks}) == 6
    assert len({sheet_place(forward(MODELS["largest"]), seed) for seed in range(20)}) > 3


def test_what_cannot_be_worked_out_is_no_exercise() -> None:
    trace, found = sheet("causal")
    scores = next(e for e in found if e.stage.name == "attn_scores")
    assert all(j <= i for i, j in scores.blanks)
    assert {e.stage.fn for e in found} <= set(METHODS)
    assert trace.model.config.causal


def pdf_text(path: Path) -> str:
    pypdf: Any = pytest.importorskip("pypdf")
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    trace = forward(MODELS["tiny"])
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_worksheet(trace, tmp_path / name, "en", seed)
    one, same, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert one == same != other
    text = pdf_text(tmp_path / "a")
    assert "Answers" in text
    assert "2. Adding the position" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sheet_leaves_its_answers_out_where_they_are_asked_for(lang: str) -> None:
    data = worksheet_of(forward(MODELS["tiny"]), lang, 1)
    for exercise in data["exercises"]:
        blank = [c["text"] for row in exercise["result"]["cells"] for c in row if c["blank"]]
        assert blank == exercise["blanks"] == [answer["name"] for answer in exercise["answers"]]
    assert data["title"] == worksheet_of(forward(MODELS["causal"]), lang, 1)["title"]


def test_a_model_too_large_for_paper_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="--to worksheet: T = 32, expected at most 8"):
        write_worksheet(forward(large_model()), tmp_path / "x.pdf", "en", 1)


def test_a_seed_is_one_of_a_worksheet(tmp_path: Path) -> None:
    asked = ["export", "--to", "json", "-o", str(tmp_path / "x.json"), "--seed", "3"]
    assert "--seed with --to json" in str(CliRunner().invoke(main, asked, standalone_mode=False).exception)
