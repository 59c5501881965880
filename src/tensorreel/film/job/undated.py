"""Zip packages that do not say when they were made, so that the same deck is the same file."""

from __future__ import annotations

import zipfile
from pathlib import Path

_DAY = b"\x00\x00\x21\x00"  # midnight of 1980-01-01, the first that a zip can name
_LOCAL, _CENTRAL = 10, 12  # where time and date stand in the two kinds of headers (APPNOTE 4.3.7, 4.3.12)
_FIXED = 46  # bytes of a central header in front of its name


def undate(path: Path) -> None:
    """Set the time of every entry of the zip at ``path`` to the same; nothing else of it changes."""
    with zipfile.ZipFile(path) as package:
        entries, at = package.infolist(), package.start_dir
    data = bytearray(path.read_bytes())
    for entry in entries:
        for place in (entry.header_offset + _LOCAL, at + _CENTRAL):
            data[place : place + 4] = _DAY
        lengths = (int.from_bytes(data[at + k : at + k + 2], "little") for k in (28, 30, 32))
        at += _FIXED + sum(lengths)
    path.write_bytes(data)
