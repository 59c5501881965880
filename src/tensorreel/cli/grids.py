"""Tensors and tables as lines of a terminal, aligned by the columns that characters take there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from wcwidth import clip, iter_graphemes, ljust, rjust, width

from tensorreel.core.architecture import HIDDEN
from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.formatting import format_number
from tensorreel.core.functional import Array
from tensorreel.visuals.lettering.apart import told_apart
from tensorreel.visuals.lettering.isolates import isolated
from tensorreel.words.visible_text import spelled_out

MAX_ROWS, MAX_COLS, MAX_LABEL = 40, 16, 24


def times(shape: Sequence[int]) -> str:
    """``5×4``."""
    return "×".join(map(str, shape))


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of texts, each column as wide as its widest."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(map(ljust, row, widths)).rstrip() for row in rows]


def word_label(word: str) -> str:
    """A word fit for a table: written out as in the film, and shortened beyond 24 columns, never inside a character.

    One that runs to the left is isolated, so that it turns round neither its line nor the words beside it.
    """
    return isolated(_short(word))


def spoken(words: Sequence[str]) -> str:
    """A sentence fit for a line of the terminal; it runs its own way."""
    return isolated(" ".join(_told(words)))


def _short(word: str) -> str:
    clean = spelled_out(word)
    return clean if width(clean) <= MAX_LABEL else clip(clean, 0, MAX_LABEL - 1).rstrip() + "…"


def word_labels(words: Sequence[str]) -> list[str]:
    """The same for words that stand together: different ones stay different."""
    return [isolated(word) for word in _told(words)]


def _told(words: Sequence[str]) -> list[str]:
    told = told_apart(
        words, _short, lambda text: width(text) <= MAX_LABEL, lambda text: [*iter_graphemes(text)]
    )
    return [told[word] for word in words]


def _labels(letter: str, size: int, trace: Trace) -> list[str]:
    """What stands at the first rows or columns of an axis: words where there are any, else numbers from 1."""
    if letter in "TS":
        return word_labels(trace.labels[:size])
    if letter == "V":
        return word_labels(trace.model.labels[:size])
    return [str(i + 1) for i in range(size)]


def _matrices(tensor: Tensor) -> Iterator[tuple[str, tuple[str, ...], Array]]:
    """A tensor as matrices: one per head if it has heads, a vector as a single row."""
    if tensor.dims[0] == "h" and len(tensor.dims) == 3:
        for i, matrix in enumerate(tensor.printed):
            yield f"head {i + 1}", tensor.dims[1:], matrix
    elif len(tensor.dims) == 1:
        yield "", ("", *tensor.dims), tensor.printed[np.newaxis]
    else:
        yield "", tensor.dims, tensor.printed


def grid(tensor: Tensor, trace: Trace, token: int | None = None) -> list[str]:
    """The lines of a tensor: its heading, then its matrices; ``token`` (0-based) marks a row of tokens.

    All matrices of a tensor have the same decimals, those of the film. Beyond 40 rows or 16 columns the rest is counted.
    """
    place = [f"layer {tensor.layer + 1}"] if tensor.layer is not None else []
    place += [f"head {tensor.head + 1}"] if tensor.head is not None else []
    where = f"  ({', '.join(place)})" if place else ""
    lines = [f"{tensor.symbol_plain}  {_title(tensor, trace)}  {times(tensor.shape)}{where}"]
    for heading, dims, matrix in _matrices(tensor):
        lines += [heading] if heading else []
        lines += _matrix(dims, matrix, tensor.decimals, trace, token)
    return lines


def _title(tensor: Tensor, trace: Trace) -> str:
    """What a tensor is, as its table says it."""
    return (
        "the layer's input"
        if tensor.name == HIDDEN
        else trace.model.architecture.named(tensor.name).title.english
    )


def _matrix(
    dims: tuple[str, ...], matrix: Array, decimals: int, trace: Trace, token: int | None
) -> list[str]:
    rows, cols = matrix.shape
    names = _labels(dims[0], min(rows, MAX_ROWS), trace) if dims[0] else [""]
    heads = _labels(dims[1], min(cols, MAX_COLS), trace)
    cells = [[format_number(x, decimals) for x in row[:MAX_COLS]] for row in matrix[:MAX_ROWS]]
    wide = [max(width(h), *(width(row[j]) for row in cells)) for j, h in enumerate(heads)]
    side = max(width(n) for n in names)
    lines = ["  ".join([" " * (side + 2), *map(rjust, heads, wide)])]
    for i, (name, row) in enumerate(zip(names, cells, strict=True)):
        mark = "▸ " if token == i and dims[0] == "T" else "  "
        lines.append("  ".join([mark + ljust(name, side), *map(rjust, row, wide)]))
    more = [
        f"{n - m} more {what}"
        for n, m, what in ((rows, MAX_ROWS, "rows"), (cols, MAX_COLS, "columns"))
        if n > m
    ]
    return lines + ([f"  … {' and '.join(more)} (--json prints all)"] if more else [])
