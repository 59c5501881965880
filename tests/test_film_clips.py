"""The life of a clip: whole or not there; workers that die; joining."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tensorreel.film.draw import manim_setup
from tensorreel.models import tiny_model

manim = manim_setup.import_manim()

from manim import RIGHT, Circle, FadeIn, Square  # noqa: E402

from tensorreel import scenes  # noqa: E402
from tensorreel.core.engine import forward  # noqa: E402
from tensorreel.core.errors import EnvironmentProblem, Incomplete, InputError, UsageProblem  # noqa: E402
from tensorreel.film.encode.join import join  # noqa: E402
from tensorreel.film.job.atomic import replacing  # noqa: E402
from tensorreel.film.job.formats import FORMATS  # noqa: E402
from tensorreel.film.job.job import Clip, Cue, Job  # noqa: E402
from tensorreel.film.job.picture import Picture  # noqa: E402
from tensorreel.film.make.clip import drawing, make  # noqa: E402
from tensorreel.film.make.stills import plan, stills  # noqa: E402
from tensorreel.film.run.production import make_clips, make_film  # noqa: E402
from tensorreel.film.run.workers import run_all  # noqa: E402
from tensorreel.visuals.look.options import SceneOptions  # noqa: E402
from tensorreel.visuals.stage.scene import StageScene  # noqa: E402
from tests.harness import struck  # noqa: E402
from tests.saying import both  # noqa: E402

PICTURE = Picture(320, 180, 10)


class Toy(StageScene):
    """Two beats."""

    budget = 2.0

    def storyboard(self) -> None:
        """A square comes, a circle comes."""
        square = Square(fill_opacity=1)
        with self.beat("one", both("One", "一")):
            self.play(FadeIn(square))
        with self.beat("two", both("Two", "二")):
            self.play(square.animate.shift(RIGHT), FadeIn(Circle()))


class Longer(Toy):
    """More to do."""

    budget = 9.0


class Killed(Toy):
    """Its process dies in the middle."""

    def storyboard(self) -> None:
        """Without a word."""
        super().storyboard()
        struck(signal.SIGKILL)


class Wrong(Toy):
    """A mistake in the storyboard."""

    def storyboard(self) -> None:
        """Raises."""
        super().storyboard()
        raise InputError("nothing to show")


TOYS = {"opening": Toy, "query": Longer, "key": Toy, "value": Killed, "heads": Wrong}


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Job]:
    """Makes jobs for the toys; their names are those of real scenes."""
    monkeypatch.setattr(scenes, "find", lambda name, *_: TOYS[name])
    model = tiny_model()
    trace = forward(model, model.tokens)

    def made(scene: str, ending: Any = "mp4") -> Job:
        return Job(scene, trace, SceneOptions(), PICTURE, ending, tmp_path / "out" / f"{scene}.{ending}")

    return made


def listed(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_a_clip_has_the_planned_frames_and_beats(job: Callable[..., Job]) -> None:
    clip = make(job("query"))
    with drawing(PICTURE):
        frames, beats = plan(job("query"))
    assert clip.frames == frames > 20
    assert clip.beats == tuple(Cue(b.name, b.start, b.end, b.caption) for b in beats)
    assert [b[0] for b in clip.beats] == ["one", "two"]
    assert clip.beats[1][2] == pytest.approx(clip.seconds)
    assert listed(clip.path.parent) == ["query.mp4"]


def test_key_frames_at_the_beats(job: Callable[..., Job]) -> None:
    clip = make(job("query"))
    with av.open(str(clip.path)) as container:
        keys = [i for i, f in enumerate(container.decode(video=0)) if f.key_frame]
    assert {0, round(clip.beats[0][2] * PICTURE.fps)} <= set(keys)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_job_gives_the_same_bytes(job: Callable[..., Job], form: str) -> None:
    first = make(job("opening", form)).path.read_bytes()
    assert make(job("opening", form)).path.read_bytes() == first


def test_a_build_without_an_encoder_is_one_line(
    job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tensorreel.film.encode import overlay

    monkeypatch.setattr(overlay, "MOV", replace(overlay.MOV, codec="no_such_codec"))
    with pytest.raises(EnvironmentProblem, match="no_such_codec: no such encoder"):
        make(job("opening", "mov"))
    assert not listed(job("opening").target.parent)


def test_a_failure_leaves_the_old_file(job: Callable[..., Job]) -> None:
    todo = job("heads")
    todo.target.parent.mkdir()
    todo.target.write_bytes(b"the film of yesterday")
    with pytest.raises(InputError, match="nothing to show"):
        make(todo)
    assert todo.target.read_bytes() == b"the film of yesterday"
    assert listed(todo.target.parent) == ["heads.mp4"]


def test_nothing_is_replaced_before_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as part:  # noqa: PT012
        part.write_text("ne")
        assert target.read_text() == "old"
        raise RuntimeError
    assert listed(tmp_path) == ["a.txt"]


def test_a_dead_worker_costs_its_own_clip_only(job: Callable[..., Job]) -> None:
    jobs = [job(name) for name in ("opening", "value", "query", "heads", "key")]
    with pytest.raises(Incomplete) as caught:
        make_clips(jobs, 2)
    message = str(caught.value)
    assert "2 of 5" in message
    assert "value" in message
    assert "heads" in message
    assert listed(jobs[0].target.parent) == ["key.mp4", "opening.mp4", "query.mp4"]


def test_clips_come_in_the_order_of_the_jobs(job: Callable[..., Job]) -> None:
    clips = make_clips([job("opening"), job("query"), job("key")], 2)
    assert [c.scene for c in clips] == ["opening", "query", "key"]


def test_any_number_of_workers_gives_the_same_bytes(job: Callable[..., Job]) -> None:
    jobs = [job("opening"), job("query"), job("key")]
    one = [c.path.read_bytes() for c in make_clips(jobs, 1)]
    assert [c.path.read_bytes() for c in make_clips(jobs, 3)] == one


def test_the_film_has_every_frame_and_a_chapter_for_each_scene(
    job: Callable[..., Job], tmp_path: Path
) -> None:
    jobs = [replace(job(name), options=SceneOptions(lang="ja")) for name in ("opening", "query", "key")]
    target = tmp_path / "film" / "film.mp4"
    frames = make_film(jobs, target, 2)
    with av.open(str(target), options={"err_detect": "explode"}) as container:
        chapters = container.chapters()
        times = [round((f.time or 0) * PICTURE.fps) for f in container.decode(video=0)]
    assert [c["metadata"]["title"][:2] for c in chapters] == ["はじ", "3.", "4."]
    assert chapters[0]["end"] == chapters[1]["start"]
    assert times == list(range(frames))
    assert listed(target.parent) == ["film.mp4"]


def test_a_missing_frame_stops_the_joining(job: Callable[..., Job], tmp_path: Path) -> None:
    clip = make(job("opening"))
    lie = Clip(clip.scene, clip.path, clip.frames + 1, clip.fps, ())
    with pytest.raises(Exception, match="expected"):
        join([lie, clip], ["a", "b"], tmp_path / "film.mp4", "film")
    assert not (tmp_path / "film.mp4").exists()


def test_gif_and_png(job: Callable[..., Job]) -> None:
    gif, png = make(job("opening", "gif")), make(job("opening", "png"))
    with Image.open(gif.path) as image:
        assert image.size == (320, 180)
        assert image.info["loop"] == 0
        length = 0
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            length += image.info["duration"]
    assert length == pytest.approx(gif.frames * 100, abs=200)
    with Image.open(png.path) as image:
        assert image.size == (320, 180)


def test_stills_are_the_ends_of_the_beats(job: Callable[..., Job]) -> None:
    with drawing(PICTURE):
        pictures = stills(job("opening"))
        more = stills(job("opening"), every=0.2)
    assert [s.beat for s in pictures] == ["one", "two"]
    assert [s.caption for s in pictures] == ["One", "Two"]
    assert len(more) > len(pictures)
    ends = [s for s in more if s.ends]
    for a, b in zip(pictures, ends, strict=True):
        assert a.image.tobytes() == b.image.tobytes()


def test_a_picture_of_any_beat(job: Callable[..., Job]) -> None:
    with drawing(PICTURE):
        ends = {s.beat: s.image.tobytes() for s in stills(job("opening"))}
    for beat in ends:
        clip = make(replace(job("opening", "png"), beat=beat))
        with Image.open(clip.path) as image:
            assert image.tobytes() == ends[beat]
    assert ends["one"] != ends["two"]
    with pytest.raises(UsageProblem, match="no beat 'three', expected one of one, two"):
        make(replace(job("opening", "png"), beat="three"))


def _collecting(number: int, progress: Callable[[int], None]) -> int:
    gc.collect()
    return number


def test_decoders_that_the_parent_forgot_do_not_stop_a_worker(job: Callable[..., Job]) -> None:
    clip = make(job("opening"))
    gc.disable()
    try:
        ring: list[Any] = [av.open(str(clip.path))]
        ring += [ring, ring[0].decode(video=0)]
        next(ring[2])
        del ring  # garbage now, with threads that a forked process does not have
        (outcome,) = run_all([7], _collecting, 1, limit=5)
    finally:
        gc.enable()
    assert outcome.result == 7
