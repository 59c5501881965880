"""Snippets to paste: as parsers of HTML and Markdown see them; and files that fit a size."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tensorreel.cli.asked.options import SizeParam
from tensorreel.cli.cache import prune
from tensorreel.cli.deck import deck
from tensorreel.cli.render import render
from tensorreel.core.engine import forward
from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.job import Job
from tensorreel.film.job.picture import GIF_PICTURE, Picture
from tensorreel.models import tiny_model
from tensorreel.publish.embed import TOOLS, Embedded, snippet
from tensorreel.publish.fitting import fitted, rungs, spoken_picture
from tensorreel.visuals.look.options import SceneOptions

ALT = 'He said "1 < 2 & [3]" about *W_K* and <unk> {x} &amp; $y$ ~~z~~ \\x07'
ITEM = Embedded(
    Path("my clips/04-key.mp4"),
    Path("my clips/04-key.png"),
    {"en": Path("my clips/04-key.en.vtt"), "ja": Path("my clips/04-key.ja.vtt")},
    1280,
    720,
    "4. Key <&>",
    ALT,
    "en",
)


class Elements(HTMLParser):
    """Every element with its attributes, and whether all that was opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("source", "track"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def elements(text: str) -> dict[str, list[dict[str, str | None]]]:
    parser = Elements()
    parser.feed(text)
    assert not parser.open
    found: dict[str, list[dict[str, str | None]]] = {}
    for tag, attributes in parser.found:
        found.setdefault(tag, []).append(attributes)
    return found


@pytest.mark.parametrize("tool", ["html", "reveal"])
def test_a_browser_finds_the_video_its_poster_its_subtitles_and_its_alt_text(tool: str) -> None:
    found = elements(snippet(tool, ITEM))
    (video,) = found["video"]
    assert video["poster"] == "my%20clips/04-key.png"
    assert video["aria-label"] == ALT
    assert "muted" in video  # or browsers do not start it by themselves
    assert ("data-autoplay" in video) == (tool == "reveal")
    assert [s["src"] for s in found["source"]] == ["my%20clips/04-key.mp4"]
    assert [(t["srclang"], t["label"], t["src"]) for t in found["track"]] == [
        ("en", "English", "my%20clips/04-key.en.vtt"),
        ("ja", "日本語", "my%20clips/04-key.ja.vtt"),
    ]


@pytest.mark.parametrize("tool", ["marp", "markdown"])
def test_markdown_shows_a_picture_with_the_alt_text(tool: str) -> None:
    html = MarkdownIt("commonmark").render(snippet(tool, ITEM))
    (image,) = elements(html)["img"]
    assert image["src"] == "my%20clips/04-key.mp4"
    assert (image["alt"] or "").removeprefix("h:470 ") == ALT
    assert set(elements(html)) <= {"h2", "p", "img"}


def test_marp_takes_no_orders_from_a_sentence() -> None:
    alt = "Sentence: bg left w:10 the contrast invert:50% bgs."
    said = snippet("marp", replace(ITEM, alt=alt)).splitlines()[-1]
    words = said.partition("[h:470 ")[2].partition("]")[0]
    assert words.split() == [
        "Sentence:",
        "\u2060bg",
        "\u2060left",
        "\u2060w:10",
        "the",
        "\u2060contrast",
        "\u2060invert:50%",
        "bgs.",
    ]
    assert words.replace("\u2060", "") == alt


def test_a_backslash_ends_no_quotation() -> None:
    last = snippet("quarto", replace(ITEM, alt="ends with \\")).splitlines()[-1]
    assert last.endswith('\\ " >}}')


def test_quarto_gets_its_own_shortcode() -> None:
    last = snippet("quarto", ITEM).splitlines()[-1]
    assert last.startswith("{{< video my%20clips/04-key.mp4 title=")
    assert last.endswith('" >}}')
    assert last.count('"') == 4
    assert last.count("<") == last.count(">") == 1


def test_every_tool_plays_what_it_is_given() -> None:
    assert {tool: form for tool, (form, _) in TOOLS.items()} == {
        "reveal": "mp4",
        "quarto": "mp4",
        "html": "mp4",
        "marp": "gif",
        "markdown": "gif",
    }


# ---- sizes ---------------------------------------------------------------------------------------------
TRACE = forward(tiny_model())


def gif(form: Any = "gif", picture: Picture = GIF_PICTURE) -> Job:
    return Job("query", TRACE, SceneOptions(), picture, form, Path("x"))


@pytest.mark.parametrize("steepness", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("most", [10_000_000, 4_000_000, 1_500_000])
def test_the_best_step_that_fits_is_found_with_few_tries(most: int, steepness: float) -> None:
    first = rungs(gif())[0]
    tries: list[int] = []

    def size_of(job: Job) -> int:
        share = job.picture.width**1.3 * job.picture.fps**0.7 * job.colours**0.3 / first.weight
        tries.append(int(5_000_000 * share**steepness))
        return tries[-1]

    job, size = fitted(gif(), most, size_of)
    assert size <= most
    assert len(tries) <= 5
    better = [
        r for r in rungs(gif()) if r.weight > next(q.weight for q in rungs(gif()) if q.of(gif()) == job)
    ]
    if better:  # the next better one would not have fitted, or only just
        assert size_of(better[-1].of(gif())) > 0.8 * most


def test_what_cannot_fit_is_said() -> None:
    with pytest.raises(UsageProblem, match="--max-size 1000: query has 90000 bytes as the smallest gif"):
        fitted(gif(), 1000, lambda job: 90_000)


def test_the_ladder_goes_down_and_keeps_the_shape() -> None:
    steps = rungs(gif())
    assert [s.weight for s in steps] == sorted((s.weight for s in steps), reverse=True)
    assert spoken_picture(steps[-1].of(gif())) == "480×270, 8 frames per second, 8 colours"
    assert {s.colours for s in rungs(gif("webp"))} == {128}
    small = rungs(gif(picture=Picture(640, 360, 10)))
    assert (small[0].width, small[0].fps) == (640, 10)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4MB", 4_000_000),
        ("500k", 500_000),
        ("1.5 M", 1_500_000),
        ("4MiB", 4 << 20),
        ("99", 99),
        ("2GB", 2 * 10**9),
        ("1Ki", 1024),
        ("7B", 7),
    ],
)
def test_sizes_of_files(text: str, size: int) -> None:
    assert SizeParam().convert(text, None, None) == size


def test_a_size_is_the_same_for_every_option() -> None:
    """A letter means one thing; nothing at all is a size where that makes sense."""
    assert SizeParam(least=0).convert("0", None, None) == 0
    for command in (render, prune, deck):
        (size,) = [p.type for p in command.params if p.name == "max_size"]
        assert isinstance(size, SizeParam)
        assert size.convert("1G", None, None) == 10**9


@pytest.mark.parametrize(
    "text", ["", "MB", "-4MB", "4XB", "0", "nan", "infM", "1e3", "٣MB", "4MBB", "1" * 16]
)
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(Exception, match="expected a size such as"):
        SizeParam().convert(text, None, None)
