"""A film of differences: what is unchanged has one beat, what stood there before is the old model's, and both are
recomputed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from tensorreel.scenes import around, film, named

from tensorreel.cli import main
from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import UsageProblem
from tensorreel.core.quantity import cell
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.keep.fingerprint import sentence_parts
from tensorreel.models.samples import random_model
from tensorreel.review.cases import Case
from tensorreel.review.recipes import Reckoner, UnknownRecipeError
from tensorreel.review.recompute import ReferencePass
from tensorreel.variations.before import change_of, felt_in, of_before, otherwise, shown_otherwise
from tensorreel.variations.change import varied
from tensorreel.variations.difference import stage_difference, stage_differences
from tensorreel.visuals.against.pair import OldTensor, TensorPair
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tests.model_files import to_toml

W_V = "set layers.0.W_V[1,1,0]=0.9"
UNCHANGED = {"token_embedding", "embedding", "query", "key", "attn_scores", "attn_weights"}


@cache
def before() -> Trace:
    return forward(random_model(np.random.default_rng(3), V=4, T=2, d=4, h=2, d_ff=3, L=1, decimals=1))


@cache
def now(asked: str = W_V) -> Trace:
    old = before()
    return forward(varied(old.model, [asked]), old.tokens)


def case_of(scene: str, asked: str = W_V, **options: Any) -> Case:
    return Case(scene, "compared", now(asked), SceneOptions(**options), old=before())


def audited(case: Case) -> Any:
    from tensorreel.review.audit import audit_case

    return audit_case(case)


def beats(case: Case) -> list[str]:
    from tensorreel.review.cases import play

    return [beat.name for beat in play(case, lambda *seen: None).beats]


# ---- which stages ------------------------------------------------------------------------------------
def test_one_entry_of_w_v_changes_what_follows_it_and_nothing_else() -> None:
    same = {found.stage.name for found in stage_differences(before(), now()) if not found.differs}
    assert same == UNCHANGED


def test_a_stage_in_which_nothing_changes_is_one_beat() -> None:
    assert beats(case_of("query")) == ["same"]


def test_another_one_ends_with_what_was_before() -> None:
    assert beats(case_of("value"))[-2:] == ["three", "before"]


def test_what_kind_of_film_it_is_is_said_once_and_before_the_stages() -> None:
    assert beats(case_of("opening"))[-1] == "compared"
    for scene in around("after", "against"):
        assert "compared" not in beats(case_of(scene)), scene


def test_the_film_has_an_end_of_its_own_and_no_other_film_has() -> None:
    assert film(ARTICLE, compares=True) == (*film(ARTICLE), "difference")
    assert named(["difference"], compares=True) == ("difference",)
    with pytest.raises(UsageProblem, match="difference"):
        named(["difference"])


# ---- numbers -----------------------------------------------------------------------------------------
def reckoner(old: Trace, new: Trace) -> Reckoner:
    return Reckoner(*(ReferencePass(t.model, t.tokens) for t in (new, old)))


@pytest.mark.parametrize("asked", [W_V, "without norm", "causal", "without head:1"])
def test_what_is_counted_is_counted_again(asked: str) -> None:
    again = reckoner(before(), now(asked))
    counted = [shown_otherwise(before(), now(asked), d) for d in stage_differences(before(), now(asked))]
    for quantity in (q for group in counted for q in group.values()):
        assert again.value(quantity) == quantity.value
    felt = felt_in([*group.values()] for group in counted)
    assert again.value(felt) == felt.value > 0


def test_a_change_is_that_of_the_printed_digits() -> None:
    a, b = (cell(t.at(layer=0)["value"], 1, 1, 0) for t in (before(), now()))
    change = change_of(of_before(a), 1, b, 1)
    assert change is not None
    assert reckoner(before(), now()).printed(
        change, 1
    ) == f"{round(b.value, 1) - round(a.value, 1):.1f}".replace("-", "−")
    assert change_of(of_before(a), 1, replace(b, value=-np.inf), 1) is None


def test_without_a_model_before_nothing_was_before() -> None:
    alone = Reckoner(ReferencePass(now().model, now().tokens))
    with pytest.raises(UnknownRecipeError, match="no model before"):
        alone.value(of_before(cell(before()["E"], 0, 0)))


@pytest.mark.parametrize("scene", ["key", "value", "difference"])
def test_the_audit_finds_nothing_wrong(scene: str) -> None:
    auditor = audited(case_of(scene, lang="ja", theme="light"))
    assert auditor.findings == []
    assert auditor.checked > 3


def test_a_number_that_never_stood_there_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorreel.visuals.against.pair import OldTensor

    true = OldTensor._make
    monkeypatch.setattr(OldTensor, "_make", lambda t, i, j: replace(true(t, i, j), value=7.77, shown=None))
    assert "'7.77', the model says" in "\n".join(map(str, audited(case_of("difference")).findings))


def test_that_nothing_changes_is_a_finding_where_something_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorreel.visuals.against import compared, sayings

    lie = stage_difference(before(), before(), ARTICLE.find("value"), 0)
    monkeypatch.setattr(compared, "stage_difference", lambda *asked: lie)
    assert "declares as_before, otherwise" in str(audited(case_of("value")).findings[0])
    none = {name: replace(q, value=0.0) for name, q in shown_otherwise(before(), now(), lie).items()}
    monkeypatch.setattr(sayings, "shown_otherwise", lambda *asked: none)
    assert "the model says otherwise" in str(audited(case_of("value")).findings[0])


@pytest.fixture(params=["finer", "coarser"])
def unlike(request: pytest.FixtureRequest) -> tuple[Trace, Trace]:
    """Two models, one number of which gives a matrix of the one more decimals than the other's has."""
    there = float(before()["W_V"].values[0, 1, 0])
    finer = now(f"set layers.0.W_V[0,1,0]={there + 0.05:.2f}")
    return (before(), finer) if request.param == "finer" else (finer, before())


