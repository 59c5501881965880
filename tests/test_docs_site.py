"""The documentation as a site: links lead to what is there, every page has its place, and nothing is fetched from
elsewhere.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FETCHED = r'<(?:script|img|source|iframe)[^>]+src="(?:https?:)?//|<link[^>]+rel="(?:stylesheet|preload|preconnect)"[^>]+href="(?:https?:)?//'


@pytest.fixture(scope="module")
def tool() -> Any:
    """``tools/docs-site`` as a module."""
    loader = importlib.machinery.SourceFileLoader("docs_site", str(ROOT / "tools" / "docs-site"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("docs_site", loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("line", "here", "there"),
    [
        ("[a](docs/models.md#limits)", "[a](models.md#limits)", "[a](models.md#limits)"),
        ("![b](docs/sheet.png)", "![b](sheet.png)", "![b](sheet.png)"),
        ('<img src="docs/sheet.png">', '<img src="sheet.png">', '<img src="sheet.png">'),
        ("[`c`](tools/words)", "`c`", "[`c`](ADDRESS/blob/main/tools/words)"),
        ("[d](https://d.org)", "[d](https://d.org)", "[d](https://d.org)"),
    ],
)
def test_a_link_leads_within_the_site_or_to_the_project(tool: Any, line: str, here: str, there: str) -> None:
    known = tool.names()
    assert tool.laid_out(line, ROOT / "README.md", known, "") == here
    assert tool.laid_out(line, ROOT / "README.md", known, "ADDRESS") == there


def test_every_page_has_its_place_in_the_contents(tool: Any) -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    placed = re.findall(r"(\S+\.md)$", contents, re.M)
    pages = {name for name in tool.names().values() if name.endswith(".md")}
    assert sorted(placed) == sorted(pages | {"gallery.md", "api.md"})


@pytest.mark.slow
def test_it_is_built_strictly_and_fetches_nothing(tool: Any, tmp_path: Path) -> None:
    pytest.importorskip("mkdocstrings", reason="no MkDocs: the extra tensorreel[docs]")
    command = [sys.executable, str(ROOT / "tools" / "docs-site"), "--stages", "query", "--to", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    pages = {page.name: page.read_text(encoding="utf-8") for page in tmp_path.glob("*.html")}
    assert len(pages) > 20
    assert {name for name, text in pages.items() if re.search(FETCHED, text)} == set()
    for name in ("load", "render", "Recorder", "TensorreelError"):
        assert re.search(rf'id="tensorreel\.([a-z.]+\.)?{name}"', pages["api.html"]), name
    assert 'alt="Picture, stage 3 of 18: Query.' in pages["gallery.html"]
    assert (tmp_path / "gallery" / "03-query.png").is_file()
    (ROOT / "build" / "docs" / "pages" / "farm.md").write_text("[away](nowhere.md)", encoding="utf-8")
    again = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    assert subprocess.run(again, cwd=ROOT, capture_output=True, check=False).returncode
