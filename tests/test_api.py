"""``import tensorreel``: models, traces, clips, decks and exports from Python, without a print, an exit or a half file."""

from __future__ import annotations

import _thread
import base64
import json
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tensorreel.scenes import film

import tensorreel
from tensorreel import errors
from tensorreel.api.calling import TensorreelWarning, answering
from tensorreel.core.engine import forward
from tensorreel.film.job.job import Job
from tensorreel.film.make import backend
from tensorreel.film.run.delivery import Plain
from tensorreel.models import builtin_text, tiny_model
from tensorreel.models.samples import sample_models
from tensorreel.publish import labelling
from tests import stub
from tests.voices import heard, recorded

SOURCE = Path(__file__).parents[1] / "src"
QUICK: dict[str, Any] = {"quality": "l", "pace": 4.0}


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips are text, made at once."""
    monkeypatch.setattr(backend, "DEFAULT", stub.STUB)
    monkeypatch.setattr(labelling, "Labeller", Plain)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A clip that never ends; the file says that its worker has begun."""
    begun = tmp_path / "begun"

    def wait(job: Job, frame: int) -> None:
        begun.touch()
        threading.Event().wait(120)

    monkeypatch.setattr(stub, "FAULTS", [wait])
    return begun


# ---- importing ---------------------------------------------------------------------------------------
def test_importing_brings_nothing_heavy() -> None:
    code = (
        "import sys, tensorreel, tensorreel.errors\n"
        "assert not {'manim', 'numpy', 'click', 'torch', 'av'} & set(sys.modules), sorted(sys.modules)\n"
        "tensorreel.load().run()\n"
        "tensorreel.render, tensorreel.deck, tensorreel.export, tensorreel.verify\n"
        "assert not {'manim', 'av', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_is_there_and_no_other() -> None:
    for name in tensorreel.__all__:
        assert getattr(tensorreel, name) is not None
    assert sorted(dir(tensorreel)) == sorted(tensorreel.__all__)
    stub_file = (SOURCE / "tensorreel" / "__init__.pyi").read_text(encoding="utf-8")
    assert set(re.findall(r'^    "(\w+)",$', stub_file, re.MULTILINE)) == set(tensorreel.__all__)
    with pytest.raises(AttributeError):
        _ = tensorreel.nothing  # type: ignore[attr-defined]


USER = """
from pathlib import Path
import tensorreel
from tensorreel import errors

def page(file: Path) -> str:
    try:
        model = tensorreel.load(file)
    except errors.InputError as err:
        return str(err)
    trace = model.run("a b")
    shape: tuple[int, ...] = trace.shapes["query"]
    clip = tensorreel.render(model, "attn-weights", format="gif", lang="ja", layer=1, progress=print)
    kept: Path = clip.save("here.gif")
    lecture: Path = tensorreel.deck(model, "lecture.pptx", stages=["query", 7])
    same: bool = all(verdict.matches for verdict in tensorreel.verify(kept, model))
    return f"{shape} {lecture} {same} {trace['probs'].values[-1].argmax()}"
"""
WRONG = ("clip = tensorreel.render(model, 7, lang=3)", "model.run(7)", "tensorreel.lode()")


@pytest.mark.slow
def test_a_user_s_file_is_strictly_typed(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(USER, encoding="utf-8")
    wrong = "\n".join(("import tensorreel", "model = tensorreel.load()", *WRONG))
    (tmp_path / "wrong.py").write_text(wrong, encoding="utf-8")

    def checked(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", name]
        env = {**os.environ, "MYPYPATH": str(SOURCE)}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=env)

    assert checked("user.py").stdout.startswith("Success")
    assert len(re.findall(r"wrong.py:\d+: error", checked("wrong.py").stdout)) >= len(WRONG) - 1


# ---- models and traces -------------------------------------------------------------------------------
def test_a_model_is_loaded_from_nothing_a_sample_a_file_or_a_folder(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(builtin_text(), encoding="utf-8")
    digests = {m.digest for m in map(tensorreel.load, (None, tmp_path / "m.toml", str(tmp_path)))}
    assert digests == {tiny_model().digest}
    assert tensorreel.load(sample="en").digest == tiny_model("en").digest


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda p: tensorreel.load(p), errors.InputError, "no model"),
        (lambda p: tensorreel.load(p / "nothing.toml"), errors.InputError, "nothing.toml"),
        (lambda p: tensorreel.load(sample="best"), errors.UsageProblem, "no sample 'best'"),
        (lambda p: tensorreel.load(p, sample="en"), errors.UsageProblem, "expected one of them"),
        (lambda p: tensorreel.load(eps=1e-5), errors.UsageProblem, "eps without a path"),
        (lambda p: tiny_model().run("hello"), errors.InputError, "no word for 'h'"),
        (lambda p: tiny_model().run("糖", [1]), errors.UsageProblem, "tokens and text together"),
        (lambda p: tensorreel.render(tiny_model(), "quer"), errors.UsageProblem, "did you mean query"),
        (lambda p: tensorreel.render(tiny_model(), 7, layer=2), errors.UsageProblem, "layer 2, expected 0 to 1"),
        (lambda p: tensorreel.render(tiny_model(), 7, head=-1), errors.UsageProblem, "head -1, expected 0 to 1"),
        (lambda p: tensorreel.render(tiny_model(), 7, token=5), errors.UsageProblem, "token 5, expected 0 to 4"),
        (lambda p: tensorreel.render(tiny_model(), 7, lang="la"), errors.UsageProblem, "lang 'la'"),
        (lambda p: tensorreel.render(tiny_model(), 7, theme="pink"), errors.UsageProblem, "theme 'pink'"),
        (lambda p: tensorreel.render(tiny_model(), 7, pace=0), errors.UsageProblem, "pace 0"),
        (lambda p: tensorreel.render(tiny_model(), 7, quality="x"), errors.UsageProblem, "quality 'x'"),
        (lambda p: tensorreel.render(tiny_model(), 7, fps=500), errors.UsageProblem, "fps"),
        (lambda p: tensorreel.render(tiny_model(), 7, format="gif", fps=60), errors.UsageProblem, "at most 50"),
        (lambda p: tensorreel.render(tiny_model(), 7, format="avi"), errors.UsageProblem, "format 'avi'"),
        (lambda p: tensorreel.render(tiny_model(), format="gif"), errors.UsageProblem, "the whole film as gif"),
        (lambda p: tensorreel.render(tiny_model(), 7, beat="x"), errors.UsageProblem, "beat with mp4"),
        (lambda p: tensorreel.render(tiny_model(), 7, format="gif", narration="espeak"), errors.UsageProblem, "narration with gif"),
        (lambda p: tensorreel.render(tiny_model(), 7, narration="somebody", cache_dir=p.parent / "c"), errors.UsageProblem, "'somebody', expected espeak"),
        (lambda p: tensorreel.render(tiny_model(), 7, narration=p, cache_dir=p.parent / "c"), errors.InputError, "expected a recording of each sentence"),
        (lambda p: tensorreel.render(tiny_model(), 7, output=p), errors.UsageProblem, "a folder, expected a file"),
        (lambda p: tensorreel.render(tiny_model(), 7, output=p / "no" / "a.mp4"), errors.EnvironmentProblem, "no folder"),
        (lambda p: tensorreel.render(tiny_model(), 7, output="a.gif", format="mp4"), errors.UsageProblem, "same format"),
        (lambda p: tensorreel.deck(tiny_model(), p / "a.pptx", steps="word"), errors.UsageProblem, "steps 'word', expected one of beat, stage"),
        (lambda p: tensorreel.deck(tiny_model(), p / "a.pptx", play="now"), errors.UsageProblem, "play 'now'"),
        (lambda p: tensorreel.deck(tiny_model(), p / "a.json", title="x"), errors.UsageProblem, "which has no cover"),
        (lambda p: tensorreel.deck(tiny_model(), p / "a.html", logo=__file__), errors.InputError, "no picture"),
        (lambda p: tensorreel.deck(tiny_model(), p / "a.key"), errors.UsageProblem, "ending .key"),
        (lambda p: tensorreel.export(tiny_model(), p / "a.xls"), errors.UsageProblem, "no kind of file"),
        (lambda p: tensorreel.verify(p / "none.mp4", tiny_model()), errors.TensorreelError, "none.mp4"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_an_error_of_ours_and_writes_nothing(
    call: Callable[[Path], Any], kind: type[errors.TensorreelError], message: str, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with pytest.raises(kind, match=re.escape(message)):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_trace_is_arrays_and_tables() -> None:
    trace = tensorreel.load().run("糖尿病")
    assert trace.shapes["attn_weights"] == (2, 3, 3)
    found = trace.to_numpy()
    assert set(found) >= {"E", "layers.1.W_2", "layers.0.attn_weights", "probs"}
    assert np.array_equal(found["layers.1.query"], trace.at(layer=1)["query"].values)
    assert not found["probs"].flags.writeable
    table = trace.at(layer=1, head=1).to_pandas("attn_weights")
    assert list(table.index) == list(table.columns) == ["糖", "尿", "病"]
    assert table.loc["病", "糖"] == trace.at(layer=1)["attn_weights"].values[1, 2, 0]
    whole = trace.to_pandas("attn_weights")
    assert whole.index.names == ["h", "T"]
    assert whole.loc[(1, "尿"), "病"] == trace["attn_weights"].values[1, 1, 2]
    assert list(trace.to_pandas("probs").columns) == list(trace.model.words)
    assert trace.to_pandas("gamma_1").shape == (1, 4)


# ---- clips -------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_a_clip_shows_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    heard: list[tuple[str, int, int]] = []
    model = tensorreel.load()
    clip = tensorreel.render(
        model, "attn-weights", format="gif", lang="ja", progress=lambda *told: heard.append(told), **QUICK
    )
    assert capfd.readouterr() == ("", "")
    assert heard
    assert {name for name, _, _ in heard} == {"attn-weights"}
    assert heard[-1][1] == heard[-1][2] == clip.frames
    assert clip.alt.startswith("アニメーション") or "Attention" in clip.alt
    bundle = clip._repr_mimebundle_()
    assert bundle["text/plain"] == clip.alt
    found = re.search(r'<img src="data:image/gif;base64,([^"]+)"', bundle["text/html"])
    assert found
    assert base64.b64decode(found[1]) == clip.path.read_bytes()
    kept, gone = clip.save(tmp_path), clip.path
    with Image.open(kept) as picture:
        assert picture.size == (clip.width, clip.height)
    del clip
    assert not gone.exists()
    assert [v.matches for v in tensorreel.verify(kept, model)] == [True]
    other = stub.edited(model, "layers.0.W_Q", (0, 0, 0), 9.0)
    (verdict,) = tensorreel.verify(kept, other)
    assert (verdict.matches, verdict.differs[:1]) == (False, ("attn-scores, layer 1, head 1",))


@pytest.mark.slow
def test_a_film_plays_in_a_page_and_a_deck_is_made(tmp_path: Path) -> None:
    model = tensorreel.load()
    clip = tensorreel.render(model, "query", output=tmp_path / "q.mp4", **QUICK)
    assert clip.path == tmp_path / "q.mp4"
    html = clip._repr_html_()
    assert html.startswith("<video controls muted playsinline loop")
    assert "data:video/mp4;base64," in html
    page = tensorreel.deck(model, tmp_path / "deck", stages=["query"], **QUICK)
    assert page == tmp_path / "deck" / "index.html"
    assert page.is_file()


def test_the_whole_film_is_a_clip(stubbed: None, tmp_path: Path) -> None:
    clip = tensorreel.render(tensorreel.load(), output=tmp_path / "film.mp4")
    assert clip.frames == len(film()) * stub.FRAMES
    assert "糖 尿 病 の 治療" in clip.alt
    with pytest.raises(errors.UsageProblem, match=r"expected the ending \.mp4"):
        clip.save(tmp_path / "film.gif")
    assert clip.save(tmp_path / "kept.mp4").read_bytes() == clip.path.read_bytes()


@pytest.mark.slow
def test_a_clip_speaks_and_its_beats_wait_for_it(tmp_path: Path) -> None:
    takes = tmp_path / "takes"
    takes.mkdir()
    board: dict[str, Any] = {**QUICK, "cut": "story", "cache_dir": tmp_path / "kept"}
    silent = tensorreel.render(tensorreel.load(), "query", **board)
    with pytest.raises(errors.InputError, match=r"no (\S+\.wav)") as missing:
        tensorreel.render(tensorreel.load(), "query", narration=takes, **board)
    (name,) = re.findall(r"no (\S+\.wav)", str(missing.value))
    recorded(takes / name, 12.0)
    spoken = tensorreel.render(
        tensorreel.load(), "query", narration=takes, output=tmp_path / "q.mp4", **board
    )
    assert silent.seconds < 12.0 < spoken.seconds
    sound, _ = heard(spoken.path)
    assert np.abs(sound[:48_000].astype(int)).max() > 600
    assert len(sound) / 48_000 == pytest.approx(spoken.seconds, abs=0.1)


def test_a_film_of_differences_and_what_cannot_be_compared(stubbed: None, tmp_path: Path) -> None:
    old = tiny_model()
    new = stub.edited(old, "layers.0.W_V", (0, 1, 0), 0.9)
    clip = tensorreel.render(new, output=tmp_path / "film.mp4", against=old)
    assert clip.frames == len(film(compares=True)) * stub.FRAMES
    assert (
        tensorreel.render(new, "difference", output=tmp_path / "end.mp4", against=old).frames == stub.FRAMES
    )
    with pytest.raises(errors.UsageProblem, match="difference"):
        tensorreel.render(new, "difference")
    (other,) = (model for name, model in sample_models().items() if name == "largest")
    with pytest.raises(errors.InputError, match="expected"):
        tensorreel.render(new, "query", against=other)


@pytest.mark.slow
def test_a_film_of_differences_is_verified_with_the_model_before(tmp_path: Path) -> None:
    old = tiny_model()
    new = stub.edited(old, "layers.0.W_V", (0, 1, 0), 0.9)
    clip = tensorreel.render(new, "value", output=tmp_path / "v.png", against=old, quality="l")
    assert all(v.matches for v in tensorreel.verify(clip.path, new, against=old))
    assert not all(v.matches for v in tensorreel.verify(clip.path, new, against=new))


# ---- stopping ----------------------------------------------------------------------------------------
def test_an_event_stops_a_call(stubbed: None, slowly: Path, tmp_path: Path) -> None:
    event, target = threading.Event(), tmp_path / "q.mp4"
    target.write_bytes(b"before")

    def stop() -> None:
        while not slowly.exists():
            event.wait(0.01)
        event.set()

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(errors.Interrupted, match="0 of 1 stages done"):
        tensorreel.render(tensorreel.load(), "query", output=target, cancel=event)
    assert target.read_bytes() == b"before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["begun", "q.mp4"]


def test_ctrl_c_stays_ctrl_c(stubbed: None, slowly: Path, tmp_path: Path) -> None:
    def press() -> None:
        while not slowly.exists():
            threading.Event().wait(0.01)
        _thread.interrupt_main()  # as a Ctrl-C does

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        tensorreel.render(tensorreel.load(), "query", output=tmp_path / "q.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["begun"]


def test_a_cancelled_call_is_not_begun(stubbed: None, tmp_path: Path) -> None:
    event = threading.Event()
    event.set()
    with pytest.raises(errors.Interrupted):
        tensorreel.render(tensorreel.load(), "query", output=tmp_path / "q.mp4", cancel=event)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_error_is_a_warning_and_what_the_system_refuses_is_ours() -> None:
    with answering({}) as orders, pytest.warns(TensorreelWarning, match="full"):
        orders.warn("cache: full")
    with pytest.raises(errors.EnvironmentProblem, match="No space left"), answering({}):
        raise OSError(28, os.strerror(28), "x.mp4")


def test_two_models_are_compared() -> None:
    old = tensorreel.load()
    same = tensorreel.diff(old, old)
    assert (same.differ, same.parameters) == (False, {})
    found = tensorreel.diff(old, stub.edited(old, "layers.0.W_V", (0, 0, 0), 9.0), stages=["key", "value", 8])
    assert set(found.parameters) == {"layers.0.W_V"}
    assert {s.stage.name for s in found.stages if s.differs and s.layer == 0} == {"value", "context"}
    with pytest.raises(errors.InputError, match="models of one size"):
        tensorreel.diff(old, sample_models()["causal"])


# ---- exports -----------------------------------------------------------------------------------------
def test_every_tensor_is_exported_by_name(tmp_path: Path) -> None:
    trace = forward(sample_models()["causal"])
    arrays = np.load(tensorreel.export(trace, tmp_path / "t.npz"))
    for name, values in trace.to_numpy().items():
        assert np.array_equal(arrays[name], values)
    facts = json.loads(tensorreel.export(trace, tmp_path / "t.json").read_text(encoding="utf-8"))
    assert set(facts["tensors"]) == set(trace.to_numpy())
    found = facts["tensors"]["layers.0.attn_scores"]
    assert found["axes"] == ["h", "T", "S"]
    assert found["values"][0][0][1] == "-inf"
    import pandas as pd

    table = pd.read_csv(tensorreel.export(trace, tmp_path / "t.csv"), keep_default_na=False, dtype=str)
    assert len(table) == sum(v.size for v in trace.to_numpy().values())
    row = table[
        (table.tensor == "attn_weights")
        & (table.layer == "1")
        & (table.i == "0")
        & (table.j == "2")
        & (table.k == "1")
    ]
    assert float(row.value.iloc[0]) == trace.at(layer=1)["attn_weights"].values[0, 2, 1]


def test_warnings_of_ours_do_not_hide_others() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tensorreel.load().run().shapes
