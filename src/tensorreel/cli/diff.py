"""``tensorreel diff``: what is different between two models, in the terminal and at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import numpy as np

from tensorreel.cli.asked.options import (
    asked_tokens,
    chosen_model,
    json_option,
    sample_option,
    stated_options,
    variation_options,
)
from tensorreel.cli.grids import columns, spoken, word_labels
from tensorreel.core.errors import TensorreelError, UsageProblem, outside
from tensorreel.core.formatting import decimals_for, format_number, leading
from tensorreel.core.listing import nested
from tensorreel.core.model import Model
from tensorreel.core.table import Stage
from tensorreel.models.foreign import ENDINGS
from tensorreel.variations.difference import (
    Cells,
    Sides,
    StageDifference,
    answers,
    printed_answers,
    printed_change,
    sides_of,
)

DIFFERENT, ERROR = 1, 2
MOST_WORDS = 12


@click.command()
@click.argument("models", metavar="[OLD] [NEW] [STAGE]...", nargs=-1)
@sample_option("Without OLD: the built-in model with a sentence in this language.")
@stated_options
@variation_options
@click.option("--tokens", metavar="LIST", help="The sentence as token ids or words. Without it: OLD's own.")
@click.option("--text", metavar="TEXT", help="The same as text.")
@json_option("Print JSON for programs, with every word and every stage.")
def diff(
    models: tuple[str, ...],
    sample: str | None,
    said: dict[str, Any],
    asked: tuple[str, ...],
    tokens: str | None,
    text: str | None,
    as_json: bool,
) -> int:
    """Say what is different between two model files, OLD and NEW: parameters, stages, and the answer.

    With --without, --set or --causal OLD alone is compared with itself changed; without OLD it is the built-in model.
    What counts of a stage are printed digits, as the film shows them. Exit code 0: equal as shown; 1: different; 2: an
    error.
    """
    try:
        sides = _compared(models, sample, said, asked, (tokens, text))
    except (TensorreelError, OSError, MemoryError) as err:
        raise UsageProblem(str(err if isinstance(err, TensorreelError) else outside(err))) from err
    click.echo(
        json.dumps(_facts(sides), ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(sides))
    )
    return DIFFERENT if sides.differ else 0


def _compared(
    named: Sequence[str],
    sample: str | None,
    said: dict[str, Any],
    asked: Sequence[str],
    sentence: tuple[str | None, str | None],
) -> Sides:
    files = [Path(name) for name in named[:2] if _is_file(name)]
    changed = bool(asked or said.get("causal"))
    if len(files) < 2 and not changed:
        raise UsageProblem("one model, expected OLD NEW, or a change: --without, --set or --causal")
    plain = said if len(files) == 2 and not asked else {k: v for k, v in said.items() if k != "causal"}
    old = chosen_model(files[0] if files else None, None, plain, sample)
    new = chosen_model(files[-1] if files else None, None, said, sample, asked)
    return sides_of(old, new, asked_tokens(old, *sentence), named[len(files) :])


def _is_file(name: str) -> bool:
    """Whether an argument names a model, and not a stage."""
    return name.endswith(ENDINGS) or "/" in name or Path(name).exists()


# ---- for people -------------------------------------------------------------------------------------
def _lines(sides: Sides) -> Iterator[str]:
    yield f"{_called(sides.old.model)} → {_called(sides.new.model)}"
    yield spoken(sides.old.labels)
    yield ""
    yield from _parameter_lines(sides.parameters)
    yield ""
    rows = [_stage_row(stage, [*found]) for stage, found in groupby(sides.stages, lambda s: s.stage)]
    yield from columns(rows)
    yield ""
    yield from _answer_lines(sides)


def _called(model: Model) -> str:
    return ", ".join([model.source or "the built-in model", *(v.text for v in model.variations)])


def _parameter_lines(found: dict[str, Cells]) -> Iterator[str]:
    if not found:
        yield "no parameter changed"
    rows = [
        [name, f"{c.count} of {c.total} changed", f"most {list(c.index)}: {_ends(c, [c.before, c.after])}"]
        for name, c in found.items()
    ]
    yield from columns(rows) if rows else ()


def _stage_row(stage: Stage, found: Sequence[StageDifference]) -> list[str]:
    return [f"{stage.number:>2}", stage.cli_name, _state(found)]


def _state(found: Sequence[StageDifference]) -> str:
    """What is to be said of a stage in all of its layers."""
    those = [f for f in found if f.differs]
    if not those:
        return "same"
    where = ", ".join(str(f.layer + 1) for f in those if f.layer is not None)
    layers = f" in layer {where}" if where and len(found) > 1 else ""
    formula = f", {those[0].stage.formula_plain}" if those[0].formula else ""
    cells = [f.output for f in those if f.output]
    if not cells:
        return f"differs{layers}{formula}: its result is the same"
    most = max(cells, key=lambda c: abs(c.after - c.before))
    count, total = sum(c.count for c in cells), sum(c.total for c in cells)
    return (
        f"differs{layers}{formula}: {count} of {total} cells, most {_ends(most, [most.before, most.after])}"
    )


def _ends(cells: Cells, values: Sequence[float]) -> str:
    """``0.30 → 0.80``, with the digits that tell both apart."""
    decimals = decimals_for(values)
    before, after = (format_number(x, decimals) for x in (cells.before, cells.after))
    return f"{before} → {after}"


def _answer_lines(sides: Sides) -> Iterator[str]:
    labels, decimals = sides.old.model.labels, max(t["probs"].decimals for t in (sides.old, sides.new))
    p, q = (printed_answers(trace, decimals) for trace in (sides.old, sides.new))
    before, after = (" ".join(word_labels([labels[i] for i in leading(x, decimals)][:3])) for x in (p, q))
    yield f"next: {before} → {after}" if before != after else f"next: {before} in both"
    first = sorted(range(len(p)), key=lambda i: -max(p[i], q[i]))[:MOST_WORDS]
    names = word_labels([labels[i] for i in first])
    yield from columns(
        [
            [
                name,
                format_number(p[i], decimals),
                "→",
                format_number(q[i], decimals),
                printed_change(p[i], q[i], decimals),
            ]
            for name, i in zip(names, first, strict=True)
        ]
    )
    if len(p) > len(first):
        yield f"… {len(p) - len(first)} more words (--json prints all)"


# ---- for programs -----------------------------------------------------------------------------------
def _facts(sides: Sides) -> dict[str, Any]:
    p, q, words = answers(sides.old), answers(sides.new), sides.old.model.words
    return {
        "old": _side(sides.old.model),
        "new": _side(sides.new.model),
        "words": list(sides.old.words),
        "differs": sides.differ,
        "parameters": {name: vars(cells) for name, cells in sides.parameters.items()},
        "stages": [_stage_facts(found) for found in sides.stages],
        "winner": {"before": words[int(p.argmax())], "after": words[int(q.argmax())]},
        "p": [
            {"word": word, "before": float(a), "after": float(b), "change": float(b - a)}
            for word, a, b in zip(words, p, q, strict=True)
        ],
    }


def _side(model: Model) -> dict[str, Any]:
    return {"model": model.source, "digest": model.digest, "variations": [v.text for v in model.variations]}


def _stage_facts(found: StageDifference) -> dict[str, Any]:
    layer = {} if found.layer is None else {"layer": found.layer + 1}
    formula = {"formula": found.stage.formula_plain} if found.formula else {}
    facts = {
        "stage": found.stage.cli_name,
        "number": found.stage.number,
        **layer,
        "differs": found.differs,
        **formula,
    }
    output = found.output and _cells(found.output)
    return {**facts, "shows": list(found.tensors), "output": output}


def _cells(cells: Cells) -> dict[str, Any]:
    return {**vars(cells), "before": nested(np.array(cells.before)), "after": nested(np.array(cells.after))}
