"""``tokenizer.json``: the pieces of a vocabulary as a reader wants them, and text cut as the model was trained on it.

The vocabulary is read here. Cutting is done by the library ``tokenizers``, which has to be installed for ``--text``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tensorreel.core.errors import EnvironmentProblem, InputError, file_named
from tensorreel.models.files import MAX_JSON_BYTES, all_of, open_regular

TOKENIZER = "tokenizer.json"
_FRAMES = re.compile(r"<\|(.+)\|>|<(.+)>|\[(.+)\]", re.DOTALL)
_ONE_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_METASPACE = "▁"


@dataclass(frozen=True)
class Pieces:
    """Cuts a text by the tokenizer of a folder; every process that is given it opens the file itself."""

    path: Path

    def __call__(self, text: str) -> tuple[int, ...]:
        """The ids of a text, with the special tokens that the model expects; no padding, nothing cut off."""
        return tuple(int(i) for i in _loaded(self.path).encode(text).ids)


@cache
def _loaded(path: Path) -> Any:
    name = file_named(path)
    if not path.is_file():
        raise InputError(f"{name}: no such file, expected the tokenizer of the model (or --tokens with ids)")
    try:
        from tokenizers import Tokenizer
    except ImportError as err:
        raise EnvironmentProblem(
            "tokenizers is not installed, expected tensorreel[hf] for --text (or --tokens with ids)"
        ) from err
    with open_regular(path, name, MAX_JSON_BYTES) as file:
        data = all_of(file, path, name, MAX_JSON_BYTES)
    try:
        loaded = Tokenizer.from_buffer(data)
    except Exception as err:  # the library raises nothing narrower
        raise InputError(f"{name}: no tokenizer, expected one of the library tokenizers ({err})") from err
    loaded.no_padding()
    loaded.no_truncation()
    return loaded


def words_of(content: Mapping[str, Any], size: int, name: str) -> list[str]:
    """A word for each of ``size`` ids: text where a piece is text, the bytes where it is none, ``‹bos›`` for a special
    token, ``‹7›`` for an id without a piece."""
    words = [f"‹{i}›" for i in range(size)]
    written = _byte_level if "ByteLevel" in _settings(content) else _plain
    for i, piece in _vocabulary(content, name):
        if i < size:
            words[i] = written(piece)
    for added in _entries(content):
        if added["id"] < size:
            words[added["id"]] = _framed(added["content"]) if added.get("special") else added["content"]
    return words


def described(content: Mapping[str, Any], name: str) -> str:
    """``BPE, 50257 pieces``."""
    ids = {i for i, _ in _vocabulary(content, name)} | {entry["id"] for entry in _entries(content)}
    return f"{content['model'].get('type', 'tokenizer')}, {len(ids)} pieces ({TOKENIZER})"


def _settings(content: Mapping[str, Any]) -> str:
    return json.dumps([content.get(key) for key in ("pre_tokenizer", "decoder")])


def _vocabulary(content: Mapping[str, Any], name: str) -> Iterator[tuple[int, str]]:
    """Ids and pieces of the model in a tokenizer: an object, or a list of pairs of piece and score."""
    model = content.get("model")
    found = model.get("vocab") if isinstance(model, dict) else None
    if isinstance(found, dict):
        pairs = [(i, piece) for piece, i in found.items()]
    elif isinstance(found, list):
        pairs = [(i, pair[0]) for i, pair in enumerate(found) if isinstance(pair, list) and pair]
    else:
        raise InputError(f"{name}: model.vocab: missing, expected the pieces of a vocabulary")
    for i, piece in pairs:
        if isinstance(i, bool) or not isinstance(i, int) or i < 0 or not isinstance(piece, str):
            raise InputError(f"{name}: model.vocab: {str(piece)[:40]!r} has the id {str(i)[:40]}")
        yield i, piece


def _entries(content: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The tokens that were added to the vocabulary."""
    found = content.get("added_tokens")
    entries = found if isinstance(found, list) else []
    return [
        entry
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("content"), str)
        and isinstance(entry.get("id"), int)
        and entry["id"] >= 0
    ]


def _framed(token: str) -> str:
    """A special token: ``‹endoftext›``."""
    found = _FRAMES.fullmatch(token)
    return f"‹{next(filter(None, found.groups())) if found else token}›"


def _byte_level(piece: str) -> str:
    """A piece whose characters stand for bytes: their text, or the bytes themselves."""
    table = _bytes_of_characters()
    raw = (
        bytes(table[c] for c in piece) if all(c in table for c in piece) else piece.encode("utf-8", "replace")
    )
    return _as_text(raw)


def _as_text(raw: bytes) -> str:
    """The text of some bytes; their numbers where they are none, or control something."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\0"
    controls = any(unicodedata.category(char) == "Cc" and char not in "\n\r\t" for char in text)
    return f"‹{raw.hex(' ').upper()}›" if controls else text


def _plain(piece: str) -> str:
    """A piece of WordPiece or SentencePiece: the mark of a space is a space, a byte by its number a byte."""
    found = _ONE_BYTE.fullmatch(piece)
    return _as_text(bytes.fromhex(found[1])) if found else piece.replace(_METASPACE, " ")


@cache
def _bytes_of_characters() -> Mapping[str, int]:
    """The byte that each character of byte-level BPE stands for: printable ones themselves, the others from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(0x100 + n): b for n, b in enumerate(others)}
