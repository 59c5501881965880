"""Rates: every format at every rate, television's exact from the option to the file."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tensorreel.cli.asked.formats import picture_of
from tensorreel.core.errors import UsageProblem
from tensorreel.film.encode.cut import cut
from tensorreel.film.encode.encoder import ClipEncoder
from tensorreel.film.encode.gif import GifEncoder
from tensorreel.film.encode.join import join
from tensorreel.film.encode.overlay import MOV, WEBM, OverlayEncoder
from tensorreel.film.encode.reverse import reverse
from tensorreel.film.encode.webp import WebpEncoder
from tensorreel.film.job.formats import FORMATS
from tensorreel.film.job.job import Clip, Cue
from tensorreel.film.job.picture import Picture, plain_rate, rate, spoken_rate
from tensorreel.film.keep.cache import Cache, Entry
from tensorreel.publish.deck.lecture import steps_of
from tensorreel.publish.mux import Track, remux
from tensorreel.publish.subtitles import film_cues, subtitle_lines
from tests import deck_parts
from tests.saying import both
from tests.test_film_encoder import moving_square

NTSC = Fraction(24000, 1001)
RATES = ("1", "5", "12.5", "15", "20", "23.976", "25", "29.97", "30", "50", "59.94", "60", "90", "120")
PLAN = [1, 1, 1, 2, 1, 7, 1, 1, 1, 9] * 3
PALETTE = np.array([[16, 20, 27], [240, 120, 30], [255, 255, 255]], np.uint8)
MAKERS: dict[str, Any] = {
    "mp4": ClipEncoder,
    "webm": lambda path, picture: OverlayEncoder(path, picture, WEBM, None),
    "mov": lambda path, picture: OverlayEncoder(path, picture, MOV, None),
    "gif": lambda path, picture: GifEncoder(path, picture, PALETTE),
    "webp": lambda path, picture: WebpEncoder(path, picture, False),
}


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("25", 25),
        ("12.5", Fraction(25, 2)),
        ("24.00", 24),
        ("23.976", NTSC),
        ("23.98", NTSC),
        ("29.97", Fraction(30000, 1001)),
        ("59.9400", Fraction(60000, 1001)),
        ("24000/1001", NTSC),
        ("50/2", 25),
        ("23.9", Fraction(239, 10)),  # one decimal is what it says
        ("14.985", Fraction(2997, 200)),  # nobody calls a rate so
    ],
)
def test_a_rate_is_what_it_is_called(written: str, wanted: Any) -> None:
    found = rate(written)
    assert found == wanted
    assert rate(json.loads(json.dumps(plain_rate(found)))) == found
    assert isinstance(found, int) == (Fraction(wanted).denominator == 1)


@pytest.mark.parametrize(
    "written", ["0", "0.5", "1/3", "241", "-5", "nan", "1e2", "1/0", "", "25fps", "2.123456"]
)
def test_other_rates_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="frames per second"):
        rate(written)


@pytest.mark.parametrize("written", RATES)
@pytest.mark.parametrize("form", MAKERS)
def test_every_format_at_every_rate_keeps_its_time(form: str, written: str, tmp_path: Path) -> None:
    picture = picture_of(form, None, rate(written))
    small = Picture(160, 120, picture.fps)
    path = tmp_path / f"clip.{form}"
    with MAKERS[form](path, small) as encoder:
        moving_square(encoder, small, PLAN)
    seconds = sum(PLAN) / float(picture.fps)
    if FORMATS[form].loop:
        lasting = durations(path)
        assert min(lasting) > 10  # milliseconds; up to 10 browsers take for 100
        assert abs(sum(lasting) - 1000 * seconds) <= 10 * (form == "gif") + 1
        return
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        places = [Fraction(p.pts or 0) * p.time_base * picture.fps for p in container.demux(stream) if p.size]
        assert float(stream.average_rate or 0) == pytest.approx(float(picture.fps), rel=1e-6)
    finest = float(picture.fps) / 2000 if form == "webm" else 0  # WebM counts in milliseconds
    assert len(places) == sum(PLAN)
    assert all(abs(float(place) - at) <= finest + 1e-9 for at, place in enumerate(places))


def durations(path: Path) -> list[int]:
    """How long each picture of a loop lasts, in milliseconds."""
    found = []
    with Image.open(path) as image:
        for i in range(int(image.n_frames)):  # type: ignore[attr-defined]
            image.seek(i)
            image.load()
            found.append(int(image.info["duration"]))
    return found


@pytest.mark.parametrize(
    ("form", "asked", "taken"), [("gif", "60", 50), ("gif", "51", 50), ("webp", "120", 90)]
)
def test_what_browsers_would_slow_down_is_said_and_not_made(
    form: Any, asked: str, taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert picture_of(form, "l", rate(asked)).fps == taken
    said = capsys.readouterr().err
    assert (
        said
        == f"{form}: {taken} frames per second, not {spoken_rate(rate(asked))}, which browsers slow down\n"
    )
    with pytest.raises(UsageProblem, match=f"expected at most {taken}"):
        MAKERS[form](tmp_path / f"clip.{form}", Picture(160, 120, rate(asked)))


def test_a_rate_that_is_played_is_not_spoken_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert picture_of("gif", None, 50).fps == 50
    assert picture_of("mp4", None, 120).fps == 120
    assert capsys.readouterr().err == ""


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """48 frames in two beats at 23.976 frames per second."""
    picture = Picture(160, 120, NTSC)
    with ClipEncoder(tmp_path / "clip.mp4", picture) as encoder:
        moving_square(encoder, picture, [1] * 48, cuts=(24,))
    beats = (
        Cue("a", 0.0, float(24 / NTSC), both("A", "ア")),
        Cue("b", float(24 / NTSC), float(48 / NTSC), both("B", "イ")),
    )
    return Clip("query", tmp_path / "clip.mp4", 48, NTSC, beats)


def test_television_is_exact_in_what_is_cut_joined_turned_round_and_subtitled(
    clip: Clip, tmp_path: Path
) -> None:
    made = {name: tmp_path / f"{name}.mp4" for name in ("cut", "back", "film", "out")}
    cut(clip, 24, 48, made["cut"])
    reverse(clip, 24, 48, made["back"], Picture(160, 120, NTSC))
    assert join([clip] * 3, ["1", "2", "3"], made["film"], "Film") == 144
    cues = film_cues([clip] * 3)
    tracks = [Track("eng", "English", subtitle_lines(cues, "en"))]
    remux(made["film"], made["out"], form="mp4", fps=NTSC, texts={}, language="eng", tracks=tracks)
    for path, frames in zip(made.values(), (24, 24, 144, 144), strict=True):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert stream.average_rate == NTSC
            places = [Fraction(p.pts or 0) * p.time_base * NTSC for p in container.demux(stream) if p.size]
            assert places == list(range(frames))
    with av.open(str(made["out"])) as container:
        starts = [
            Fraction(p.pts or 0) * p.time_base * NTSC for p in container.demux(subtitles=0) if p.size > 2
        ]
    assert starts == [0, 24, 48, 72, 96, 120]
    assert [(s.first, s.last) for s in steps_of(clip, "beat")] == [(0, 24), (24, 48)]


def test_the_cache_keeps_a_rate_as_it_is(clip: Clip, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", tmp_path, pytest.fail)
    entry = Entry("k" * 64, "", 0, "", clip.scene, clip.frames, clip.fps, clip.beats)
    cache.put(entry, clip.path)
    found = cache.get(entry.key)
    assert found is not None
    assert found.fps == NTSC
    assert found.beats == clip.beats


@pytest.mark.slow
@pytest.mark.parametrize("form", ["pptx", "html", "pdf", "manim-slides"])
def test_a_deck_at_the_rate_of_television(form: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deck_parts.use_toys(monkeypatch)
    monkeypatch.setattr(deck_parts, "PICTURE", replace(deck_parts.PICTURE, fps=NTSC))
    name = {"pptx": "d.pptx", "html": "d/index.html", "pdf": "d.pdf", "manim-slides": "s/D.json"}[form]
    lecture = deck_parts.build(tmp_path / name, form, ("query",))
    assert lecture.parts[0].clip.fps == NTSC
    assert (tmp_path / name).exists()
