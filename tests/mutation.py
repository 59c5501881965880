"""A function found by its name wherever it lies, and a copy of its file in which one piece of it is another."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

# Strings, words and signs; not spaces, comments and the comma behind the last of several: those move when a text is
# laid out anew.
_TOKEN = re.compile(
    r"""(?P<aside>\#[^\n]*|,(?=\s*[)\]}]))"""
    r"""|[rbfRBF]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\w+|[^\w\s]""",
    re.DOTALL,
)


class Place(NamedTuple):
    """A function's lines, or those of what a name is bound to: from one character of a file's text to another."""

    file: Path
    text: str
    start: int
    end: int


def places_of(name: str, folder: Path) -> list[Place]:
    """Where ``Class.method``, ``function`` or ``CONSTANT`` stands below ``folder``; ``LookupError`` where nowhere."""
    texts = [(path, _read(path, path.stat().st_mtime_ns)) for path in sorted(folder.rglob("*.py"))]
    found = [Place(path, text, *span) for path, text in texts for span in _named_in(text).get(name, ())]
    if not found:
        raise LookupError(f"{name}: nowhere below {folder.name}, expected a function of that name")
    return found


def mutated(name: str, old: str, new: str, folder: Path) -> tuple[Path, str]:
    """The file of the function that has ``old`` in it, and its text with ``new`` instead.

    ``LookupError`` unless one function of that name has it, once.
    """
    found = []
    for place in places_of(name, folder):
        for start, end in _spans(old, place.text[place.start : place.end]):
            before, after = place.text[: place.start + start], place.text[place.start + end :]
            found.append((place.file, before + new + after))
    if len(found) != 1:
        where = ", ".join(str(file.relative_to(folder)) for file, _ in found) or "nowhere"
        raise LookupError(f"{name}: {old!r} stands {where}, expected in one place")
    return found[0]


@lru_cache(maxsize=1024)
def _read(path: Path, changed: int) -> str:
    """A file's text, read once as long as it is not changed."""
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def _named_in(text: str) -> dict[str, list[tuple[int, int]]]:
    """The characters of all functions and constants of a source text, by qualified name."""
    starts = [0, *accumulate(map(len, text.splitlines(keepends=True)))]
    found = defaultdict(list)
    for name, node in _named(ast.parse(text), ""):
        found[name].append((starts[node.lineno - 1], starts[node.end_lineno or node.lineno]))
    return dict(found)


def _named(node: ast.AST, within: str) -> Iterator[tuple[str, ast.stmt]]:
    """Every function, and every name that is bound outside of one, with its qualified name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + child.name, child
            yield from _functions(child, f"{within}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _named(child, f"{within}{child.name}.")
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            yield from ((within + t.id, child) for t in targets if isinstance(t, ast.Name))
        elif isinstance(child, ast.stmt):
            yield from _named(child, within)


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, ast.stmt]]:
    return ((name, child) for name, child in _named(node, within) if isinstance(child, ast.FunctionDef))


def _spans(piece: str, text: str) -> Iterator[tuple[int, int]]:
    """From where to where ``piece`` stands in ``text``, however either is laid out."""
    wanted = [token[0] for token in _tokens(piece)]
    tokens = list(_tokens(text))
    for k in range(len(tokens) - len(wanted) + 1):
        if [token[0] for token in tokens[k : k + len(wanted)]] == wanted:
            yield tokens[k].start(), tokens[k + len(wanted) - 1].end()


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return (token for token in _TOKEN.finditer(text) if not token["aside"])
