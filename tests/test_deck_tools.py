"""Decks in the programs they are made for: Chromium, LibreOffice, manim-slides.

``make test-decks`` installs these and runs this file; where one is missing its tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from tensorreel.cli import main
from tensorreel.publish.deck.webpage import HEADER
from tests.offices import needs_office
from tests.servers import Plain, Ranged, serving

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "build" / "node" / "node_modules"
PRESENTER = ROOT / "build" / "manim-slides" / "bin" / "python"
CHROMIUM, OFFICE = shutil.which("chromium"), shutil.which("soffice")
STAGES = ("concat", "key", "value")  # short ones, of 3, 2 and 2 beats
pytestmark = pytest.mark.slow
in_browser = pytest.mark.skipif(
    not (CHROMIUM and shutil.which("node") and MODULES.is_dir()), reason="no Chromium: make test-decks"
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the file: its stages are rendered once for each theme."""
    return tmp_path_factory.mktemp("clips")


def deck(cache: Path, output: Path, *args: str) -> Path:
    """Make a deck of the stages."""
    command = ["deck", *STAGES, "-q", "m", "-o", str(output), "--cache-dir", str(cache), *args]
    command += ["--second-lang", "ja"]
    run = CliRunner().invoke(main, command)
    assert run.exit_code == 0, run.stderr
    return Path(run.stdout.strip())


def driven(page: Path | str, shots: Path, *more: str, by: str = "deck.mjs") -> dict[str, Any]:
    """What the browser saw of a page, or of an address."""
    shots.mkdir(exist_ok=True)
    script = ROOT / "tests" / "node" / by
    command = ["node", str(script), str(CHROMIUM), str(MODULES), str(page), str(shots), *more]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    seen: dict[str, Any] = json.loads(run.stdout)
    return seen


