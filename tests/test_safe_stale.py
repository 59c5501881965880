"""Stale clips: a clip is made again if and only if what it shows has changed, whichever input changed."""

from __future__ import annotations

import secrets
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tensorreel.scenes import board_of

from tensorreel.cli.running import variants
from tensorreel.core.engine import forward
from tensorreel.core.errors import EnvironmentProblem
from tensorreel.core.model import Model
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import Picture
from tensorreel.film.keep import fingerprint, source
from tensorreel.film.keep.cache import opened
from tensorreel.film.keep.planner import Planner
from tensorreel.film.run.production import RunOptions, list_work, make_clips
from tensorreel.models import tiny_model
from tensorreel.models.samples import random_model
from tensorreel.visuals.look.options import SceneOptions
from tensorreel.words.languages import LANGUAGES
from tests.harness import no_font
from tests.stub import PICTURE, STUB, edited, expected, jobs_for, look

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "font_digest", no_font)


def small(layers: int) -> Model:
    """The tiny model, or its first layer alone."""
    tiny = tiny_model()
    if layers == tiny.config.n_layers:
        return tiny
    return replace(tiny, config=replace(tiny.config, n_layers=layers))


def stages_of(model: Model, folder: Path, **options: Any) -> list[Job]:
    """A job for every stage, and in every layer for the stages of a layer."""
    jobs = jobs_for(model, folder, [s.name for s in ARTICLE.stages if s.scope == "model"], **options)
    for layer in range(model.config.n_layers):
        names = [s.name for s in ARTICLE.stages if s.scope == "layer"]
        jobs += jobs_for(model, folder / f"layer-{layer}", names, layer=layer, **options)
    return jobs


def inputs_of(model: Model) -> list[str]:
    return [*model.params, "tokens"]


