"""Which parts of LibreOffice are installed; Debian has a package for each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PARTS = {"Impress": "libsdlo.so", "Calc": "libsclo.so"}


def needs_office(part: str, *programs: str) -> pytest.MarkDecorator:
    """Skips where LibreOffice or this part of it is missing, or one of some other programs."""
    office = shutil.which("soffice")
    there = office and (Path(office).resolve().parent / PARTS[part]).exists()
    return pytest.mark.skipif(
        not (there and all(map(shutil.which, programs))), reason=f"no LibreOffice {part}: make test-decks"
    )
