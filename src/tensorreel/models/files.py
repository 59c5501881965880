"""Opening the files of a model: regular ones of no other kind, no larger than is allowed, each fault in one line."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tensorreel.core.errors import InputError
from tensorreel.models.foreign import HEAD, MODEL, refuse_head

MAX_TEXT_BYTES = 1 << 24  # a person's file; tomllib reads it in seconds
MAX_JSON_BYTES = 1 << 27  # a tokenizer of a few hundred thousand pieces


@contextmanager
def refusals(path: Path, name: str) -> Iterator[None]:
    """What the system refuses, as an ``InputError``."""
    try:
        yield
    except (OSError, ValueError) as err:
        raise InputError(f"{name}: {_refusal(err, path)}, {MODEL}") from err


def _refusal(err: OSError | ValueError, path: Path) -> str:
    """Why a file could not be opened, in words that no version of Python changes."""
    if "\0" in str(path):
        return "a NUL in its name"
    return (isinstance(err, OSError) and err.strerror) or str(err)


def open_regular(path: Path, name: str, max_bytes: int) -> BinaryIO:
    """A regular file at its beginning, of at most so many bytes; a pipe is not waited for."""
    with refusals(path, name), ExitStack() as stack:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        file = stack.enter_context(open(handle, "rb"))
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise InputError(f"{name}: not a regular file, {MODEL}")
        refuse_head(file.read(HEAD), path, name)
        file.seek(0)
        if info.st_size > max_bytes:
            raise InputError(f"{name}: {info.st_size} bytes, expected at most {max_bytes} (--max-bytes)")
        stack.pop_all()
        return file


def all_of(file: BinaryIO, path: Path, name: str, max_bytes: int) -> bytes:
    """The whole file, read once; it is not empty."""
    with refusals(path, name):
        data = file.read(max_bytes + 1)
    if not data:
        raise InputError(f"{name}: empty, {MODEL}")
    return data


def text_of(data: bytes, name: str) -> str:
    """The text of a TOML file."""
    if len(data) > MAX_TEXT_BYTES:
        what = "bytes of JSON" if data.startswith(b"{") else "bytes"
        raise InputError(
            f"{name}: {len(data)} {what}, expected at most {MAX_TEXT_BYTES} of TOML (larger: .safetensors)"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise InputError(f"{name}: byte {err.start} is not UTF-8, {MODEL}") from err


def read_text(path: Path, name: str, max_bytes: int) -> str:
    """The text of a file beside a model."""
    with open_regular(path, name, max_bytes) as file:
        return text_of(all_of(file, path, name, max_bytes), name)


def read_json(path: Path, name: str) -> dict[str, Any]:
    """A file of JSON that holds an object."""
    with open_regular(path, name, MAX_JSON_BYTES) as file:
        data = all_of(file, path, name, MAX_JSON_BYTES)
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as err:
        reason = "nested too deeply" if isinstance(err, RecursionError) else str(err)
        raise InputError(f"{name}: no JSON, expected an object ({reason})") from err
    if not isinstance(content, dict):
        raise InputError(f"{name}: JSON of a {type(content).__name__}, expected an object")
    return content