@pytest.fixture(scope="module")
def seen(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """A walk through a light deck, where a black picture would show at once, and its screenshots."""
    folder = tmp_path_factory.mktemp("browser")
    page = deck(cache, folder / "deck", "--to", "html", "--theme", "light")
    return driven(page, folder / "shots"), folder / "shots"


@in_browser
def test_a_page_made_to_fit_plays_in_time(
    seen: tuple[dict[str, Any], Path], cache: Path, tmp_path: Path
) -> None:
    """A little smaller than it is, which makes it AV1 at half the rate; steps end where they do in the film as it is."""
    asked = ("--one-file", "--theme", "light")
    most = deck(cache, tmp_path / "whole.html", *asked).stat().st_size // 1000 - 1
    page = deck(cache, tmp_path / "talk.html", *asked, "--max-size", f"{most}KB")
    assert page.stat().st_size <= 1000 * most
    found = driven(page, tmp_path / "shots")
    assert found["problems"] == found["remote"] == []
    for name in ("first", "second", "next stage", "jumped", "on from there"):
        state, like = found["states"][name], seen[0]["states"][name]
        assert state["where"] == like["where"], name
        assert state["film"]["width"] == 1280, name
        if name != "jumped":  # it may be moving
            assert abs(state["film"]["time"] - like["film"]["time"]) < 0.2, name


SIZES = (
    "360x640",
    "640x360",
    "390x844",
    "844x390",
    "768x1024",
    "1024x768",
    "1024x1366",
    "1920x1080",
    "1080x1920",
)


@in_browser
def test_it_loads_offline_without_a_complaint(seen: tuple[dict[str, Any], Path]) -> None:
    assert seen[0]["problems"] == []
    assert seen[0]["remote"] == []


@in_browser
def test_keys_step_forwards_and_backwards(seen: tuple[dict[str, Any], Path]) -> None:
    states = seen[0]["states"]
    assert {name: states[name]["where"] for name in states} == {
        "cover": "",
        "first moving": "10/18 · 1/3",
        "first": "10/18 · 1/3",
        "second": "10/18 · 2/3",
        "third moving": "10/18 · 3/3",
        "third completed": "10/18 · 3/3",
        "back to second": "10/18 · 2/3",
        "back to first": "10/18 · 1/3",
        "second again": "10/18 · 2/3",
        "next stage": "4/18 · 1/2",
        "back over the border": "10/18 · 3/3",
        "over the border": "4/18 · 1/2",
        "back once more": "10/18 · 3/3",
        "other captions": "10/18 · 3/3",
        "no captions": "10/18 · 3/3",
        "own captions": "10/18 · 3/3",
        "scrubbed": "10/18 · 2/3",
        "on from there": "10/18 · 2/3",
        "jumped": "5/18 · 1/2",
        "from the speaker": "4/18 · 2/2",
        "calm": "10/18 · 1/3",
        "deep link": "10/18 · 2/3",
    }
    moving = states["first moving"]["film"]
    assert moving["front"]
    assert not moving["paused"]
    assert states["first"]["film"]["paused"]
    assert not states["third completed"]["film"]["front"], "a second press shows the finished picture at once"
    assert not states["calm"]["film"]["front"], "no motion where the system asks for none"
    for name, state in states.items():
        if name != "cover":
            assert state["film"]["width"] == 1280 or name == "calm"
            assert [width for _, width in state["stills"]] == [1280], name


@in_browser
def test_no_black_or_empty_picture_on_the_way(seen: tuple[dict[str, Any], Path]) -> None:
    """Every picture that the browser showed has the light ground and the header of its stage."""
    frames = sorted((seen[1] / "walk").iterdir())
    assert len(frames) > 50
    for file in frames:
        with Image.open(file) as image:
            grey = np.asarray(image.convert("L"), float)
        picture = grey[: int(grey.shape[0] * 0.92)]
        header = picture[: int(len(picture) * 0.24)]
        assert picture.mean() > 200, f"{file.name}: dark"
        assert (header < 140).mean() > 0.005, f"{file.name}: no header"


@in_browser
def test_captions_scrubbing_map_and_speaker(seen: tuple[dict[str, Any], Path]) -> None:
    found = seen[0]
    states = found["states"]
    assert states["back once more"]["caption"] is None, "the film's own captions"
    assert any("\u3040" < c < "\u30ff" for c in states["other captions"]["caption"])
    assert states["no captions"]["caption"] == ""
    assert abs(found["place"]["value"] - found["place"]["max"] / 2) <= 1
    assert abs(states["scrubbed"]["film"]["time"] - found["place"]["value"] / 30) < 0.05
    assert states["on from there"]["film"]["time"] > states["scrubbed"]["film"]["time"]
    assert len(found["map"]["stations"]) == found["map"]["pictures"] == len(STAGES)
    assert found["map"]["focused"]
    assert found["speaker"]["title"].startswith("5. ")
    assert "Ask the class" in found["speaker"]["notes"]
    assert all(found["speaker"]["pictures"])
    assert [lang for lang, _ in found["speaker"]["captions"]] == ["en", "ja"]
    assert found["speakerAfter"] == "4/18 · 2/2"
    assert {"back", "next", "place", "captions", "map"} <= set(found["tabbed"])


@in_browser
def test_axe_finds_nothing_serious(seen: tuple[dict[str, Any], Path]) -> None:
    assert set(seen[0]["axe"]) == {"cover", "stage", "map", "about", "speaker", "small"}
    for place, found in seen[0]["axe"].items():
        assert [v for v in found if v[1] in ("serious", "critical")] == [], place


@in_browser
def test_one_file_plays_too_and_steps_go_round(cache: Path, tmp_path: Path) -> None:
    page = deck(cache, tmp_path / "one.html", "--one-file", "--theme", "light", "--loop")
    (tmp_path / "elsewhere").mkdir()
    found = driven(page.rename(tmp_path / "elsewhere" / "talk.html"), tmp_path / "shots", "loops")
    assert found["problems"] == found["remote"] == []
    states = found["states"]
    assert states["first moving"]["film"]["front"]
    again = states["second round"]
    assert again["where"] == "10/18 · 1/3"
    assert again["film"]["front"]
    assert not again["film"]["paused"]
    assert 0.3 < again["film"]["time"] < 2
    assert states["second"]["where"] == "10/18 · 2/3", "one press leads on from a step that goes round"
    assert states["second"]["film"]["front"]


@in_browser
@pytest.mark.parametrize(
    ("handler", "policy"), [(Plain, HEADER), (Ranged, "default-src 'self'")], ids=["whole files", "pieces"]
)
def test_it_plays_the_same_from_any_server_under_a_strict_policy(
    seen: tuple[dict[str, Any], Path], cache: Path, tmp_path: Path, handler: type[Plain], policy: str
) -> None:
    """A server that sends no pieces of files lets no film start in its middle; that is noticed, and said."""
    page = deck(cache, tmp_path / "deck", "--to", "html", "--theme", "light")
    with serving(page.parent, handler, policy) as address:
        found = driven(address, tmp_path / "shots")
    said = [
        text for text in found["problems"] if "does not send it in pieces, so all of it is fetched" in text
    ]
    assert found["problems"] == said
    assert bool(said) is (handler is Plain)
    assert found["remote"] == []
    assert set(found["states"]) == set(seen[0]["states"])
    for name, state in found["states"].items():
        like = seen[0]["states"][name]
        assert state["where"] == like["where"], name
        if name.startswith(("second", "back", "scrubbed", "deep")):
            assert abs(state["film"]["time"] - like["film"]["time"]) < 0.2, name
    assert all(found["speaker"]["pictures"])


@in_browser
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_fingers_on_screens_of_every_size(cache: Path, tmp_path: Path, lang: str) -> None:
    """Nothing off the screen, nothing on top of a control, room for a finger; tap, swipe, keys, map, captions."""
    page = deck(cache, tmp_path / "deck", "--to", "html", "--theme", "light", "--lang", lang)
    sizes = SIZES if lang == "en" else SIZES[:6]
    for size, found in driven(page, tmp_path / "shots", *sizes, by="touch.mjs").items():
        assert found["problems"] == [], size
        states = found["states"]
        assert {name: (s["slide"], s["where"]) for name, s in states.items()} == {
            "cover": ("cover", ""),
            "tapped": ("concat", "10/18 · 1/3"),
            "completed": ("concat", "10/18 · 1/3"),
            "swiped on": ("concat", "10/18 · 2/3"),
            "swiped back": ("cover", ""),
            "by key": ("concat", "10/18 · 1/3"),
            "other captions": ("concat", "10/18 · 1/3"),
            "no captions": ("concat", "10/18 · 1/3"),
            "own captions": ("concat", "10/18 · 1/3"),
            "map": ("concat", "10/18 · 1/3"),
            "jumped": ("value", "5/18 · 1/2"),
            "about": ("value", "5/18 · 1/2"),
            "closed": ("value", "5/18 · 1/2"),
            "by button": ("value", "5/18 · 1/2"),
        }, size
        assert states["tapped"]["playing"], size
        assert not states["completed"]["playing"], size
        for name, state in states.items():
            left, top, right, bottom = state["picture"]
            assert min(left, top) >= -1, (size, name)
            assert right <= int(size.split("x")[0]) + 1, (size, name)
            assert bottom <= state["bar"] + 1, (size, name)
            assert not state["scrolls"], (size, name)
        assert found["about"][0] <= 0, size
        for place, controls in found["controls"].items():
            for control in controls:
                _reachable(control, f"{size}, {place}, {control['name']}")
        _apart(found["controls"]["bar"], size)
        names = {control["name"] for control in found["controls"]["bar"]}
        assert names >= {"back", "next", "replay", "place", "where", "captions", "map", "about"}, size
        for place, problems in found["axe"].items():
            assert [v for v in problems if v[1] in ("serious", "critical")] == [], (size, place)


def _reachable(control: dict[str, Any], where: str) -> None:
    left, top, right, bottom = control["box"]
    assert min(left, top) >= 0, where
    assert right <= control["room"][0], where
    assert bottom <= control["room"][1], where
    assert control["free"], where
    if control["pressed"]:
        assert min(right - left, bottom - top) >= 43.9, where


def _apart(controls: list[dict[str, Any]], size: str) -> None:
    for at, one in enumerate(controls):
        for other in controls[at + 1 :]:
            (a, b, c, d), (e, f, g, h) = one["box"], other["box"]
            assert c <= e or g <= a or d <= f or h <= b, (size, one["name"], other["name"])


@in_browser
@pytest.mark.parametrize("one_file", [False, True])
def test_printed_it_is_a_page_for_each_step(cache: Path, tmp_path: Path, one_file: bool) -> None:
    from pypdf import PdfReader

    output = tmp_path / ("talk.html" if one_file else "deck")
    page = deck(cache, output, "--to", "html", "--theme", "dark", *(["--one-file"] if one_file else []))
    (tmp_path / "pdf").mkdir()
    found = driven(page, tmp_path / "pdf", by="print.mjs")
    assert found["problems"] == []
    assert found["printed"] == [1280] * 7, "Ctrl-P waits for every picture"
    assert found["after"] == ["concat", "none"]
    for way in ("menu", "key", "asked"):
        pages = PdfReader(tmp_path / "pdf" / f"{way}.pdf").pages
        assert len(pages) == 1 + 3 + 2 + 2, way
        assert all(p.mediabox.height > p.mediabox.width for p in pages), way
        texts = [" ".join(p.extract_text().split()) for p in pages]
        assert "The Transformer" in texts[0], way
        assert "10. Concatenation 2/3" in texts[2], way
        assert "Put side by side, they make one row for each word." in texts[2], way
        for text, sheet in zip(texts[1:], pages[1:], strict=True):
            assert [image.image.size for image in sheet.images if image.image] == [(1280, 720)], way
            assert "Ask the class" in text, way
            assert "Answer" in text, way


@needs_office("Impress", "pdftoppm")
@pytest.mark.parametrize("play", ["auto", "click"])
def test_libreoffice_prints_what_each_step_comes_to(cache: Path, tmp_path: Path, play: str) -> None:
    """Its pages are those of our PDF of slides: of every step the last picture, and none is missing."""
    file = deck(cache, tmp_path / "deck.pptx", "--theme", "light", "--steps", "beat", "--play", play)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        str(OFFICE),
        "--headless",
        profile,
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(file),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    slides = deck(cache, tmp_path / "slides.pdf", "--theme", "light", "--as", "slides")
    printed, wanted = pages(tmp_path / "deck.pdf"), pages(slides)[1:]
    assert len(printed) == 2 + 3 + 7
    for at, page in enumerate(printed):
        assert page.mean() > 200, f"page {at + 1}: dark"
        assert (page < 140).mean() > 0.002, f"page {at + 1}: empty"
    steps = [
        page for at, page in enumerate(printed) if at not in (0, 1, 2, 6, 9)
    ]  # cover, map, introductions
    apart = [[float(np.abs(a - b).mean()) for b in wanted] for a in steps]
    assert [row.index(min(row)) for row in apart] == list(range(7))


def pages(file: Path) -> list[Any]:
    """The pages of a PDF in grey, 320 pixels across."""
    stem = file.with_suffix("")
    subprocess.run(
        ["pdftoppm", "-scale-to-x", "320", "-scale-to-y", "180", "-png", str(file), str(stem)], check=True
    )
    found = []
    for page in sorted(file.parent.glob(f"{file.stem}-*.png")):
        with Image.open(page) as image:
            found.append(np.asarray(image.convert("L"), float))
    return found


@pytest.mark.skipif(not PRESENTER.exists(), reason="no manim-slides: make test-decks")
def test_manim_slides_reads_the_presentation(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "slides").mkdir()
    file = deck(cache, tmp_path / "slides" / "Talk.json", "--theme", "light")
    code = (
        "import sys; from pathlib import Path; from manim_slides.config import PresentationConfig;"
        "p = PresentationConfig.from_file(Path(sys.argv[1]));"
        "print(len(p.slides), *p.resolution, all(s.file.is_file() and s.rev_file.is_file() for s in p.slides))"
    )
    command = [str(PRESENTER), "-c", code, str(file)]
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path.parent, env=env)
    assert run.stdout.split() == ["7", "1280", "720", "True"]
