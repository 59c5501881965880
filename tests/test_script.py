"""What is said in a film: signs in words, in every language, and beats with times for a person who reads them aloud."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tensorreel.film.job.job import Clip, Cue
from tensorreel.models import tiny_model
from tensorreel.publish.ours import is_ours
from tensorreel.publish.speech.script import script, take_name, write_script
from tensorreel.words.catalogue import FOLDER
from tensorreel.words.languages import LANGUAGES
from tensorreel.words.spoken import in_words
from tests.harness import run
from tests.saying import both
from tests.stub import jobs_for

SIGNS = "′ᵀ₀₁₂⁰¹²⁻−∞=＝≈→〜×√σΣγβεμ_…"


@pytest.mark.parametrize(
    ("caption", "said"),
    [
        ("Each word is a row of numbers.", "Each word is a row of numbers."),
        ("QKᵀ divided by √d_k.", "Q times K transposed divided by the square root of d k."),
        (
            "(H′W₁)W₂ = H′(W₁W₂)",
            "(H prime times W 1) times W 2 equals H prime times (W 1 times W 2)",
        ),
        ("“one”, −0.8 → 1.50.", "“one”, minus 0.8 to 1.50."),
        ("p: 0.47 → 9e−11.", "p: 0.47 to 9 times 10 to the power of minus 11."),
        ("e¹⁰ and h · d_k", "e to the power of 10 and h times d k"),
        ("a by-pass, the x-axis", "a by-pass, the x-axis"),
    ],
)
def test_signs_are_said_in_words(caption: str, said: str) -> None:
    assert in_words(caption, "en") == said


def test_japanese_has_words_of_its_own_and_no_spaces_between_them() -> None:
    assert in_words("「法」は0.49 → 9e−11。", "ja") == "「法」は0.49から9かける10のマイナス11乗。"
    assert in_words("γ=1", "ja") == "ガンマイコール1"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sign_of_any_caption_is_left(lang: str) -> None:
    """Every translation of the catalogue, whatever it is for, is one that a speaker could be given."""
    name = "tensorreel.pot" if lang == "en" else f"{lang.replace('-', '_')}.po"
    wanted = "msgid" if lang == "en" else "msgstr"
    texts = re.findall(rf'^{wanted}[^ ]* "(.+)"$', (FOLDER / name).read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"\{[^}]*\}", "7", text) for text in texts]
    assert len(plain) > 300
    left = [text for text in plain if set(in_words(text, lang)) & set(SIGNS)]
    assert left == []


JOBS = jobs_for(tiny_model(), Path(), ("query", "attn_output"))
CLIPS = [
    Clip(
        "query",
        Path("a.mp4"),
        41,
        10,
        (
            Cue("rows", 0.0, 2.5, both("A row.", "行。")),
            Cue("quiet", 2.5, 3.0, both("", "")),
            Cue("next row", 3.0, 4.1, both("H′ = 1", "H′＝1")),
        ),
    ),
    Clip("attn_output", Path("b.mp4"), 12, 10, (Cue("why head 1", 0.0, 1.2, both("Why?", "なぜ？")),)),
]


def test_a_sentence_has_its_time_in_the_film_its_length_and_the_name_of_its_recording() -> None:
    assert script(JOBS, CLIPS).split("\n\n") == [
        "The Transformer, number by number",
        "3. Query",
        "0:00.0  2.5 s  query.rows\nA row.",
        "0:03.0  1.1 s  query.next-row\nH prime equals 1",
        "11. Output projection",
        "0:04.1  1.2 s  attn-output.why-head-1\nWhy?\n",
    ]


def test_it_is_in_the_language_of_the_film() -> None:
    jobs = [replace(job, options=replace(job.options, lang="ja")) for job in JOBS]
    assert "0:03.0  1.1 s  query.next-row\nHプライムイコール1" in script(jobs, CLIPS)


def test_both_files_say_the_same_sentences(tmp_path: Path) -> None:
    text, srt = write_script(tmp_path / "film.mp4", JOBS, CLIPS)
    assert [text.name, srt.name] == ["film.script-en.txt", "film.script-en.srt"]
    assert text.read_text(encoding="utf-8") == script(JOBS, CLIPS)
    assert "2\n00:00:03,000 --> 00:00:04,100\nH prime equals 1\n" in srt.read_text(encoding="utf-8")
    assert not is_ours(text), "there is no film beside it"


def test_names_of_recordings_need_no_quotes() -> None:
    assert take_name("attn_output", "why head 1") == "attn-output.why-head-1"


def test_the_command_writes_it_beside_a_clip_and_beside_the_film(quick: Path) -> None:
    for stages, name in ((["query"], "03-query"), ([], "transformer")):
        done = run("render", *stages, "--script", "-q", "l", "-j", "1", "--lang", "ja", "--json", cwd=quick)
        assert done.code == 0, done.err
        (written,) = json.loads(done.out)
        assert written["script"] == [f"renders/{name}.script-ja.{ending}" for ending in ("txt", "srt")]
        assert "全部" in (quick / written["script"][0]).read_text(encoding="utf-8")