def test_a_number_that_gives_its_matrix_more_decimals_is_the_only_one_that_is_otherwise(
    unlike: tuple[Trace, Trace],
) -> None:
    one, other = (trace["W_V"] for trace in unlike)
    assert {one.decimals, other.decimals} == {1, 2}
    counted = otherwise(one, other)
    assert counted.value == 1 == reckoner(*unlike).value(counted)
    drawn = DisplayTensor(other.of_head(0), other)
    pair = TensorPair(drawn, OldTensor.like(drawn, unlike[0]))
    assert pair.places == {(1, 0)}
    assert pair.before.decimals == 2
    assert pair.changes == ["+0.05" if other.decimals == 2 else "−0.05"]


@pytest.mark.parametrize("scene", ["value", "difference"])
def test_a_film_of_matrices_with_other_decimals_is_true(scene: str, unlike: tuple[Trace, Trace]) -> None:
    auditor = audited(replace(case_of(scene), trace=unlike[1], old=unlike[0]))
    assert auditor.findings == []
    assert auditor.checked > 3


# ---- clips and commands --------------------------------------------------------------------------------
def test_the_memory_of_a_clip_knows_the_model_before() -> None:
    job = Job("query", now(), SceneOptions(), Picture(320, 180, 10), "mp4", Path(), old=before())
    assert sentence_parts(job)["before"] == before().model.digest
    assert "before" not in sentence_parts(replace(job, old=None))


def test_another_model_before_makes_only_the_clips_anew_that_show_it() -> None:
    from tensorreel.film.make.backend import dry_play

    other = forward(varied(before().model, ["set layers.0.W_V[0,0,0]=0.7"]), before().tokens)

    def views(scene: str) -> set[str]:
        job = Job(scene, now(), SceneOptions(), Picture(320, 180, 10), "mp4", Path())
        return {dry_play(replace(job, old=old), lambda frames: None).view for old in (before(), other)}

    assert len(views("key")) == 1
    assert len(views("value")) == 2


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a model and one that is changed."""
    (tmp_path / "old.toml").write_text(to_toml(before().model))
    (tmp_path / "new.toml").write_text(to_toml(now().model))
    return tmp_path


def asked(folder: Path, *args: str) -> Any:
    model = ("--model", str(folder / "new.toml"), "--cache-dir", str(folder / "cache"))
    return CliRunner().invoke(main, ["render", *model, *args], standalone_mode=False)


def test_a_dry_run_says_which_stages_change(files: Path) -> None:
    told = asked(files, "query", "value", "--against", str(files / "old.toml"), "-n").output.splitlines()
    assert told[:2] == ["changes: value", "nothing changes: query"]
    clips = json.loads(
        asked(files, "query", "value", "--against", str(files / "old.toml"), "-n", "--json").output
    )
    assert [clip["changes"] for clip in clips["clips"]] == [False, True]
    assert "changes" not in json.loads(asked(files, "query", "-n", "--json").output)["clips"][0]


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("--against", "itself"), "--against itself without a change"),
        (("--against", "gone.toml"), "gone.toml"),
        (("--against", "wide.toml"), "d_model: 4, expected 6"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_line(
    args: tuple[str, ...], line: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    wide = random_model(np.random.default_rng(3), V=4, T=2, d=6, h=2, d_ff=3, L=1, decimals=1)
    (files / "wide.toml").write_text(to_toml(wide))
    assert line in str(asked(files, "query", "-n", *args).exception)
