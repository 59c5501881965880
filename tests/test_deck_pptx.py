"""The PowerPoint file, opened with python-pptx and as the XML it is."""

from __future__ import annotations

import importlib.util
import io
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation

from tensorreel.core.errors import EnvironmentProblem
from tensorreel.publish.deck import making
from tensorreel.publish.deck.lecture import Lecture, LectureCover
from tensorreel.publish.plain import plain
from tests.deck_parts import HOSTILE, MARKED, ODD, TOYS, Marked, build, need_fonts, parts_of, use_toys

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@pytest.fixture
def deck(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes a deck of the toys: its lecture, its file and python-pptx's view of it."""
    use_toys(monkeypatch)

    def made(**wish: Any) -> tuple[Lecture, Path, Any]:
        wish.setdefault("steps", "beat")
        output = tmp_path / "out" / "deck.pptx"
        output.parent.mkdir(exist_ok=True)
        lecture = build(output, "pptx", **wish)
        return lecture, output, Presentation(str(output))

    return made


def movies(slide: Any) -> list[Any]:
    return [shape for shape in slide.shapes if shape._element.findall(f".//{A}videoFile")]


def text_of(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_slides_for_stages_and_steps(deck: Any) -> None:
    lecture, _, file = deck()
    titles = [slide.shapes.title.text for slide in file.slides]
    assert titles[:3] == ["The Transformer, number by number", "Map of the lecture", "Opening"]
    assert titles[6:10] == ["3. Query", "3. Query (1/3)", "3. Query (2/3)", "3. Query (3/3)"]
    assert len(titles) == 2 + 3 * (1 + 3)
    assert [len(movies(slide)) for slide in file.slides] == [0, 0] + [0, 1, 1, 1] * 3
    assert file.slide_width * 9 == file.slide_height * 16
    assert sum(len(part.steps) for part in lecture.parts) == 9


def test_a_stage_is_one_slide_unless_beats_are_asked_for(deck: Any) -> None:
    """Its clip, and beside it, without covering any of it, what it does, its formula and its shapes."""
    lecture, _, file = deck(steps=None)
    titles = [slide.shapes.title.text for slide in file.slides]
    assert titles[2:] == ["Opening", "3. Query", "7. Attention weights"]
    for part, slide in zip(lecture.parts, [*file.slides][2:], strict=True):
        (movie,) = movies(slide)
        assert movie.width * 9 == movie.height * 16
        assert part.meaning.of("en") in text_of(slide)
        assert sum(shape.has_table for shape in slide.shapes) == 1
        others = [shape for shape in slide.shapes if shape is not movie]
        for shape in others:
            right, below = shape.left + shape.width, shape.top + shape.height
            assert 0 <= shape.left < right <= file.slide_width
            assert 0 <= shape.top < below <= file.slide_height
            apart = shape.left >= movie.left + movie.width or shape.top >= movie.top + movie.height
            assert shape.shape_id == movie.shape_id or apart or below <= movie.top
    assert "Q = HWQ" in text_of(file.slides[3]).replace(" W", "W")


def test_a_caption_comes_out_as_it_is_in_the_notes(
    deck: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(TOYS, "query", Marked)
    _, _, file = deck(names=("query",), cache=tmp_path / "kept")
    assert f"Caption: {MARKED}\n" in file.slides[1].notes_slide.notes_text_frame.text


def test_the_cover_says_who_and_when(deck: Any) -> None:
    _, _, file = deck(names=("query",), cover=LectureCover("Mine", "A. B.", "today"))
    assert len(file.slides) == 1 + 1 + 3
    assert text_of(file.slides[0]).splitlines()[0] == "Mine"
    assert "A. B. · today" in text_of(file.slides[0])
    assert file.core_properties.title == "Mine"


def test_clips_hold_the_steps_pictures(deck: Any) -> None:
    lecture, _, file = deck(names=("query",))
    found = []
    for slide in file.slides:
        for movie in movies(slide):
            media = slide.part.related_part(movie._element.find(f".//{A}videoFile").get(f"{R}link"))
            assert media.content_type == "video/mp4"
            with av.open(io.BytesIO(media.blob), "r") as container:
                found.append(sum(1 for _ in container.decode(video=0)))
    assert found == [step.last - step.first for step in lecture.parts[0].steps]


def test_alt_text_notes_and_tables(deck: Any) -> None:
    lecture, _, file = deck()
    for slide in file.slides:
        assert slide.has_notes_slide
        for shape in slide.shapes:
            if movies(slide) or shape.has_table:
                words = shape._element.xpath(".//p:cNvPr/@descr")
                assert shape.is_placeholder or (words and len(words[0]) > 20)
    query = file.slides[6]
    (table,) = [shape.table for shape in query.shapes if shape.has_table]
    cells = [[cell.text_frame.text for cell in row.cells] for row in table.rows]
    assert cells == [
        ["tensor", "shape", "here"],
        ["H", "T × d", "5×4"],
        ["WQ", "h × d × dk", "2×4×2"],
        ["Q", "h × T × dk", "2×5×2"],
    ]
    notes = file.slides[8].notes_slide.notes_text_frame.text
    part = lecture.parts[1]
    for wanted in (
        "Two < three",
        "二は三より小さい",
        "Q = H W_Q",
        part.question.ask.of("en"),
        part.question.ask.of("ja"),
    ):
        assert wanted in notes
    assert part.question.answer.of("en") in notes


@pytest.mark.parametrize(("play", "loop"), [("auto", None), ("auto", False), ("click", True)])
def test_the_timing_tree(deck: Any, play: str, loop: bool | None) -> None:
    lecture, _, file = deck(names=("query",), play=play, loop=loop)
    slides = [slide for slide in file.slides if movies(slide)]
    steps = lecture.parts[0].steps
    assert [step.loop for step in steps] == ([False, True, False] if loop is None else [loop] * 3)
    for slide, step in zip(slides, steps, strict=True):
        (movie,) = movies(slide)
        tree = slide._element.find(f"{P}timing")
        children = [etree.QName(child).localname for child in slide._element]
        assert children == sorted(children, key=["cSld", "clrMapOvr", "transition", "timing"].index)
        assert {int(t.get("spid")) for t in tree.iter(f"{P}spTgt")} == {movie.shape_id}
        ids = [int(node.get("id")) for node in tree.iter(f"{P}cTn")]
        assert ids == list(range(1, len(ids) + 1))
        main = tree.find(f".//{P}cTn[@nodeType='mainSeq']")
        (call,) = main.iter(f"{P}cmd")
        assert call.get("cmd") == "playFrom(0.0)"
        assert int(call.find(f".//{P}cTn").get("dur")) == (step.last - step.first) * 100
        begins = [c for c in main.iter(f"{P}cond") if c.get("evt") == "onBegin"]
        effect = main.find(f".//{P}cTn[@presetClass='mediacall']").get("nodeType")
        assert (len(begins), effect) == ((1, "afterEffect") if play == "auto" else (0, "clickEffect"))
        assert all(c.find(f"{P}tn").get("val") == main.get("id") for c in begins)
        media = tree.find(f".//{P}cMediaNode/{P}cTn")
        assert media.get("repeatCount") == ("indefinite" if step.loop else None)
        assert media.get("fill") == "hold"
        (pause,) = [c for c in tree.iter(f"{P}cmd") if c.get("cmd") == "togglePause"]
        assert pause is not call


@pytest.mark.parametrize(
    "wish", [{"play": "auto"}, {"play": "click"}, {"loop": True}, {"steps": "stage"}], ids=str
)
def test_a_clip_stands_for_what_it_comes_to(deck: Any, wish: dict[str, Any]) -> None:
    """On paper, in a PDF and in the overview a slide shows its clip's last picture; so no picture is missing."""
    _, _, file = deck(names=("query", "attn_weights"), **wish)
    slides = [slide for slide in file.slides if movies(slide)]
    assert len(slides) == (2 if "steps" in wish else 6)
    for slide in slides:
        (movie,) = movies(slide)
        poster = grey(Image.open(io.BytesIO(blob(slide, movie, "blip", "embed"))))
        with av.open(io.BytesIO(blob(slide, movie, "videoFile", "link")), "r") as film:
            frames = [frame.to_ndarray(format="gray").astype(float) for frame in film.decode(video=0)]
        assert poster.shape == (180, 320)
        assert np.abs(poster - frames[-1]).mean() < 2
        assert np.abs(poster - frames[0]).mean() > 2 * np.abs(poster - frames[-1]).mean()


def blob(slide: Any, movie: Any, tag: str, attribute: str) -> bytes:
    """The file that an element of the clip's shape names."""
    data: bytes = slide.part.related_part(movie._element.find(f".//{A}{tag}").get(f"{R}{attribute}")).blob
    return data


def grey(image: Any) -> Any:
    return np.asarray(image.convert("L"), float)


def test_a_clip_is_embedded_once(deck: Any, tmp_path: Path) -> None:
    _, output, _ = deck(names=("opening", "query"), steps="stage")
    media = [name for name in parts_of(output) if name.endswith(".mp4")]
    assert len(media) == 2, "two slides, two different clips"
    _, output, file = deck(names=("opening", "opening"), steps="stage")
    media = [name for name in parts_of(output) if name.endswith(".mp4")]
    assert len(media) == 1, "two slides, one clip"
    assert sum(len(movies(slide)) for slide in file.slides) == 2


def last_of(file: Any, title: str) -> Any:
    """The last slide of a stage."""
    return [slide for slide in file.slides if slide.shapes.title.text.startswith(title)][-1]


@pytest.mark.parametrize("steps", [None, "beat"])
def test_the_map_leads_to_every_stage_and_back(deck: Any, steps: str | None) -> None:
    lecture, _, file = deck(steps=steps)
    introductions = [file.slides[k] for k in ((2, 3, 4) if steps is None else (2, 6, 10))]
    stations = [s for s in file.slides[1].shapes if not s.is_placeholder]
    targets = [s.click_action.target_slide.slide_id for s in stations]
    assert targets == [s.slide_id for s in introductions for _ in ("its ground", "its picture")]
    for part, picture in zip(lecture.parts, stations[1::2], strict=True):
        assert picture._element.nvPicPr.cNvPr.get("descr") == part.alt(part.steps[-1], "en")
        movie = movies(last_of(file, part.title("en")))[0]
        assert picture.image.blob == blob(last_of(file, part.title("en")), movie, "blip", "embed")
    for slide in introductions:
        (back,) = [s for s in slide.shapes if s.name == "Map of the lecture"]
        assert back.click_action.target_slide.slide_id == file.slides[1].slide_id


@pytest.mark.parametrize("words", [HOSTILE, ODD], ids=["hostile", "odd"])
def test_the_package_is_sound(deck: Any, words: Sequence[str]) -> None:
    """Every part is well-formed, every relation leads to a part, every part has a type, every id is its own."""
    _, output, file = deck(words=words, lang="ja", theme="light")
    parts = parts_of(output)
    types = etree.fromstring(parts["[Content_Types].xml"])
    defaults = {t.get("Extension").lower() for t in types if t.get("Extension")}
    overrides = {t.get("PartName").lstrip("/") for t in types if t.get("PartName")}
    reached = {"[Content_Types].xml"}
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            root = etree.fromstring(data)
            assert name in overrides or name.rsplit(".", 1)[1] in defaults
            if not name.endswith(".rels"):
                rels = f"{posixpath.dirname(name)}/_rels/{posixpath.basename(name)}.rels".lstrip("/")
                known = {r.get("Id") for r in etree.fromstring(parts[rels])} if rels in parts else set()
                used = set(re.findall(rb'\br:(?:id|embed|link|pict)="([^"]*)"', data))
                assert {u.decode() for u in used if u} <= known, name
                ids = [e.get("id") for e in root.iter(f"{P}cNvPr")]
                assert len(ids) == len(set(ids)), name
        if name.endswith(".rels"):
            base = posixpath.dirname(posixpath.dirname(name))
            for relation in etree.fromstring(data):
                assert relation.get("TargetMode") != "External", "nothing is linked from outside"
                target = posixpath.normpath(posixpath.join("/", base, relation.get("Target"))).lstrip("/")
                assert target in parts, f"{name}: {target}"
                reached.add(target)
    assert {n for n in parts if not n.endswith(".rels")} == reached, "no part that nothing leads to"
    shown = text_of(file.slides[0])
    assert all(plain(words[i])[:39] in shown for i in (1, 2, 3, 4, 5))
    assert len(shown) < 400


def test_sections_hold_every_slide_once(deck: Any) -> None:
    _, output, file = deck()
    root = etree.fromstring(parts_of(output)["ppt/presentation.xml"])
    p14 = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"
    sections = [
        (s.get("name"), [int(i.get("id")) for i in s.iter(f"{p14}sldId")]) for s in root.iter(f"{p14}section")
    ]
    assert [name for name, _ in sections] == [
        "The Transformer, number by number",
        "Opening",
        "3. Query",
        "7. Attention weights",
    ]
    assert [i for _, ids in sections for i in ids] == [slide.slide_id for slide in file.slides]
    assert root[-1].tag == f"{P}extLst"


def test_layouts_are_ours_alone(deck: Any) -> None:
    _, _, file = deck(names=("query",))
    assert [layout.name for layout in file.slide_layouts] == ["Title", "Stage", "Clip", "Whole stage"]
    clip = file.slides[1]
    assert clip.slide_layout.name == "Clip"
    assert clip.shapes.title.top + clip.shapes.title.height < 0, "the clip has the slide for itself"
    (movie,) = movies(clip)
    assert (movie.left, movie.top, movie.width, movie.height) == (0, 0, file.slide_width, file.slide_height)


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentProblem, match=r"pip install 'tensorreel\[slides\]'") as caught:
        making.check_libraries("pptx")
    assert caught.value.exit_code == 4
    forms: tuple[making.Form, ...] = ("html", "pdf", "manim-slides")
    for form in forms:
        making.check_libraries(form)


@pytest.mark.parametrize(
    ("words", "rtl"), [(("אב", "גד", "הו", "זח", "טי", "כל", "מנ", "סע"), "1"), (tuple("abcdefgh"), None)]
)
def test_a_sentence_that_runs_to_the_left_does_so_on_the_title(
    deck: Any, words: Any, rtl: str | None
) -> None:
    need_fonts(*words)
    _, _, file = deck(words=words, names=("opening", "query"))
    body = file.slides[0].placeholders[1].text_frame.paragraphs[0]
    assert body.text == " ".join(words[1:6])
    assert (None if body._p.pPr is None else body._p.pPr.get("rtl")) == rtl
