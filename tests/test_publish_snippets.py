"""Snippets in the documents they are for: reveal.js, Marp, Markdown and HTML as Chromium shows them, pandoc's Quarto.

``make test-decks`` installs the programs and runs this file; where one is missing its tests are skipped. Quarto
fetches itself from its own site when it is installed, so its reader, pandoc, stands for it.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tensorreel.cli import main
from tests.deck_parts import ROOT

NODE, MODULES = ROOT / "tests" / "node", ROOT / "build" / "node" / "node_modules"
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and shutil.which("node") and shutil.which("pandoc") and MODULES.is_dir()),
        reason="no Chromium, pandoc or Marp: make test-decks",
    ),
]
REVEAL = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Talk</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/reveal/reveal.css">
<div class="reveal"><div class="slides">
%s
</div></div><script src="/reveal/reveal.js"></script><script>Reveal.initialize();</script>"""
PLAIN = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">\n%s'


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *args: Any) -> None:
        """No log."""


def ran(*command: str, stdin: str) -> str:
    """What a program makes of a text."""
    run = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def pasted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What ``embed`` prints for each tool, and the folder with the clips; its path has a space in it."""
    folder = tmp_path_factory.mktemp("my site")
    said = {"folder": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TENSORREEL_CACHE_DIR", str(tmp_path_factory.mktemp("clips")))
        for tool in ("html", "reveal", "quarto", "marp", "markdown"):
            args = ["embed", "key", "--for", tool, "--output-dir", "my clips", "--theme", "light"]
            args += ["--subtitle-langs", "en,ja"]
            run = CliRunner().invoke(main, [*args, *(["-q", "l"] if tool in ("marp", "markdown") else [])])
            assert run.exit_code == 0, run.stderr
            said[tool] = run.stdout.strip()
    return said


@pytest.fixture(scope="module")
def seen(pasted: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Chromium saw of each document, from a server, as browsers want it for subtitles."""
    folder = Path(pasted["folder"])
    shutil.copytree(str(files("tensorreel.publish.deck") / "assets" / "reveal"), folder / "reveal")
    pages = {
        "html": PLAIN % pasted["html"],
        "reveal": REVEAL % pasted["reveal"],
        "marp": ran("node", str(NODE / "marp.mjs"), str(MODULES), stdin=pasted["marp"]),
        "markdown": PLAIN % ran("pandoc", "-f", "gfm", "-t", "html", stdin=pasted["markdown"]),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shots = tmp_path_factory.mktemp("shots")
        urls = [f"http://127.0.0.1:{server.server_port}/{name}.html" for name in pages]
        command = ["node", str(NODE / "pages.mjs"), str(CHROMIUM), str(MODULES), str(shots), *urls]
        found = json.loads(ran(*command, stdin=""))
        server.shutdown()
    return dict(zip(pages, found, strict=True))


@pytest.mark.parametrize("tool", ["html", "reveal"])
def test_the_video_is_there_with_poster_subtitles_and_alt_text(seen: dict[str, Any], tool: str) -> None:
    page = seen[tool]
    assert page["problems"] == []
    (video,) = page["videos"]
    assert video["size"] == [1280, 720]
    assert video["seconds"] > 5
    assert video["poster"] == 1280
    assert video["label"].startswith("Animation, stage 4 of 18: Key.")
    tracks = dict(video["tracks"])
    assert tracks["en"][0].startswith("Same rows, other weights")
    assert any("\u3040" < c < "\u30ff" for c in tracks["ja"][0])
    assert len(tracks["en"]) == len(tracks["ja"]) == 2
    assert video["playing"] == (tool == "reveal"), "it starts with its slide, a page waits"
    left, _, width, _ = video["box"]
    assert left >= 0
    assert left + width <= 1280


def test_reveal_shows_the_title(seen: dict[str, Any]) -> None:
    assert seen["reveal"]["headings"] == ["4. Key"]


@pytest.mark.parametrize("tool", ["marp", "markdown"])
def test_the_picture_is_there_with_its_alt_text(seen: dict[str, Any], tool: str) -> None:
    page = seen[tool]
    assert page["problems"] == []
    (image,) = page["images"]
    assert image["width"] == 854
    assert image["alt"].startswith("Animation, stage 4 of 18: Key.")
    assert "h:470" not in image["alt"]
    left, top, width, height = image["box"]
    assert min(left, top) >= 0
    if tool == "marp":
        assert page["headings"] == ["4. Key"]
        assert height == pytest.approx(470, abs=2)
        assert width == pytest.approx(470 * 16 / 9, abs=2)
        assert left + width <= 1280
        assert top + height <= 720 - 50, "it stays on the slide, clear of its edge"


def test_quartos_reader_keeps_title_and_shortcode(pasted: dict[str, str]) -> None:
    """A heading of level 2, which begins a slide, and the shortcode as one paragraph, whole."""
    tree = json.loads(ran("pandoc", "-f", "markdown-smart", "-t", "json", stdin=pasted["quarto"]))
    heading, paragraph = tree["blocks"]
    assert (heading["t"], heading["c"][0], paragraph["t"]) == ("Header", 2, "Para")
    source = ran("pandoc", "-f", "markdown-smart", "-t", "plain", "--wrap=none", stdin=pasted["quarto"])
    title, code = (line for line in source.splitlines() if line)
    assert title == "4. Key"
    found = re.fullmatch(r'\{\{< video (\S+) title="([^"<>]*)" aria-label="([^"<>]*)" >\}\}', code)
    assert found is not None, code
    assert found[1] == "my%20clips/04-key.mp4"
    assert found[2] == "4. Key"
    assert found[3].startswith("Animation, stage 4 of 18: Key.")
    assert (Path(pasted["folder"]) / "my clips" / "04-key.mp4").is_file()
