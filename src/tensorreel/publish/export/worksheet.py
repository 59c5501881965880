"""A worksheet: exercises of one forward pass on paper, and the answers with their arithmetic on the last pages.

Texts reach Typst as data in a JSON file and are only shown; none of them becomes markup.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.formatting import format_number
from tensorreel.publish.export.exercises import Exercise, exercises, sheet_place
from tensorreel.publish.export.workbook import refuse_large
from tensorreel.publish.plain import sentence
from tensorreel.publish.typesetting import fonts_for, in_fonts, typeset
from tensorreel.visuals.look.theme import LIGHT
from tensorreel.words.text import Text

TITLE = Text("The Transformer: a worksheet", "worksheet")
TASK = Text(
    "Work out the missing numbers. A pocket calculator and the printed digits are enough.", "worksheet"
)
ANSWERS = Text("Answers", "worksheet")
SEED = Text("sheet {n}", "worksheet")
PLACE = Text("Layer {k}, head {i}.", "worksheet")


def write_worksheet(trace: Trace, target: Path, lang: str, seed: int) -> None:
    """Write the PDF; ``UsageProblem`` for a model that is too large for paper. The seed chooses what is left out."""
    refuse_large(trace, "worksheet")
    with tempfile.TemporaryDirectory(prefix="tensorreel-") as name:
        work = Path(name)
        folder = work / "worksheet"
        folder.mkdir()
        texts = [sentence(trace), *trace.labels, *trace.model.labels]
        fonts, families, others = fonts_for(None, lang, work / "fonts", texts)
        data = worksheet_of(trace, lang, seed) | {"fonts": families, "others": others}
        typeset(__package__, "worksheet.typ", data, folder, fonts, target)


def worksheet_of(trace: Trace, lang: str, seed: int) -> dict[str, Any]:
    """All that stands on the sheet, but for its fonts."""
    layer, head = sheet_place(trace, seed)
    here = trace.at(layer=layer, head=head)
    several = trace.model.config.n_layers > 1 or trace.model.config.n_heads > 1
    return {
        "title": TITLE.of(lang),
        "lang": lang,
        "keywords": ["Transformer", "tensorreel"],
        "sentence": in_fonts(sentence(trace), None, lang),
        "ink": LIGHT.ink,
        "dim": LIGHT.dim,
        "accent": LIGHT.accent,
        "words": {
            "task": TASK.of(lang),
            "answers": ANSWERS.of(lang),
            "seed": SEED.filled(n=str(seed)).of(lang),
        },
        "place": PLACE.filled(k=str(layer + 1), i=str(head + 1)).of(lang) if several else "",
        "exercises": [_exercise(here, exercise, lang) for exercise in exercises(here, seed)],
    }


def _exercise(trace: Trace, exercise: Exercise, lang: str) -> dict[str, Any]:
    stage, names = exercise.stage, dict(zip(exercise.blanks, ascii_lowercase, strict=False))
    written = [[w.written(exercise.digits) for w in workings] for workings in exercise.blanks.values()]
    return {
        "title": f"{stage.number}. {stage.title.of(lang)}",
        "formula": stage.formula,
        "plain": stage.formula_plain,
        "meaning": stage.meaning.of(lang),
        "given": [_matrix(trace, tensor, exercise.digits, {}, lang) for tensor in exercise.given],
        "result": _matrix(trace, exercise.result, exercise.digits, names, lang),
        "blanks": [*names.values()],
        "answers": [
            {"name": name, "text": ";  ".join(lines)}
            for name, lines in zip(names.values(), written, strict=True)
        ],
    }


def _matrix(
    trace: Trace, tensor: Tensor, digits: Mapping[str, int], blanks: Mapping[tuple[int, int], str], lang: str
) -> dict[str, Any]:
    """A matrix with its digits and, in place of some, the names of blanks."""
    decimals = digits[tensor.name]
    shown = np.atleast_2d(tensor.printed if decimals == tensor.decimals else tensor.values)
    cells = [
        [_cell(blanks.get((i, j), ""), float(x), decimals) for j, x in enumerate(row)]
        for i, row in enumerate(shown)
    ]
    dims = tensor.dims if len(tensor.dims) == 2 else ("", *tensor.dims)
    rows, cols = (_named(trace, letter, lang) for letter in dims)
    return {"symbol": tensor.symbol, "plain": tensor.symbol_plain, "rows": rows, "cols": cols, "cells": cells}


def _cell(blank: str, value: float, decimals: int) -> dict[str, Any]:
    return {"blank": bool(blank), "text": blank or format_number(value, decimals)}


def _named(trace: Trace, letter: str, lang: str) -> Sequence[Any]:
    """The names of rows or columns along an axis; none where it is no axis of words."""
    names = {"T": trace.labels, "S": trace.labels, "V": trace.model.labels}.get(letter, ())
    return [in_fonts(name, None, lang) for name in names]
