"""Captions stand in the picture: no player shows them a second time unless somebody asks it to."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition

from tensorreel.film.encode.cut import cut
from tensorreel.film.encode.encoder import ClipEncoder
from tensorreel.film.encode.join import join
from tensorreel.film.encode.overlay import MOV, WEBM, OverlayEncoder
from tensorreel.film.job.job import Clip, Cue
from tensorreel.film.job.picture import Picture
from tensorreel.publish.mux import Track, remux
from tensorreel.publish.subtitles import subtitle_lines
from tensorreel.publish.tracks import TEXT, headers
from tests.saying import both
from tests.test_film_encoder import moving_square

PICTURE = Picture(160, 120, 10)
CUES = (Cue("a", 0.0, 1.0, both("One", "一")), Cue("b", 1.0, 2.0, both("Two", "二")))
TRACKS = [
    Track("jpn", "日本語", subtitle_lines(CUES, "ja")),
    Track("eng", "English", subtitle_lines(CUES, "en")),
]


def finished(form: str, folder: Path, tracks: list[Track]) -> Path:
    """A film of two clips, with chapters, as MP4 with subtitles; or one clip in another format."""
    source, out = folder / f"clip.{form}", folder / f"out.{form}"
    coding = {"mov": MOV, "webm": WEBM}.get(form)
    with OverlayEncoder(source, PICTURE, coding, None) if coding else ClipEncoder(source, PICTURE) as encoder:
        moving_square(encoder, PICTURE, [1] * 10)
    if form == "mp4":
        clip = Clip("query", source, 10, 10, CUES[:1])
        source = folder / "film.mp4"
        join([clip, clip], ["Chapter 1", "Chapter 2"], source, "Film")
    remux(source, out, form=form, fps=10, texts={"title": "Film"}, language="eng", tracks=tracks)
    return out


def kinds(path: Path) -> list[tuple[str, bool]]:
    return [(header.handler, header.on) for header in headers(path.read_bytes())]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_in_a_film_the_picture_alone_is_on(count: int, tmp_path: Path) -> None:
    film = finished("mp4", tmp_path, TRACKS[:count])
    assert kinds(film) == [("vide", True), *[("sbtl", False)] * count, ("text", False)]
    with av.open(str(film)) as container:
        found = {s.type: bool(s.disposition & Disposition.default) for s in container.streams}
        assert found.pop("video")
        assert not any(found.values())
        assert [s.metadata["language"] for s in container.streams.subtitles] == ["jpn", "eng"][:count]
        assert len(container.chapters()) == 2


@pytest.mark.parametrize("form", ["mov", "webm"])
def test_an_overlay_has_no_text_that_is_on(form: str, tmp_path: Path) -> None:
    path = finished(form, tmp_path, [])
    with av.open(str(path)) as container:
        assert not [s for s in container.streams if s.type != "video" and s.disposition & Disposition.default]
    if form == "mov":
        assert kinds(path)[0] == ("vide", True)
        assert not any(on for handler, on in kinds(path) if handler in TEXT)


def test_a_piece_of_a_finished_clip_is_its_picture_alone(tmp_path: Path) -> None:
    film = finished("mp4", tmp_path, TRACKS)
    cut(Clip("query", film, 20, 10, CUES), 10, 20, tmp_path / "piece.mp4")
    assert kinds(tmp_path / "piece.mp4") == [("vide", True)]


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\x05moov", b"\0\0\0\x01mdat" + b"\0" * 7 + b"\x05", b"\0\0\0\0free"]
)
def test_a_file_that_is_none_has_no_tracks(data: bytes) -> None:
    if data[3:4] in (b"\x05", b"\x01"):
        with pytest.raises(ValueError, match="box"):
            headers(data)
    else:
        assert headers(data) == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("mpv"), reason="mpv is not installed")
def test_mpv_shows_no_subtitles_until_it_is_asked(tmp_path: Path) -> None:
    film = finished("mp4", tmp_path, TRACKS)
    command = ["mpv", "--no-config", "--vo=null", "--ao=null", "--frames=2", "--term-playing-msg=sid=${sid}."]
    assert "sid=no." in played([*command, str(film)])
    assert "sid=(2)" in played([*command, "--sid=2", str(film)])


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("cvlc"), reason="VLC is not installed")
def test_vlc_shows_no_subtitles_until_it_is_asked(tmp_path: Path) -> None:
    command = ["cvlc", "-vv", "--vout", "dummy", "--no-dbus", "--play-and-exit"]
    with tempfile.TemporaryDirectory(prefix="tensorreel-") as folder:  # below tmp_path nobody else may read
        Path(folder).chmod(0o755)
        film = shutil.copy(finished("mp4", tmp_path, TRACKS), folder)
        said = played([*command, film], HOME=folder)
    assert said.count("subtitle (disable)") == 2
    assert "subtitle (enable)" not in said
    assert "using video decoder module" in said
    assert "substx3g" not in said


def played(command: list[str], **env: str) -> str:
    """What a player says; VLC does not run as root."""
    root = hasattr(os, "getuid") and os.getuid() == 0 and command[0] == "cvlc"
    other: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if root else {}
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | env, **other
    )
    return run.stdout + run.stderr