def changed(model: Model, name: str, by: float = 0.5) -> Model:
    """The model with one input changed so that it can be seen."""
    if name == "tokens":
        return replace(model, tokens=(model.tokens[0], *model.tokens[:0:-1]))
    array = model.params[name]
    index = tuple(int(i) for i in np.unravel_index(array.size // 2, array.shape))
    if name == "E":
        index = (model.tokens[2], 1)  # a word of the sentence
    return edited(model, name, index, round(float(array[index]) + by, 6))


def work(jobs: list[Job], cache: Path) -> set[Path]:
    """The targets of the clips that would be made again; as in ``list_work``, but without forking for looks."""
    with opened(cache, print) as kept:
        desk = Planner(kept)
        plans = [desk.seen(p, look(p.job, lambda n: None)) if p.look else p for p in desk.plan(jobs)]
    return {plan.job.target for plan in plans if plan.entry is None}


@pytest.mark.parametrize(("layers", "cells"), [(1, 270), (2, 837)])
@pytest.mark.runs
def test_every_input_and_every_stage(layers: int, cells: int, quick: Path) -> None:
    """For each input and each stage: made again exactly where the printed digits are other ones."""
    model = small(layers)
    before = {job.target: expected(job) for job in stages_of(model, quick)}
    make_clips(stages_of(model, quick), orders=RunOptions(1, quick / "cache", backend=STUB))
    seen = stale = 0
    for name in inputs_of(model):
        jobs = stages_of(changed(model, name), quick)
        again = work(jobs, quick / "cache")
        for job in jobs:
            shows_another = expected(job) != before[job.target]
            assert (job.target in again) == shows_another, (name, job.scene, job.options.layer)
            seen, stale = seen + 1, stale + shows_another
    assert seen == cells
    assert cells / 4 < stale < cells


@pytest.mark.parametrize("name", inputs_of(small(1))[:-1])
@pytest.mark.runs
def test_a_change_below_the_printed_digits_renders_nothing(name: str, quick: Path) -> None:
    model = random_model(
        np.random.default_rng(3), V=6, T=4, d=4, h=2, d_ff=6, L=1
    )  # more digits than are shown
    make_clips(jobs_for(model, quick), orders=RunOptions(1, quick / "cache", backend=STUB))
    other = changed(model, name, by=1e-9)
    assert other.digest != model.digest
    assert work(jobs_for(other, quick), quick / "cache") == set()


def test_a_changed_output_projection_renders_stage_11_and_later_only(quick: Path) -> None:
    model = tiny_model()
    make_clips(jobs_for(model, quick), orders=RunOptions(1, quick / "cache", backend=STUB))
    again = work(jobs_for(changed(model, "layers.0.W_O"), quick), quick / "cache")
    assert {path.stem for path in again} == {stage.name for stage in ARTICLE.stages[10:]}


FEW = ("token_embedding", "query", "attn_weights", "ffn_norm", "probs")
CHOICES: dict[str, Callable[[Job], Job]] = {
    "theme": lambda job: replace(job, options=replace(job.options, theme="light")),
    "language": lambda job: replace(job, options=replace(job.options, lang="ja")),
    "pace": lambda job: replace(job, options=replace(job.options, pace=2.0)),
    "size": lambda job: replace(job, picture=Picture(640, 360, PICTURE.fps)),
    "fps": lambda job: replace(job, picture=PICTURE.at(25)),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_of_the_viewer_is_another_clip(choice: str, quick: Path) -> None:
    jobs, orders = jobs_for(tiny_model(), quick, FEW), RunOptions(1, quick / "cache", backend=STUB)
    others = [CHOICES[choice](job) for job in jobs]
    make_clips(jobs, orders=orders)
    assert len(work(others, quick / "cache")) == len(jobs)
    make_clips(others, orders=orders)
    assert [job.target.read_bytes() for job in others] == [expected(job) for job in others]
    make_clips(jobs, orders=orders)
    assert [job.target.read_bytes() for job in jobs] == [expected(job) for job in jobs]
    assert work(jobs, quick / "cache") == work(others, quick / "cache") == set()


def test_another_font_file_under_the_same_name_is_noticed(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tensorreel.visuals.lettering import fontfiles

    monkeypatch.undo()
    source_font = Path(fontfiles.resolve_font(None).path)
    font = quick / "font.ttf"
    shutil.copy(source_font, font) if source_font.suffix == ".ttf" else _first_face(source_font, font)
    jobs = jobs_for(tiny_model(), quick, ("query",), font=str(font))
    make_clips(jobs, orders=RunOptions(1, quick / "cache", backend=STUB))
    assert work(jobs, quick / "cache") == set()
    font.write_bytes(font.read_bytes() + b"\0")
    assert len(work(jobs, quick / "cache")) == 1


def _first_face(collection: Path, font: Path) -> None:
    """A small font of its own, so that nothing large is copied."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Test"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(font)


def test_another_version_of_a_library_is_another_clip(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = jobs_for(tiny_model(), quick, FEW)
    make_clips(jobs, orders=RunOptions(1, quick / "cache", backend=STUB))
    now = dict(fingerprint.libraries())
    assert all(now.values()), now
    for name in (*fingerprint.LIBRARIES, "cairo"):
        monkeypatch.setattr(fingerprint, "libraries", lambda name=name: {**now, name: "0.0"})
        assert len(work(jobs, quick / "cache")) == len(jobs), name
    monkeypatch.setattr(fingerprint, "libraries", lambda: now)
    assert work(jobs, quick / "cache") == set()


def test_code_that_draws_is_in_the_key_and_code_that_does_not_is_not(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, scenes = source.folders()[source.PACKAGE], source.folders()[f"{source.PACKAGE}.scenes"]
    here = {source.PACKAGE: quick / "tensorreel", f"{source.PACKAGE}.scenes": quick / "scenes"}
    plain = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, here[source.PACKAGE], ignore=plain)
    shutil.copytree(scenes, here[f"{source.PACKAGE}.scenes"], ignore=plain, dirs_exist_ok=True)
    monkeypatch.setattr(source, "folders", lambda: here)
    jobs = jobs_for(tiny_model(), quick / "out", ("query", "attn_norm", "probs"))
    make_clips(jobs, orders=RunOptions(1, quick / "cache", backend=STUB))

    def after_a_change_of(name: str) -> set[str]:
        path = quick / name
        good = path.read_bytes()
        path.write_bytes(good + b"\n# changed\n")
        again = {target.stem for target in work(jobs, quick / "cache")}
        path.write_bytes(good)
        return again

    everything = {"query", "attn_norm", "probs"}
    for name in ("visuals/stage/scene.py", "visuals/lettering/fonts.py", "visuals/lettering/bidi.py", "film/draw/fast.py", "film/encode/encoder.py", "core/formatting.py",
                 "core/engine.py", "core/functional.py", "core/stages.py", "visuals/look/theme.py", "film/draw/layer.py"):  # fmt: skip
        assert after_a_change_of(f"tensorreel/{name}") == everything, name
    for name in (
        "film/keep/cache.py",
        "film/run/production.py",
        "film/job/locks.py",
        "models/reading.py",
        "cli/render.py",
    ):
        assert after_a_change_of(f"tensorreel/{name}") == set(), name
    modules = {name: board_of(name).module for name in everything}
    assert len(set(modules.values())) == 3
    for name, module in modules.items():
        assert after_a_change_of(f"scenes/{module}.py") == {name}
    (built,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["ext-modules"]
    (kernel,) = built["sources"]
    assert after_a_change_of(str(Path(kernel).relative_to("src"))) == everything


def test_without_the_kernels_source_there_is_no_key(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (quick / "inner").mkdir()
    (quick / "inner" / "moved.c").write_text("")
    (quick / "inner" / "beside.h").write_text("")
    monkeypatch.setattr(source, "folders", lambda: {source.PACKAGE: quick})
    assert set(source.Sources()._kernel) == {"moved.c", "beside.h"}
    (quick / "inner" / "moved.c").unlink()
    (quick / "inner" / "beside.h").unlink()
    with pytest.raises(EnvironmentProblem, match="no C source, expected the kernel's"):
        source.Sources()._kernel  # noqa: B018
    with pytest.raises(EnvironmentProblem, match=r"tensorreel\.scenes\.output: no source file, expected one"):
        source.Sources().code("tensorreel.scenes.output", "png")


def test_what_does_not_draw_is_named_as_it_is() -> None:
    known = {name for module in source.modules() for name in (module, module.rpartition(".")[0])}
    assert sorted(source.APART - known) == []
    assert [room for room in source.ROOMS_APART if room.removesuffix(".") not in known] == []


def test_code_saved_while_a_clip_is_drawn_is_not_believed(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows which code drew it: it is handed out once, and made again next time."""
    versions = iter(range(1000))
    monkeypatch.setattr(source.Sources, "code", lambda *args: {"x": str(next(versions))})
    warnings: list[str] = []
    orders = RunOptions(1, quick / "cache", backend=STUB, warn=warnings.append)
    jobs = jobs_for(tiny_model(), quick, ("query",))
    make_clips(jobs, orders=orders)
    assert jobs[0].target.read_bytes() == expected(jobs[0])
    assert "was saved while it was drawn" in warnings[0]
    monkeypatch.setattr(source.Sources, "code", lambda *args: {"x": "0"})
    assert len(work(jobs, quick / "cache")) == 1


def test_dry_run_says_why(quick: Path) -> None:
    orders = RunOptions(1, quick / "cache", backend=STUB)
    jobs = jobs_for(tiny_model(), quick, ("query", "attn_output"))
    assert [p.why for p in list_work(jobs, orders)] == ["never rendered"] * 2
    make_clips(jobs, orders=orders)
    assert [p.why for p in list_work(jobs, orders)] == ["up to date"] * 2
    others = jobs_for(changed(tiny_model(), "layers.0.W_O"), quick, ("query", "attn_output"))
    assert [p.why for p in list_work(others, orders)] == ["up to date", "changed: W_O, attn_output"]
    light = [CHOICES["theme"](job) for job in jobs]
    assert [p.why for p in list_work(light, orders)] == ["changed: theme"] * 2
    assert [p.why for p in list_work(jobs, replace(orders, force=True))] == ["forced"] * 2


def test_layers_and_heads_have_clips_of_their_own(quick: Path) -> None:
    """``--all-layers --all-heads``: the name of a clip says which it is, and so does its key."""
    trace = forward(tiny_model())
    like, n = Job("query", trace, SceneOptions(), PICTURE, "mp4", quick), len(LANGUAGES)
    todo = variants([like, replace(like, scene="attn_norm"), replace(like, scene="probs")], True, True, True)
    assert len(todo) == len({more for job, more in todo if job.scene == "query"}) + 3 * n == 7 * n
    jobs = [replace(job, target=quick / f"{job.scene}{more}.mp4") for job, more in todo]
    orders = RunOptions(1, quick / "cache", backend=STUB)
    make_clips(jobs, orders=orders)
    for job in jobs:
        assert job.target.read_bytes() == expected(job)
    other = forward(changed(tiny_model(), "layers.1.W_Q"))
    again = {path.name for path in work([replace(job, trace=other) for job in jobs], quick / "cache")}
    assert "query-layer-1-head-1-en.mp4" not in again
    assert "query-layer-2-head-2-ja.mp4" in again


# ---- random steps -------------------------------------------------------------------------------------------
SHOWN = ("token_embedding", "query", "attn_weights", "attn_output", "ffn_hidden", "probs")
VALUES = (-0.5, 0.0, 0.1, 0.1000000001, 0.25, 1.0)


class Editing(RuleBasedStateMachine):
    """Somebody edits, undoes, deletes and damages; after every step the clips are those of a clean render."""

    folder: Path
    steps = 0

    @initialize()
    def begin(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.model, self.past = tiny_model(), [tiny_model()]
        self.options = SceneOptions()
        self.warnings: list[str] = []

    @rule(
        name=st.sampled_from(sorted(tiny_model().params)),
        place=st.integers(0, 47),
        value=st.sampled_from(VALUES),
    )
    def edit(self, name: str, place: int, value: float) -> None:
        array = self.model.params[name]
        index = tuple(int(i) for i in np.unravel_index(place % array.size, array.shape))
        self.past.append(self.model)
        self.model = edited(self.model, name, index, value)

    @rule()
    def undo(self) -> None:
        self.model = self.past.pop() if self.past else tiny_model()

    @rule(order=st.permutations(range(1, 6)))
    def another_sentence(self, order: list[int]) -> None:
        self.past.append(self.model)
        self.model = replace(self.model, tokens=tuple(order))

    @rule(
        lang=st.sampled_from(["en", "ja"]), theme=st.sampled_from(["dark", "light"]), layer=st.integers(0, 1)
    )
    def choose(self, lang: str, theme: str, layer: int) -> None:
        self.options = SceneOptions(lang=lang, theme=theme, layer=layer)

    @rule(pick=st.integers(0, 10**6), where=st.sampled_from(["out", "clips", "media", "views"]))
    def delete(self, pick: int, where: str) -> None:
        if path := self._some(pick, where):
            path.unlink()

    @rule(
        pick=st.integers(0, 10**6),
        where=st.sampled_from(["out", "clips", "media", "views"]),
        how=st.sampled_from(["flip", "cut", "swap", "folder"]),
    )
    def damage(self, pick: int, where: str, how: str) -> None:
        path = self._some(pick, where)
        if path is None or (where == "out" and how == "folder"):
            return
        data = path.read_bytes()
        if how == "flip" and data:
            path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        elif how == "cut":
            path.write_bytes(data[: pick % (len(data) + 1)])
        elif how == "swap":
            other = self._some(pick // 7, where)
            assert other is not None
            path.write_bytes(other.read_bytes())
            other.write_bytes(data)
        elif how == "folder":
            path.unlink()
            path.mkdir()

    def _some(self, pick: int, where: str) -> Path | None:
        base = self.folder / ("out" if where == "out" else f"cache/{where}")
        files = sorted(p for p in base.glob("*") if p.is_file())
        return files[pick % len(files)] if files else None

    @invariant()
    def clips_are_those_of_a_clean_render(self) -> None:
        Editing.steps += 1
        trace = forward(self.model)
        jobs = [
            Job(name, trace, self.options, PICTURE, "mp4", self.folder / "out" / f"{name}.mp4")
            for name in SHOWN
        ]
        make_clips(jobs, orders=RunOptions(2, self.folder / "cache", backend=STUB, warn=self.warnings.append))
        for job in jobs:
            assert job.target.read_bytes() == expected(job), (job.scene, self.options)


def play(folder: Path, examples: int, steps: int, number: int | None = None) -> int:
    """The same steps every time, or those of a seed, which is printed so that they can be taken again."""
    Editing.folder, Editing.steps = folder / "play", 0
    machine = Editing if number is None else seed(number)(type("Editing", (Editing,), {}))
    print(f"seed {number}")
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=number is None,
            print_blob=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Editing.steps


@pytest.mark.runs
def test_random_steps_never_show_a_stale_clip(quick: Path) -> None:
    """The same steps every time; the slow lane takes a thousand, and others each time."""
    assert play(quick, 4, 30) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("which", ["fixed", "random"])
def test_a_thousand_random_steps(quick: Path, which: str) -> None:
    steps = play(quick, 25, 50, None if which == "fixed" else secrets.randbelow(2**32))
    print(f"{steps} steps")
    assert steps >= 1000
