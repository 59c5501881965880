"""A training reel: checkpoints in order, one scale, clips that know nothing of what follows, numbers that know their
step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tensorreel.core.errors import InputError, TensorreelError, UsageProblem
from tensorreel.core.quantity import Quantity
from tensorreel.film.job.atomic import replacing
from tensorreel.film.job.digests import digest
from tensorreel.film.job.job import Clip, Job, Progress
from tensorreel.film.make.backend import Noted
from tensorreel.film.run.production import RunOptions, list_work
from tensorreel.film.run.reel import make_reel, reel_jobs
from tensorreel.models import tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.variations.scalars import Scalars, read_scalars
from tensorreel.variations.steps import by_step, step_of
from tensorreel.variations.training import digest_of, round_up, trained
from tensorreel.visuals.look.options import SceneOptions
from tests.stub import FRAMES, PICTURE, STUB
from tests.trainings import loss, training_of


# ---- which checkpoints, in which order ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("step-000100.safetensors", 100),
        ("checkpoint-500/model.safetensors", 500),
        ("run2/epoch3-step40.npz", 40),
        ("7.toml", 7),
    ],
)
def test_a_name_says_the_step(name: str, step: int) -> None:
    assert step_of(Path(name)) == step


def test_a_folder_holds_files_and_folders_in_any_order(tmp_path: Path) -> None:
    for name in (
        "step-20.npz",
        "step-3.npz",
        "step-3.npz.toml",
        "log.csv",
        "checkpoint-100/model.safetensors",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [step for step, _ in by_step([tmp_path])] == [3, 20, 100]
    assert [path.name for _, path in by_step([tmp_path / "step-20.npz", tmp_path / "step-3.npz"])] == [
        "step-3.npz",
        "step-20.npz",
    ]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["final.npz", "step-1.npz"], "final.npz.*no step in its name"),
        (["a-1.npz", "b-1.npz"], "b-1.npz: step 1, as of .*a-1.npz"),
        (["step-1.npz"], "expected two or more"),
    ],
)
def test_where_no_order_can_be_read_one_line_says_so(tmp_path: Path, names: Sequence[str], said: str) -> None:
    with pytest.raises(TensorreelError, match=said):
        by_step([tmp_path / name for name in names])


def test_a_folder_without_checkpoints_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no checkpoint"):
        by_step([tmp_path])


def test_checkpoints_of_another_model_are_refused() -> None:
    models = {Path("step-1.toml"): tiny_model(), Path("step-2.toml"): sample_models()["causal"]}
    with pytest.raises(InputError, match=r"step-2.toml: vocab_size: 7, expected 8"):
        trained(by_step([*models]), models.__getitem__, lambda model: model.tokens)


# ---- scalars --------------------------------------------------------------------------------------------
def test_a_column_is_read_by_step(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("step,loss,lr\n10,0.5,1e-3\n0,1.25,2e-3\n")
    assert read_scalars(log) == Scalars("loss", (0, 10), (1.25, 0.5), 2)
    assert read_scalars(log, "lr").values == (2e-3, 1e-3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epoch,loss\n1,2\n", "columns epoch, loss"),
        ("step,loss\n1,nan\n", "line 2: nan, expected a finite number"),
        ("step,loss\n1,2\nx,3\n", "line 3: 'x,3'"),
        ("step,loss\n", "no row"),
        ("", "columns none"),
    ],
)
def test_a_log_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_scalars(tmp_path / "log.csv")


def test_a_checkpoint_without_a_row_is_named() -> None:
    with pytest.raises(InputError, match="loss: no row of step 20"):
        replace(loss(2), steps=(0, 10), values=(1.0, 0.5)).at(20)


# ---- one scale --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("x", "up"), [(0.97, 1), (1, 1), (3.2, 5), (5.01, 10), (0.021, 0.05), (0, 1), (180, 200)]
)
def test_scales_are_round_numbers(x: float, up: float) -> None:
    assert round_up(x) == up


def test_shades_and_decimals_are_those_of_all_checkpoints() -> None:
    training = training_of(4, "attn_scores")
    shown, values = training.shown, [c.trace["attn_scores"].values for c in training.checkpoints]
    assert shown.scale == round_up(round(float(np.abs(values).max()), 2))
    assert {shown.at(c).decimals for c in training.checkpoints} == {shown.whole.decimals}


def test_a_clip_shows_nothing_of_checkpoints_that_follow() -> None:
    few, more = (training_of(n, scalars=loss(9), until=100).moments for n in (5, 6))
    assert [digest_of([m]) for m in few[:-1]] == [digest_of([m]) for m in more[:5]]
    assert len({digest_of([m]) for m in more}) == len(more) == 7


# ---- clips are kept -----------------------------------------------------------------------------------
def draw(job: Job, progress: Progress) -> Noted:
    """A clip that is text: what its moment can show."""
    with replacing(job.target) as part:
        part.write_text(f"{digest_of(job.moments)}\n" * FRAMES)
    return Noted(digest(digest_of(job.moments)), (), Clip(job.scene, job.target, FRAMES, PICTURE.fps, ()))


def look(job: Job, progress: Progress) -> Noted:
    """The same without a clip."""
    return Noted(digest(digest_of(job.moments)), ())


@pytest.mark.runs
def test_one_more_checkpoint_makes_only_what_is_new(tmp_path: Path) -> None:
    orders = RunOptions(2, tmp_path / "cache", backend=replace(STUB, draw=draw, look=look))
    options = SceneOptions()

    def jobs(n: int) -> list[Job]:
        return reel_jobs(training_of(n, scalars=loss(40), until=400), options, PICTURE, "mp4")

    assert make_reel(jobs(30), tmp_path / "reel.mp4", orders) == 31 * FRAMES
    new = [plan.job.moments[0] for plan in list_work(jobs(31), orders) if plan.entry is None]
    assert [(m.before and m.before.step, m.now.step, m.ends) for m in new] == [
        (290, 300, False),
        (300, 300, True),
    ]
    make_reel(jobs(31), tmp_path / "reel.mp4", orders)
    assert [plan for plan in list_work(jobs(31), orders) if plan.entry is None] == []


def test_what_is_no_film_is_one_clip_of_all_moments() -> None:
    (job,) = reel_jobs(training_of(3), SceneOptions(), PICTURE, "gif")
    assert len(job.moments) == 4


@pytest.mark.parametrize("stage", ["query", "value"])
def test_rows_of_two_numbers_are_points_on_the_axes_of_all_checkpoints(stage: str) -> None:
    from tensorreel.visuals.chapters.training.exposure import Exposure
    from tensorreel.visuals.lettering.glyphs import Pen
    from tensorreel.visuals.look import theme

    moment = training_of(2, stage, layer=0, head=0).moments[1]
    words = {"T": moment.now.trace.labels}
    pen = Pen(theme.DARK)
    units, origins = set[float](), set[tuple[float, float]]()
    for checkpoint in (moment.before, moment.now):
        assert checkpoint is not None
        drawn = Exposure(moment.shown, checkpoint, pen, names=words, focus=0, answers=False)
        values = moment.shown.at(checkpoint).values
        places = np.array([dot.get_center()[:2] for dot in drawn.marks[: len(values)]])
        unit = np.linalg.norm(places[1] - places[0]) / np.linalg.norm(values[1] - values[0])
        units.add(round(float(unit), 6))
        origins |= {(round(float(x), 6), round(float(y), 6)) for x, y in places - unit * values}
        assert [text.text for text in drawn.marks[len(values) :]] == list(words["T"])
    assert len(units) == len(origins) == 1


# ---- numbers know their step -----------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("stage", ["attn_weights", "value"])
def test_a_reel_passes_lint_and_audit(stage: str) -> None:
    from tensorreel.review.training.checkpoints import reviewed

    found, numerals = reviewed(training_of(2, stage, scalars=loss(2)), SceneOptions(lang="ja", theme="light"))
    assert found == []
    assert numerals > 40


def test_a_number_of_another_checkpoint_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorreel.review.cases import play
    from tensorreel.review.training.checkpoints import TrainingAuditor, TrainingReckoner, case_of
    from tensorreel.visuals.chapters.training.checkpoint_tensor import CheckpointTensor

    training = training_of(2)
    case, kind = case_of(training.moments[1:2], SceneOptions())

    def findings() -> str:
        auditor = TrainingAuditor(case, TrainingReckoner(training))
        play(case, auditor, kind)
        return "\n".join(map(str, auditor.findings))

    assert findings() == ""
    true = CheckpointTensor._make
    monkeypatch.setattr(
        CheckpointTensor, "_make", lambda t, i, j: replace(true(t, i, j), args=(0, true(t, i, j).args[1]))
    )
    assert "of step 0 stands at step 10" in findings()

    def between(t: CheckpointTensor, i: int, j: int) -> Quantity:
        return replace(true(t, i, j), value=true(t, i, j).value + 0.1, shown=None)

    monkeypatch.setattr(CheckpointTensor, "_make", between)
    assert "the model says" in findings()


def test_a_scalar_and_a_scale_are_looked_up_again() -> None:
    from tensorreel.review.recipes import UnknownRecipeError
    from tensorreel.review.training.checkpoints import TrainingReckoner
    from tensorreel.variations.training import scalar

    training = training_of(2, "attn_scores", scalars=loss(3))
    reckoner = TrainingReckoner(training)
    assert float(reckoner.value(training.shown.full)) == training.shown.scale
    assert float(reckoner.value(scalar(loss(3), 10))) == loss(3).at(10)
    with pytest.raises(UnknownRecipeError, match="accuracy"):
        reckoner.value(scalar(replace(loss(3), name="accuracy"), 10))


# ---- the command, and the example ---------------------------------------------------------------------
def test_stages_and_places_are_checked_first(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tensorreel.cli.evolve import evolve
    from tensorreel.models import builtin_text

    for k in (1, 2):
        (tmp_path / f"step-{k}.toml").write_text(builtin_text(), encoding="utf-8")
    for more, said in (
        (["--stage", "nosuch"], "nosuch"),
        (["--head", "9"], "head 9"),
        (["--column", "x"], "--scalars"),
    ):
        result = CliRunner().invoke(evolve, [str(tmp_path), *more])
        assert isinstance(result.exception, UsageProblem)
        assert said in str(result.exception)


@pytest.mark.slow
def test_the_example_trains_what_the_program_reads(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="no PyTorch: the extra tensorreel[torch]")
    import runpy

    from tensorreel.models.reading import read_model

    example = Path(__file__).parents[1] / "examples" / "train_tiny.py"
    runpy.run_path(str(example))["main"](tmp_path)
    found = trained(by_step([tmp_path]), read_model, lambda model: model.tokens)
    log = read_scalars(tmp_path / "log.csv")
    assert len(found) == 30
    assert log.values[0] > 1 > 0.01 > log.values[-1]
    first, last = (model.trace.words for model in (found[0], found[-1]))
    assert first == last == ("one", "to", "ten", "is", "a")
