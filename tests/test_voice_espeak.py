"""A film that espeak-ng speaks: rendered, and listened to.

``make test-decks`` installs it and runs this file; without it the tests are skipped.
"""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from click.testing import CliRunner

from tensorreel.cli import main
from tensorreel.publish.reading import read_provenance
from tensorreel.voice.engine import VoiceWarning
from tensorreel.voice.espeak import PROGRAM, Espeak
from tensorreel.words.languages import LANGUAGES
from tests.voices import begins, heard

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which(PROGRAM), reason="no espeak-ng: make test-decks"),
]


def rendered(folder: Path, output: str, *args: str) -> dict[str, Any]:
    """What ``render`` says that it has written."""
    command = ["render", *args, "-q", "l", "-o", str(folder / output), "--json", "--sample", "en"]
    done = CliRunner().invoke(main, [*command, "--cache-dir", str(folder / "cache")])
    assert done.exit_code == 0, done.stderr
    (written,) = json.loads(done.stdout)
    return dict(written)


def begin_times(script: Path) -> list[float]:
    """When the sentences of a script in SubRip begin."""
    lines = [
        line.split(" --> ")[0] for line in script.read_text(encoding="utf-8").splitlines() if "-->" in line
    ]
    return [
        sum(float(x) * y for x, y in zip(line.replace(",", ".").split(":"), (3600, 60, 1), strict=True))
        for line in lines
    ]


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_a_clip_speaks_from_the_beginning_of_each_beat(form: str, tmp_path: Path) -> None:
    written = rendered(tmp_path, f"key.{form}", "key", "--narration", "espeak", "--script")
    silent = rendered(tmp_path, f"silent.{form}", "key")
    path = Path(written["path"])
    track, facts = heard(path)
    assert facts["language"] == "eng"
    assert facts["codec"] == {"mp4": "aac", "webm": "opus"}[form]
    assert len(track) / 48_000 == pytest.approx(written["seconds"], abs=0.1)
    starts = begin_times(Path(written["script"][1]))
    assert len(starts) == 2
    assert [begins(track, at) for at in starts[1:]] == [True]
    assert np.abs(track[:9600].astype(int)).max() > 600, "it begins at once"
    assert written["frames"] >= silent["frames"]
    speech = read_provenance(path).shots[0].speech
    assert len(speech) == 2
    for at, seconds in zip(starts, speech, strict=True):
        quiet = track[round((at + seconds + 0.1) * 48_000) : round((at + seconds + 0.3) * 48_000)]
        assert np.abs(quiet.astype(int)).max() < 600, "a breath is taken"


def test_a_film_speaks_and_keeps_its_chapters_and_subtitles(tmp_path: Path) -> None:
    written = rendered(tmp_path, "story.mp4", "--cut", "story", "--narration", "espeak", "--script")
    track, _ = heard(Path(written["path"]))
    starts = begin_times(Path(written["script"][1]))
    assert len(starts) == 20
    assert [at for at in starts[1:] if not begins(track, at)] == []
    with av.open(written["path"]) as container:
        chapters = [float(c["start"] * c["time_base"]) for c in container.chapters()]
        subtitles = [float(p.pts * p.time_base) for p in container.demux(subtitles=0) if p.size > 2]
        assert float(container.duration or 0) / 1e6 == pytest.approx(written["seconds"], abs=0.05)
    assert subtitles == pytest.approx(starts, abs=0.002)
    assert all(min(abs(at - start) for start in starts) < 1.0 for at in chapters)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_a_voice(lang: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VoiceWarning)
        assert Espeak().say("1 2 3 Softmax", lang).seconds > 0.5
