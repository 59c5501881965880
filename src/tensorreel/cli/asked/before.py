"""``--against OLD``: the model before, in a film of differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from tensorreel.cli.asked.options import Command, chosen_model
from tensorreel.core.errors import UsageProblem
from tensorreel.core.model import Model
from tensorreel.core.variation import CAUSAL

ITSELF = "itself"
_TOLD = (
    "A film of differences: what stood in a cell before stays beside what is printed now, and stages that show the same "
    f"are one beat. A model file, or {ITSELF}: the model without its --without, --set and --causal."
)


def against_option() -> Callable[[Command], Command]:
    """``--against OLD``; the command receives ``before``, which makes a model of it when the other one is read."""
    return click.option(
        "--against",
        "before",
        metavar="OLD",
        callback=lambda ctx, param, value: partial(before, value),
        help=_TOLD,
    )


def before(
    against: str | None,
    model: Model,
    model_file: Path | None,
    max_bytes: int | None,
    said: Mapping[str, Any],
    sample: str | None,
) -> Model | None:
    """The model that another one is compared with; ``InputError`` that says what differs where it cannot be."""
    if against is None:
        return None
    if against == ITSELF and not model.variations:
        raise UsageProblem(f"--against {ITSELF} without a change, expected --without, --set or --causal")
    from tensorreel.variations.difference import refuse_unlike

    old = _read(against, model, model_file, max_bytes, said, sample)
    refuse_unlike(old, model)
    return old


def _read(
    against: str,
    model: Model,
    model_file: Path | None,
    max_bytes: int | None,
    said: Mapping[str, Any],
    sample: str | None,
) -> Model:
    """The model before: a mask that was made as a change is none of what is stated of it."""
    masked = CAUSAL in (change.text for change in model.variations)
    stated = {name: value for name, value in said.items() if not (masked and name == CAUSAL)}
    if against == ITSELF:
        return chosen_model(model_file, max_bytes, stated, sample)
    return chosen_model(Path(against), max_bytes, stated, None)
