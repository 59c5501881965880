"""The way back from the answer: exact where it adds up, true of any model, and in the whole film alone."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel import scenes
from tensorreel.core.claim import ClaimKind
from tensorreel.core.engine import forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.model import Model
from tensorreel.core.quantity import total
from tensorreel.families.choices import Choices, architecture_of
from tensorreel.film.draw import manim_setup
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.run.contents import film_jobs
from tensorreel.models import tiny_model
from tensorreel.models.samples import random_model
from tensorreel.review.cases import Case
from tensorreel.review.run import audit_one, lint_one
from tensorreel.visuals.look.options import CUTS, FULL, SceneOptions
from tests.architectures import GATED, ONE_NORM, small_model
from tests.rehearsal import rehearsed

manim_setup.import_manim()

from tensorreel.visuals.chapters.output.trail import Trail  # noqa: E402
from tensorreel.visuals.stage.scene import StageScene  # noqa: E402

CHOICES = (
    Choices(norm="pre"),
    Choices(attention_biases=True),
    Choices(norm="pre", attention_biases=True, final_norm=True, activation="gelu"),
)


@lru_cache
def models() -> dict[str, Model]:
    """The built-in one, and others of its sizes or of none that it has."""
    rng = np.random.default_rng(3)
    sizes: Any = {"V": 8, "T": 5, "d": 4, "h": 2, "d_ff": 6, "L": 2}
    made = {c.name: random_model(rng, architecture=architecture_of(c), **sizes) for c in CHOICES}
    small: Any = {"V": 1, "T": 1, "d": 1, "h": 1, "d_ff": 1, "L": 1}
    return made | {
        "tiny": tiny_model(),
        "gated": small_model(GATED),
        "one norm": small_model(ONE_NORM),
        "smallest": random_model(rng, **small),
    }


NAMES = ("tiny", "gated", "one norm", "smallest", *(c.name for c in CHOICES))


def trail_of(model: Model) -> Trail:
    return Trail(StageScene(None, trace=forward(model)))


def without_words(model: Model) -> Model:
    """A model in which no word can be told from another."""
    return replace(model, params={**model.params, "E": np.full_like(model.params["E"], 0.5)})


@pytest.mark.parametrize("name", NAMES)
def test_the_terms_make_the_scores_and_their_differences_what_lies_between(name: str) -> None:
    trail = trail_of(models()[name])
    first, second = (trail.scores.values[-1, word] for word in (trail.first, trail.second))
    assert first >= second
    assert total(trail.terms(trail.first)).value == pytest.approx(first)
    assert total(trail.differences).value == pytest.approx(first - second)
    assert trail.differences.values[trail.column] == max(trail.differences.values)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "one norm"])
def test_the_last_layer_has_added_what_attention_and_the_network_gave(name: str) -> None:
    trail = trail_of(models()[name])
    assert [a.added.name for a in trail.additions] == ["ffn_output", "attn_output"]
    for one, other, whole in trail.lines:
        assert one.value + other.value == pytest.approx(whole.value)
    shares = trail.shares
    assert shares is not None
    made = total([*shares.heads, *shares.bias]).value
    assert made == pytest.approx(trail.additions[-1].added.values[-1, trail.column])
    assert abs(shares.heads[shares.strongest].value) == max(abs(q.value) for q in shares.heads)


def test_where_a_layer_is_wired_in_another_way_the_trail_ends() -> None:
    trail = trail_of(models()["one norm"])
    assert (trail.additions, trail.shares, trail.several) == ([], None, False)


@pytest.mark.parametrize(
    ("name", "norms"), {"tiny": [True, True], CHOICES[0].name: [False, False], CHOICES[2].name: [True, False]}.items()
)  # fmt: skip
def test_it_is_said_where_a_norm_lies_behind_a_sum(name: str, norms: list[bool]) -> None:
    assert [a.normed for a in trail_of(models()[name]).additions] == norms


def captions(model: Model) -> list[Any]:
    return rehearsed("why", forward(model), SceneOptions())


def test_a_tie_is_called_one() -> None:
    _, column, *_ = captions(without_words(tiny_model()))
    assert column.english == "Here is one of the largest differences."
    assert [claim.fact for claim in column.facts] == [ClaimKind.LARGEST]
    _, column, *_ = captions(tiny_model())
    assert column.english == "Here the difference is largest."


def test_what_a_model_has_not_is_not_told() -> None:
    assert len(captions(models()["tiny"])) == 5
    assert len(captions(models()["one norm"])) == 2
    assert [c.english for c in captions(models()["smallest"])][:1] == ["Why {word}? Its score, term by term."]
    assert len(captions(models()["smallest"])) == 3  # no other word, and one head


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_its_numbers_and_sentences_are_recomputed(name: str) -> None:
    assert audit_one(Case("why", name, forward(models()[name]), SceneOptions())).findings == ()


# ---- then what ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "said"), {4: "Then this word joins in, ", 5: "Then it would join in; "}.items()
)
def test_a_word_joins_the_sentence_where_there_is_a_row_of_p_for_it(words: int, said: str) -> None:
    model = tiny_model()
    assert model.config.n_ctx == 5
    *_, last = rehearsed("recap", forward(model, model.tokens[:words]), SceneOptions())
    assert last.english.startswith(said)


@pytest.mark.slow
@pytest.mark.parametrize("check", [lint_one, audit_one])
def test_a_shorter_sentence_goes_on(check: Any) -> None:
    model = tiny_model()
    trace = forward(model, model.tokens[:4])
    assert check(Case("recap", "short", trace, SceneOptions())).findings == ()


# ---- cuts ------------------------------------------------------------------------------------------
def test_it_stands_before_the_recap_in_the_whole_film_alone() -> None:
    assert scenes.film()[-2:] == ("why", "recap")
    assert {cut: "why" in scenes.film(cut=cut) for cut in CUTS} == {cut: cut == FULL for cut in CUTS}


@pytest.mark.parametrize("cut", CUTS)
def test_who_asks_for_it_in_another_cut_is_told(cut: str) -> None:
    like = Job("", forward(tiny_model()), SceneOptions(cut=cut), Picture(480, 270, 10), "mp4", Path())
    assert [job.scene for job in film_jobs(like)] == [*scenes.film(cut=cut)]
    if cut == FULL:
        assert film_jobs(like, ["why"])
    else:
        with pytest.raises(UsageProblem, match="why: not in the cut"):
            film_jobs(like, ["why"])
