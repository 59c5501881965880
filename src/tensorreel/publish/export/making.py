"""From a forward pass to a file of one of the kinds that other programs read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tensorreel.core.engine import Trace
from tensorreel.core.errors import UsageProblem
from tensorreel.film.job.atomic import replacing
from tensorreel.publish.export import notebook, tensors, workbook
from tensorreel.publish.export.worksheet import write_worksheet

Writer = Callable[[Trace, Path, str, int], object]


def _written(made: Callable[[Trace], bytes]) -> Writer:
    return lambda trace, part, lang, seed: part.write_bytes(made(trace))


# a name, its ending, and what writes it
_KINDS: dict[str, tuple[str, Writer]] = {
    "xlsx": (".xlsx", lambda trace, part, lang, seed: workbook.write_workbook(trace, part, lang)),
    "csv": (".csv", _written(tensors.as_csv)),
    "npz": (".npz", _written(tensors.as_npz)),
    "json": (".json", _written(tensors.as_json)),
    "notebook": (
        ".ipynb",
        lambda trace, part, lang, seed: part.write_bytes(notebook.as_notebook(trace, lang)),
    ),
    "worksheet": (".pdf", write_worksheet),
}
KINDS = tuple(_KINDS)


def ending_of(kind: str) -> str:
    """``.ipynb`` of a notebook."""
    return _KINDS[kind][0]


def kind_of(output: Path | None, kind: str | None) -> str:
    """What to make, by its name or by the file's ending; ``UsageProblem`` if they differ or neither says it."""
    named = {ending: name for name, (ending, _) in _KINDS.items()}
    said = named.get(output.suffix.lower()) if output is not None else None
    chosen = kind or said
    if chosen not in _KINDS:
        raise UsageProblem(
            f"no kind of file, expected {', '.join(KINDS)} (or a name that ends in {', '.join(named)})"
        )
    if output is not None and output.suffix.lower() != ending_of(chosen):
        raise UsageProblem(f"{output} as {chosen}, expected the ending {ending_of(chosen)}")
    return chosen


def write_export(trace: Trace, kind: str, target: Path, lang: str, seed: int = 1) -> None:
    """Write the file; it appears whole, or not at all. ``seed`` chooses the blanks of a worksheet."""
    with replacing(target) as part:
        _KINDS[kind][1](trace, part, lang, seed)
