"""Every part of the PowerPoint file against its schema, by Microsoft's Open XML SDK, as PowerPoint has it.

``make test-decks`` installs the validator and runs this file; without it the tests are skipped.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.deck_parts import HOSTILE, ROOT, build, parts_of, use_toys

VALIDATOR = ROOT / "build" / "node" / "node_modules" / ".bin" / "ooxml-validator"
VERSIONS = ("Office2010", "Microsoft365")  # the first that plays embedded MP4, and today's
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not VALIDATOR.exists(), reason="no Open XML SDK: make test-decks"),
]
_CHILD = re.compile(rb"(<(?:\w+:)?\w+(?: [^<>]*)?[^/?]>)(?=<)")


def faults(file: Path, version: str) -> list[str]:
    """What the SDK finds wrong with a package, a line each."""
    command = [str(VALIDATOR), str(file), "--officeVersion", version]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode in (0, 1), run.stderr
    said: dict[str, Any] = json.loads(run.stdout)
    assert said["ok"] == (not said["errors"])
    return [f"{e['path']}{e['xPath']}: {e['description']}" for e in said["errors"]]


@pytest.fixture
def deck(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where a deck of the toys goes."""
    use_toys(monkeypatch)
    return tmp_path / "deck.pptx"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"play": "click", "loop": True, "theme": "light", "lang": "ja", "words": HOSTILE},
        {"names": ("query",), "steps": "beat"},
    ],
    ids=["as usual", "all otherwise", "beats"],
)
def test_every_part_is_valid(deck: Path, wish: dict[str, Any], version: str) -> None:
    build(deck, "pptx", **wish)
    assert faults(deck, version) == []


def test_a_fault_in_any_kind_of_part_is_found(deck: Path, tmp_path: Path) -> None:
    """The validator reads all parts: an element that is not in the schema is found wherever it is put."""
    build(deck, "pptx")
    parts = parts_of(deck)
    kinds = {re.sub(r"\d+", "#", name): name for name in parts if name.endswith((".xml", ".rels"))}
    unread = []
    for name in kinds.values():
        spoilt, count = _CHILD.subn(rb'\1<p:other xmlns:p="urn:x"/>', parts[name], count=1)
        if not count:  # an empty list: its root takes any other child no better
            spoilt = parts[name].replace(b"/>", b' other="1"/>')
        file = tmp_path / "spoilt.pptx"
        with zipfile.ZipFile(file, "w") as package:
            for other, data in parts.items():
                package.writestr(other, spoilt if other == name else data)
        if not faults(file, VERSIONS[-1]):
            unread.append(name)
    assert unread == ["docProps/core.xml"], "which the next test reads"


def test_the_core_properties_follow_the_packaging_conventions(deck: Path) -> None:
    """ISO/IEC 29500-2, 11: known elements, each at most once and without children; dates in W3CDTF."""
    build(deck, "pptx", words=HOSTILE)
    dc, terms = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}"
    cp = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
    kind = "{http://www.w3.org/2001/XMLSchema-instance}type"
    known = {dc: "creator description identifier language subject title", terms: "created modified"}
    known[cp] = "category contentStatus keywords lastModifiedBy lastPrinted revision version"
    root = etree.fromstring(parts_of(deck)["docProps/core.xml"])
    assert root.tag == f"{cp}coreProperties"
    names = [element.tag for element in root]
    assert set(names) <= {space + name for space, all_names in known.items() for name in all_names.split()}
    assert len(names) == len(set(names))
    for element in root:
        assert len(element) == 0
        assert dict(element.attrib) == ({kind: "dcterms:W3CDTF"} if element.tag.startswith(terms) else {})
        if element.tag.startswith(terms):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.text)
