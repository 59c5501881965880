"""The HTML deck as text: nothing from elsewhere, everything named is there, words stay words.

What a browser makes of it is tested in ``test_deck_tools.py``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from manim import FadeIn, Square

from tensorreel.publish.deck import webpage
from tensorreel.publish.deck.folder import Folder
from tensorreel.publish.deck.lecture import LectureCover
from tensorreel.publish.deck.webpage_parts import said_aloud
from tensorreel.publish.plain import plain
from tests.deck_parts import HOSTILE, ODD, TOYS, Toy, build, need_fonts, use_toys
from tests.saying import both


class Page(HTMLParser):
    """The elements of a page: (tag, attributes), and the text of its scripts by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.words: list[str] = []
        self._script: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        self._script = (dict(attrs).get("id") or "") if tag in ("script", "style") else None

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        else:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture
def deck(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes a deck of the toys and reads its page."""
    use_toys(monkeypatch)

    def made(name: str = "deck/index.html", **wish: Any) -> tuple[Path, Page]:
        build(tmp_path / name, "html", **wish)
        return tmp_path / name, Page((tmp_path / name).read_text(encoding="utf-8"))

    return made


def test_every_file_is_there_and_nothing_else(deck: Any) -> None:
    page, read = deck()
    data = json.loads(read.scripts["lecture"])
    named = {i["data-file"] for i in read.all("img") if "data-file" in i} | {
        part["film"] for part in data["parts"]
    }
    assert data["folder"] == "files/"
    assert len(named) == 3 * (1 + 4)
    named |= {Path(str(a.get("src") or a.get("href"))).name for a in _loaded(read)}
    assert {p.name for p in (page.parent / "files").iterdir()} == named
    assert sorted(p.name for p in page.parent.iterdir()) == ["files", "index.html"]


def _loaded(read: Page) -> list[dict[str, str | None]]:
    """What the page itself loads at once: styles, scripts, its icon."""
    return read.all("link") + [a for a in read.all("script") if "src" in a]


@pytest.mark.parametrize("one_file", [False, True])
def test_no_address_leads_out(deck: Any, one_file: bool) -> None:
    _, read = deck("one.html" if one_file else "deck/index.html", one_file=one_file)
    for tag, attrs in read.found:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            value = attrs.get(name)
            assert value is None or value.startswith("data:" if one_file else "files/"), (tag, value)
    (policy,) = [m["content"] for m in read.all("meta") if m.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert "*" not in policy
    assert ("connect-src 'self';" in policy) is not one_file, (
        "only a film that a server does not send in pieces"
    )
    for style in read.scripts.values():
        assert not re.search(r"@import|url\(\s*['\"]?(?!data:|#)\w", style[:200_000]) or "Reveal" in style


def test_a_folder_has_no_style_and_no_script_in_its_page(deck: Any) -> None:
    """So that it stands under a policy that allows none; see ``test_deck_tools.py`` for a browser's word."""
    page, read = deck()
    assert not read.all("style")
    assert {a.get("type") for a in read.all("script") if "src" not in a} == {"application/json"}
    assert not [a for _, attrs in read.found for a in attrs if a == "style" or a.startswith("on")]
    assert "unsafe" not in page.read_text(encoding="utf-8")
    assert webpage.HEADER in (Path(__file__).parents[1] / "docs" / "decks.md").read_text(encoding="utf-8")


def test_every_step_has_a_sheet_to_print(deck: Any) -> None:
    page, read = deck()
    text = page.read_text(encoding="utf-8")
    sheets = text.partition('<div id="paper">')[2].split('<section class="sheet">')[1:]
    assert len(sheets) == 1 + 3 * 3
    stills = [i["data-file"] for i in read.all("img") if i.get("loading") == "lazy"]
    assert len(set(stills)) == len(sheets) - 1
    for sheet in sheets[1:]:
        assert "<details open>" in sheet
        assert "Ask the class" in sheet
    assert "One &amp; two" in sheets[1]
    assert "一と二" in sheets[1]
    assert "Two &lt; three" in sheets[2]


def test_what_is_said_on_paper_has_its_formulas_set(
    deck: Any, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    class Root(Toy):
        def storyboard(self) -> None:
            with self.beat("only", both("Divide by √d_k < W_Qᵀ", "√d_kで割る")):
                self.play(FadeIn(Square()), run_time=0.4)

    monkeypatch.setitem(TOYS, "opening", Root)
    page, _ = deck(cache=own_cache)
    sheet = page.read_text(encoding="utf-8").partition('<div id="paper">')[2]
    assert ">Divide by √d<sub>k</sub> &lt; W<sub>Q</sub><sup>T</sup></p>" in sheet
    assert ">√d<sub>k</sub>で割る</p>" in sheet


@pytest.mark.parametrize(("lang", "marks"), [("en", "“{}”"), ("ja", "「{}」"), ("de", "„{}“")])
def test_a_quoted_word_is_no_formula(lang: str, marks: str) -> None:
    word, left = marks.format("x_1<ᵀ"), marks.format("\u2068אב_c\u2069")
    assert said_aloud(f"d_k: {word}", lang) == f"d<sub>k</sub>: {marks.format('x_1&lt;ᵀ')}"
    assert said_aloud(left, lang) == marks.format("<bdi>אב_c</bdi>")
    assert said_aloud("\u2068אב\u2069", lang) == "<bdi>אב</bdi>"


@pytest.mark.parametrize("one_file", [False, True])
def test_reveal_comes_whole_with_its_licence(deck: Any, one_file: bool) -> None:
    page, read = deck(one_file=one_file)
    source = "".join(read.scripts.values())
    source += "".join(p.read_text(encoding="utf-8") for p in page.parent.glob("files/*.js"))
    assert "MIT licensed" in source
    assert "Reveal.initialize" in source


def test_frames_and_captions_of_the_steps(deck: Any) -> None:
    _, read = deck()
    data = json.loads(read.scripts["lecture"])
    assert [part["id"] for part in data["parts"]] == ["opening", "query", "attn-weights"]
    for part in data["parts"]:
        lasts = [step["last"] for step in part["steps"]]
        assert [step["loop"] for step in part["steps"]] == [False, True, False]
        assert len(lasts) == 3
        assert lasts == sorted(set(lasts))
        assert part["frames"] == lasts[-1]
        assert next((c["said"]["en"], c["said"]["ja"]) for c in part["cues"]) == ("One & two", "一と二")
        assert [c["start"] for c in part["cues"]] == [0, *lasts[:-1]]


def test_every_picture_has_words_for_it(deck: Any) -> None:
    _, read = deck()
    told = [i for i in read.all("img") if "data-file" in i and i["alt"]]
    sections = [i for i in told if i.get("loading") != "lazy"]
    assert len(told) == len(sections) + 3 * 3, "the sheets for printing"
    assert len(sections) == 3 * 4
    assert all(len(i["alt"] or "") > 5 for i in sections)
    assert {i["alt"] for i in read.all("img")} - {""} == {i["alt"] for i in sections}
    labels = [b.get("aria-label") for b in read.all("nav")] + [
        d.get("aria-labelledby") for d in read.all("dialog")
    ]
    assert all(labels)
    assert all(v.get("muted", 0) is None and v["aria-hidden"] == "true" for v in read.all("video"))


@pytest.mark.parametrize("words", [HOSTILE, ODD], ids=["hostile", "odd"])
def test_words_stay_words(deck: Any, words: Sequence[str]) -> None:
    page, read = deck(words=words)
    assert not read.all("b")
    assert not read.all("s")
    found = [text for text in read.words if plain(words[1]) in text]
    assert len(found) == 2, "the cover, on the screen and on paper"
    assert all(plain(words[i])[:39] in shown for i in (1, 2, 3, 4, 5) for shown in found)
    assert not {"\x07", "\x0b", "\x1b", "\u202e"} & set(page.read_text(encoding="utf-8"))
    assert json.loads(read.scripts["lecture"])["parts"]
    assert page.read_text(encoding="utf-8").count("</script>") == len(read.all("script"))


def test_one_file_holds_it_all(deck: Any, tmp_path: Path) -> None:
    _, read = deck("one.html", one_file=True)
    folder, _ = deck()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deck", "one.html"]
    data = json.loads(read.scripts["lecture"])
    kept = {
        p.name.split(".")[0] + p.suffix: p.read_bytes()
        for p in (folder.parent / "files").iterdir()
        if p.suffix in (".mp4", ".webp")
    }
    for name in {i["data-file"] for i in read.all("img") if "data-file" in i} | {
        part["film"] for part in data["parts"]
    }:
        assert base64.b64decode(read.scripts[f"file-{name}"]) == kept[str(name)]


def test_the_page_speaks_the_films_language(deck: Any) -> None:
    _, read = deck(lang="ja", names=("query",))
    assert read.all("html")[0]["lang"] == "ja"
    assert "発表者ビュー" in "".join(read.words)
    assert json.loads(read.scripts["lecture"])["langs"] == {"ja": "日本語", "en": "English"}


def test_the_cover_says_who_and_when(deck: Any) -> None:
    _, read = deck(names=("query",), cover=LectureCover("<Mine>", "A & B", "today"))
    words = "".join(read.words)
    assert "<Mine>" in words
    assert words.count("A & B · today") == 2, "on the page and on paper"


def test_captions_are_offered_in_the_languages_that_were_asked_for(deck: Any) -> None:
    _, read = deck(lang="ja", names=("query",), second=None)
    assert list(json.loads(read.scripts["lecture"])["langs"]) == ["ja"]
    _, read = deck(names=("query",), second=None)
    lecture = json.loads(read.scripts["lecture"])
    assert list(lecture["langs"]) == ["en"]
    assert [list(cue["said"]) for cue in lecture["parts"][0]["cues"]] == [["en"]] * 3
    assert "クエリ" not in "".join(read.words)


def test_a_new_deck_replaces_the_old_one_and_touches_nothing_else(deck: Any) -> None:
    page, _ = deck()
    mine = page.parent / "files" / "my own.png"
    mine.write_bytes(b"a picture of the lecturer's")
    before = {p.name for p in (page.parent / "files").iterdir()}
    deck(names=("query",), theme="light")
    after = {p.name for p in (page.parent / "files").iterdir()}
    assert mine.name in after
    scripts = {name for name in before if name.endswith((".js", ".css", ".svg"))}
    assert len(after) == 1 + 5 + len(scripts)
    assert {name for name in after & before if not name.startswith("deck.")} == {mine.name} | {
        name for name in scripts if not name.startswith("deck.")
    }


def test_pages_in_one_folder_keep_their_files_and_others_keep_theirs(deck: Any) -> None:
    one, read = deck("deck/one.html", names=("query",))
    bundled = one.parent / "files" / "main.0123456789.js"
    bundled.write_bytes(b"named as ours are, and not ours")
    deck("deck/two.html", names=("attn_weights",), theme="light")
    named = {str(i["data-file"]) for i in read.all("img") if "data-file" in i}
    assert named <= {p.name for p in (one.parent / "files").iterdir()}
    assert bundled.exists()


def test_a_page_that_fails_leaves_the_old_deck_whole(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "index.html", tmp_path / "files")
    name = folder.add("film", ".mp4", b"old")
    folder.publish("old page")
    new = Folder(tmp_path / "index.html", tmp_path / "files")
    new.add("film", ".mp4", b"new")
    assert (tmp_path / "index.html").read_text() == "old page"
    assert (tmp_path / "files" / name).read_bytes() == b"old"


def test_a_damaged_file_is_put_right(tmp_path: Path) -> None:
    for _ in range(2):
        folder = Folder(tmp_path / "index.html", tmp_path / "files")
        name = folder.add("film", ".mp4", b"right")
        assert (tmp_path / "files" / name).read_bytes() == b"right"
        (tmp_path / "files" / name).write_bytes(b"wrong")


def test_a_sentence_that_runs_to_the_left_does_so_and_its_captions_do_not(deck: Any) -> None:
    need_fonts("אב")
    _, page = deck(words=("אב", "גד", "הו", "זח", "טי", "כל", "מנ", "סע"), names=("opening", "query"))
    (sentence,) = (attrs for attrs in page.all("p") if attrs.get("class") == "sentence")
    assert sentence["dir"] == "auto"
    assert page.all("html")[0].get("dir") in (None, "ltr")
    alt = next(attrs["alt"] for attrs in page.all("img") if "Sentence" in (attrs.get("alt") or ""))
    assert "\u2068גד הו זח טי כל\u2069" in (alt or "")


def test_meanings_on_the_cover_are_elements_of_their_own(deck: Any) -> None:
    need_fonts("אב")
    glosses = ("אב", "b & c", "d", "e", "f", "g", "h", "i")
    _, page = deck(names=("opening", "query"), glosses=glosses, tokens=(0, 1))
    assert len(page.all("bdi")) == 2, "on the screen and on paper"
    assert "אב" in page.words
