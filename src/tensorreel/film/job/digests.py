"""Digests of plain data and of files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20


def digest(value: Any) -> str:
    """SHA-256 of plain data (lists, tuples, strings, whole numbers, dicts by string) in a canonical spelling."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def sealed(text: str) -> str:
    """A text behind a line with its digest, so that damage shows; ``unsealed`` is the way back."""
    return f"sha256 {hashlib.sha256(text.encode()).hexdigest()}\n{text}"


def unsealed(data: bytes) -> str:
    """The text of ``sealed``; ``ValueError`` when a byte is missing or another."""
    head, _, body = data.partition(b"\n")
    if head != b"sha256 " + hashlib.sha256(body).hexdigest().encode():
        raise ValueError("damaged")
    return body.decode()
