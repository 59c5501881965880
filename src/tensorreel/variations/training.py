"""A training as a film sees it: one stage at every checkpoint, on one scale, and what is new at each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tensorreel.core.engine import Tensor, Trace, forward
from tensorreel.core.errors import InputError
from tensorreel.core.formatting import as_printed, format_number
from tensorreel.core.model import Model
from tensorreel.core.quantity import Count, Quantity, cell, count
from tensorreel.variations.difference import refuse_unlike
from tensorreel.variations.scalars import Scalars

AXIS_ENDS, SCALES = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 2, 5)  # round numbers, times a power of ten


@dataclass(frozen=True)
class Checkpoint:
    """A model at a step of its training, and its forward pass."""

    step: int
    trace: Trace


@dataclass(frozen=True)
class Exhibit:
    """The tensor of a stage over all checkpoints: ``whole`` (n, …) decides its decimals, ``scale`` is the number at
    which a cell has its full shade."""

    stage: str
    layer: int | None
    head: int | None
    whole: Tensor = field(repr=False)
    scale: float

    def at(self, checkpoint: Checkpoint) -> Tensor:
        """The tensor of a checkpoint, with the decimals of all."""
        tensor = checkpoint.trace.at(layer=self.layer or 0, head=self.head)[self.stage]
        return Tensor(**{**vars_of(tensor), "whole": self.whole})

    def quantity(self, checkpoint: Checkpoint, *index: int) -> Quantity:
        """A cell of a checkpoint, which knows whose it is."""
        return of_step(checkpoint.step, cell(self.at(checkpoint), *index))

    @property
    def signed(self) -> bool:
        """Whether a cell of any checkpoint is below zero."""
        return bool((self.whole.values < 0).any())

    @cached_property
    def reach(self) -> tuple[float, ...]:
        """Of a matrix with two columns: round numbers that no checkpoint's rows exceed, to the left and right of zero,
        below and above it."""
        if self.whole.shape[-1] != 2:
            return ()
        seen = self.whole.values if self.head is None else self.whole.values[:, self.head]
        left, down = np.minimum(seen.reshape(-1, 2).min(axis=0), 0.0)
        right, up = np.maximum(seen.reshape(-1, 2).max(axis=0), 0.0)
        ends = (float(abs(x)) for x in (left, right, down, up))
        return tuple(round_up(x, AXIS_ENDS) if x else 0.0 for x in ends)

    @property
    def full(self) -> Quantity:
        """The number of the full shade."""
        return Quantity("scale", (self.stage, self.layer), self.scale)


def vars_of(tensor: Tensor) -> dict[str, Any]:
    """The fields of a tensor, without what was worked out of them."""
    return {name: getattr(tensor, name) for name in tensor.__dataclass_fields__}


def of_step(step: int, quantity: Quantity) -> Quantity:
    """A quantity of the model as it was at a step."""
    return Quantity("at", (step, quantity), quantity.value, quantity.shown)


def round_up(x: float, steps: Sequence[float] = SCALES) -> float:
    """The least round number, of either sign none below x, that is no less: 0.97 → 1, 3.2 → 5."""
    if x <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(x))
    least = next((s * power for s in (*steps, 10) if s * power >= x * (1 - 1e-12)), 10 * power)
    return float(f"{least:.6g}")


@dataclass(frozen=True)
class Moment:
    """What one clip of a reel shows: the way from a checkpoint to the next one, and nothing of those that follow.

    Without ``before`` it is the beginning; ``ends`` says that the reel does, where ``before`` is ``now``.
    """

    shown: Exhibit
    now: Checkpoint
    before: Checkpoint | None
    ends: bool
    span: tuple[int, int]  # steps at the ends of the time line
    range: tuple[float, float]  # of the curve
    scalars: Scalars | None  # what was known by now

    @property
    def facts(self) -> list[Any]:
        """All that the clip can show of the training, as plain data."""
        shown, both = self.shown, [c for c in (self.before, self.now) if c is not None]
        digits = [[format_number(x, shown.whole.decimals) for x in shown.at(c).printed.flat] for c in both]
        known = [self.scalars.name, self.scalars.steps, self.scalars.values] if self.scalars else []
        steps = [c.step for c in both]
        return [
            shown.stage,
            shown.layer,
            shown.head,
            shown.scale,
            shown.signed,
            shown.reach,
            shown.whole.decimals,
            steps,
            digits,
            self.ends,
            self.span,
            self.range,
            known,
        ]

    @property
    def step(self) -> Quantity:
        """The step that is reached, as a number on the screen."""
        return step_count(self.now)


def step_count(checkpoint: Checkpoint) -> Quantity:
    """The step of a checkpoint."""
    return count(checkpoint.step, Count.STEP)


def scalar(scalars: Scalars, step: int) -> Quantity:
    """The value of a scalar at a step."""
    return Quantity("scalar", (scalars.name, step), scalars.at(step))


def digest_of(moments: Sequence[Moment]) -> str:
    """SHA-256 of all that some moments can show; empty for none."""
    facts = json.dumps([m.facts for m in moments])
    return hashlib.sha256(facts.encode()).hexdigest() if moments else ""


@dataclass(frozen=True)
class Training:
    """Checkpoints of one model in order, the stage that is looked at, and a scalar beside it.

    ``until`` is the last step of the time line where more is to come; ``layer`` and ``head`` are 0-based.
    """

    checkpoints: tuple[Checkpoint, ...]
    stage: str
    layer: int = 0
    head: int = 0
    scalars: Scalars | None = None
    until: int | None = None

    @cached_property
    def shown(self) -> Exhibit:
        """The stage's tensor, with what all checkpoints decide."""
        tensors = [c.trace.at(layer=self.layer)[self.stage] for c in self.checkpoints]
        first = tensors[0]
        values = np.stack([t.values for t in tensors])
        whole = Tensor(**{**vars_of(first), "values": values, "dims": ("", *first.dims)})
        finite = np.abs(values[np.isfinite(values)])
        largest = as_printed(float(finite.max(initial=0.0)), whole.decimals)
        head = self.head if "h" in first.dims else None
        return Exhibit(self.stage, first.layer, head, whole, round_up(largest))

    @property
    def span(self) -> tuple[int, int]:
        """The steps at the ends of the time line: the first one, and a round number, so that there is room for more."""
        first, last = self.checkpoints[0].step, self.checkpoints[-1].step
        return first, max(last, self.until or int(np.ceil(round_up(last, AXIS_ENDS))))

    @property
    def range(self) -> tuple[float, float]:
        """The values at the ends of the curve's axis: zero, and round numbers beyond."""
        values = self.scalars.values if self.scalars else (1.0,)
        low, high = min(values), max(values)
        return -round_up(-low, AXIS_ENDS) if low < 0 else 0.0, round_up(high, AXIS_ENDS) if high > 0 else 0.0

    @property
    def moments(self) -> list[Moment]:
        """The beginning, each way from a checkpoint to the next, and the end."""
        first, last = self.checkpoints[0], self.checkpoints[-1]
        pairs = list(zip(self.checkpoints, self.checkpoints[1:], strict=False))
        ways = [(None, first, False), *((a, b, False) for a, b in pairs), (last, last, True)]
        return [self._moment(*way) for way in ways]

    def _moment(self, before: Checkpoint | None, now: Checkpoint, ends: bool) -> Moment:
        known = self.scalars.until(now.step) if self.scalars else None
        return Moment(self.shown, now, before, ends, self.span, self.range, known)


def trained(
    files: Sequence[tuple[int, Path]], read: Callable[[Path], Model], tokens: Callable[[Model], Sequence[int]]
) -> tuple[Checkpoint, ...]:
    """Each checkpoint's forward pass, once, on the sentence that ``tokens`` takes of the first one.

    ``InputError`` names the file that is of another model.
    """
    found: list[Checkpoint] = []
    for step, path in files:
        model = read(path)
        if found:
            _refuse_other(found[0].trace.model, model, path)
        ids = found[0].trace.tokens if found else tokens(model)
        found.append(Checkpoint(step, forward(model, ids)))
    return tuple(found)


def _refuse_other(first: Model, model: Model, path: Path) -> None:
    try:
        refuse_unlike(first, model)
    except InputError as err:
        raise InputError(f"{path}: {err}") from err
