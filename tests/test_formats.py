"""The formats: each has all that it needs, and nothing else knows their list."""

from __future__ import annotations

import inspect
from pathlib import Path

import av
import pytest

from tensorreel.cli.asked.formats import each_kind
from tensorreel.film.draw import manim_setup
from tensorreel.film.job.formats import FORMATS, KINDS, Format, endings, function, told
from tensorreel.film.keep.source import Sources
from tensorreel.publish.reading import _is_picture

manim_setup.import_manim()
ENCODERS = {True: ["job", "renderer", "scene"], False: ["part", "job"]}


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.ending)
def test_a_format_names_functions_that_are_there(form: Format) -> None:
    assert list(inspect.signature(function(form.encoder)).parameters) == ENCODERS[form.still]
    assert list(inspect.signature(function(form.labels)).parameters)[:4] == ["job", "label", "source", "part"]
    assert form.kind in KINDS
    assert form.usual.fps <= form.most
    assert bool(form.begins) == (form.kind in ("loop", "still")), (
        "how a picture begins is how its texts are found"
    )


@pytest.mark.parametrize("form", [f for f in FORMATS.values() if not f.begins], ids=lambda form: form.ending)
def test_ffmpeg_knows_the_container_of_a_film(form: Format) -> None:
    assert (form.container or form.ending) in av.formats_available


def test_every_kind_has_a_format_and_every_format_is_in_the_help() -> None:
    assert sorted(name for kind in KINDS for name in endings(kind)) == sorted(FORMATS)
    assert [kind for kind in KINDS if not endings(kind)] == []
    parts = [part.partition(": ") for part in each_kind().rstrip(".").split(". ")]
    said = {names: words for names, _, words in parts}
    assert said == {", ".join(endings(kind)): words for kind, words in KINDS.items()}
    assert [told(["a"]), told(["a", "b"]), told(["a", "b", "c"])] == ["a", "a or b", "a, b or c"]


@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.ending)
def test_what_draws_a_clip_follows_from_its_format(form: Format) -> None:
    """The encoder and what it imports stand in the key; another format's do not."""
    found = Sources().code("tensorreel.scenes.output", form.ending)
    module = f"tensorreel.{form.encoder.partition(':')[0]}"
    assert {module, "tensorreel.film.make.clip", "tensorreel.visuals.stage.scene"} <= set(found)
    assert found["encoder"] == form.encoder
    assert "tensorreel.film.job.formats" not in found, "a further format makes no clip again"
    others = {"webp", "gif", "overlay", "encoder"} - {"encoder"} - {module.rpartition(".")[2]}
    assert form.kind != "film" or not {f"tensorreel.film.encode.{name}" for name in others} & set(found)


def test_pictures_are_known_by_how_they_begin() -> None:
    heads = {
        b"GIF89a": True,
        b"\x89PNG\r\n": True,
        b"RIFF\0\0\0\0WEBP": True,
        b'<?xml?>\n<svg width="1">': True,
    }
    heads |= {b"\0\0\0\x20ftypisom": False, b"\x1aE\xdf\xa3": False, b"": False}
    assert {head: _is_picture(head) for head in heads} == heads


def test_the_declarations_stand_in_one_light_file() -> None:
    text = Path(inspect.getfile(Format)).read_text(encoding="utf-8")
    assert "import av" not in text
    assert "manim" not in text
