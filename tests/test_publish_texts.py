"""Subtitles and alt text: what they say, and that other people's programs read them as they were meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
import srt as subrip

from tensorreel.core.engine import forward
from tensorreel.core.stages import ARTICLE
from tensorreel.film.job.job import Clip, Cue
from tensorreel.models import tiny_model
from tensorreel.publish.alt import alt_text
from tensorreel.publish.plain import glosses, sentence
from tensorreel.publish.subtitles import film_cues, srt, vtt
from tensorreel.visuals.lettering.captions import printed
from tensorreel.words.visible_text import spelled_out
from tests.saying import both

FPS = 60
CUES = (
    Cue("one", 0.0, 119 / FPS, both("Take a & b: 1 < 2\nhere", "一つ目")),
    Cue("quiet", 119 / FPS, 150 / FPS, both("", "")),
    Cue("two", 150 / FPS, 3700 / FPS, both("<unk> --> 糖", "二つ目\u2028の行")),
)
TRACE = forward(tiny_model())


def read(path: Path) -> list[tuple[int, int, str]]:
    """First frame, frame after the last, and text of every subtitle, as FFmpeg reads the file; without
    the word joiners that keep it from obeying signs."""
    found = []
    with av.open(str(path)) as container:
        stream: Any = container.streams.subtitles[0]
        for packet in container.demux(stream):
            for subtitle in packet.decode():
                start = float(packet.pts * stream.time_base)
                end = start + float(packet.duration * stream.time_base)
                text = subtitle.ass.decode().split(",", 8)[8].replace("\u2060", "").replace("\\{{}", "{")
                found.append((round(start * FPS), round(end * FPS), text))
    return found


def test_ffmpeg_reads_the_vtt_to_the_frame(tmp_path: Path) -> None:
    file = tmp_path / "a.vtt"
    file.write_text(vtt(CUES, "en"), encoding="utf-8")
    assert read(file) == [(0, 119, "Take a & b: 1 < 2\\nhere"), (150, 3700, "<unk> --> 糖")]


def test_ffmpeg_and_the_srt_package_read_the_srt_to_the_frame(tmp_path: Path) -> None:
    file = tmp_path / "a.srt"
    file.write_text(srt(CUES, "ja"), encoding="utf-8")
    assert read(file) == [(0, 119, "一つ目"), (150, 3700, "二つ目\\u2028の行")]
    parsed = list(subrip.parse(srt(CUES, "ja"), ignore_errors=False))
    assert [(p.index, p.content.replace("\u2060", "")) for p in parsed] == [
        (1, "一つ目"),
        (2, "二つ目\\u2028の行"),
    ]
    assert [round(p.start.total_seconds() * FPS) for p in parsed] == [0, 150]


@pytest.mark.parametrize(
    "word",
    ["<s>", "</s>", "<b>b</b>", "<UNK>", "{\\an8}", "{b}", "\\n", "\\N", "&amp;", "<i", "\x07", "\u202e"],
)
@pytest.mark.parametrize("form", [srt, vtt])
def test_players_show_a_word_and_do_not_obey_it(form: Any, word: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{form.__name__}"
    file.write_text(form([Cue("one", 0.0, 1.0, both(f"at {word} it", ""))], "en"), encoding="utf-8")
    ((_, _, text),) = read(file)
    assert text.translate(str.maketrans("｛｝", "{}")) == f"at {spelled_out(word)} it"
    assert form is vtt or "{" not in text  # of which FFmpeg makes orders in SubRip, whatever is in it


def test_long_sentences_are_cut_between_letters() -> None:
    words = ("e\u0301" * 30, "葛\U000e0100" * 30, "の", "x" * 900, "]]>")
    trace = forward(replace(TRACE.model, words=(*words, "a", "b", "c"), glosses=(), readings=()), range(5))
    shown = sentence(trace).split(" ")
    assert shown == ["e\u0301" * 19 + "…", "葛\U000e0100" * 19 + "…", "の", "x" * 39 + "…", "]]>"]
    assert len(sentence(trace, 100)) <= 100
    assert sentence(trace, 6) == "e\u0301e\u0301…"


def test_the_films_cues_follow_each_other_without_drift() -> None:
    clips = [Clip(name, Path(name), 3701, FPS, CUES) for name in ("query", "key", "value")]
    cues = film_cues(clips)
    assert [c.name for c in cues[::3]] == ["query.one", "key.one", "value.one"]
    assert [round(c.start * FPS) for c in cues[::3]] == [0, 3701, 7402]
    assert cues[-1].end == (2 * 3701 + 3700) / FPS


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("scene", [s.name for s in ARTICLE.stages] + ["opening", "recap"])
def test_alt_text_names_stage_shapes_sentence_and_what_is_said(scene: str, lang: str) -> None:
    said = {"en": "<unk> --> 糖", "ja": "二つ目\\u2028の行"}[lang]
    text = alt_text(scene, TRACE, CUES, lang)
    assert "糖 尿 病 の 治療" in text
    assert text.endswith(said)
    assert "\n" not in text
    assert len(text) < 500
    stage = next((s for s in ARTICLE.stages if s.name == scene), None)
    if stage is not None:
        assert stage.formula_plain in text
        assert "×".join(str(TRACE.sizes[x]) for x in stage.out_dims) in text
        assert stage.meaning.of(lang) in text


def test_alt_text_of_a_beat_is_that_beats() -> None:
    text = alt_text("query", TRACE, CUES, "en", beat="one", kind="picture")
    assert text.startswith("Picture, stage 3 of 18: Query. ")
    assert text.endswith("Caption: Take a & b: 1 < 2\\nhere")
    assert alt_text("query", TRACE, (), "en").endswith("の 治療.")


HEBREW = ("המכתב", "שלח", "אל", "\u2069א\u202e", "a", "b", "c", "d")


@pytest.mark.parametrize("form", [srt, vtt])
def test_words_that_run_to_the_left_are_isolated_in_captions(form: Any, tmp_path: Path) -> None:
    """The film's isolates stay, for players to obey; those of a word are written out, so that it does not end them."""
    words = {k: str(v) for k, v in printed({"a": HEBREW[0], "b": HEBREW[3], "c": "糖"})[1].items()}
    file = tmp_path / f"a.{form.__name__}"
    file.write_text(
        form([Cue("one", 0.0, 1.0, both("{a} looks at {b}, {c}".format(**words), ""))], "en"),
        encoding="utf-8",
    )
    ((_, _, text),) = read(file)
    assert text == "\u2068המכתב\u2069 looks at \u2068\\u2069א\\u202e\u2069, 糖"


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("scene", ["opening", "query"])
def test_a_sentence_that_runs_to_the_left_is_isolated_in_alt_text(scene: str, lang: str) -> None:
    trace = forward(replace(TRACE.model, words=HEBREW, glosses=HEBREW, readings=()), (0, 1, 2))
    text = alt_text(scene, trace, CUES, lang)
    assert "\u2068המכתב שלח אל\u2069" in text
    assert glosses(trace, "en") == " · ".join(f"\u2068{word}\u2069" for word in HEBREW[:3])
    assert sentence(trace) == "המכתב שלח אל"


def test_glosses_that_are_cut_end_their_isolates() -> None:
    trace = forward(replace(TRACE.model, words=HEBREW, glosses=("א" * 90,) * 8, readings=()), (0, 1, 2, 4, 5))
    text = glosses(trace, "en")
    assert text.count("\u2068") == text.count("\u2069")
