"""What is different between two models that can be compared: in their parameters, in what a film shows, in the answer.

What counts as shown are printed digits, by the formatter of the film: a cell whose digits are the same is the same.
Where one changed number gives its matrix more decimals, both are read with these: −0.9 and −0.90 are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tensorreel.core.engine import Tensor, Trace, forward
from tensorreel.core.errors import InputError
from tensorreel.core.formatting import as_printed, format_number
from tensorreel.core.functional import Array
from tensorreel.core.model import Model
from tensorreel.core.table import Stage

_FREE = ("causal", "eps")  # of a config: models that differ in these can be compared


@dataclass(frozen=True)
class Cells:
    """Where two arrays of one shape differ: in how many of all cells, and most at ``index``."""

    count: int
    total: int
    index: tuple[int, ...]
    before: float
    after: float


@dataclass(frozen=True)
class StageDifference:
    """What a stage of a layer shows of the difference.

    ``tensors`` are the names of all that it shows otherwise, of those that are ``shown`` of both, ``output`` is about its
    result, ``formula`` says that it computes something else.
    """

    stage: Stage
    layer: int | None
    shown: tuple[str, ...]
    tensors: tuple[str, ...]
    output: Cells | None
    formula: bool

    @property
    def differs(self) -> bool:
        """Whether a film of the stage would show another number or compute another way."""
        return bool(self.tensors) or self.formula


@dataclass(frozen=True)
class Sides:
    """Two models that were run on one sentence, and what is different."""

    old: Trace
    new: Trace
    parameters: dict[str, Cells]
    stages: list[StageDifference]

    @property
    def differ(self) -> bool:
        """Whether a film of these stages would show it."""
        return any(stage.differs for stage in self.stages)


def sides_of(old: Model, new: Model, tokens: Sequence[int], stages: Sequence[str | int] = ()) -> Sides:
    """Two models on one sentence, in all stages or in those that are named. ``InputError`` where they are unlike."""
    refuse_unlike(old, new)
    one, other = forward(old, tokens), forward(new, tokens)
    chosen = [new.architecture.find(name) for name in stages]
    return Sides(one, other, parameter_differences(old, new), [*stage_differences(one, other, chosen)])


def refuse_unlike(old: Model, new: Model) -> None:
    """``InputError`` that says what differs where two models have other sizes, words, or an unlike table."""
    for name, mine in vars(old.config).items():
        theirs = getattr(new.config, name)
        if name not in _FREE and theirs != mine:
            raise InputError(f"{name}: {theirs}, expected {mine} (models of one size can be compared)")
    for i, (mine, theirs) in enumerate(zip(old.words, new.words, strict=True)):
        if mine != theirs:
            raise InputError(
                f"words: {theirs!r} as number {i}, expected {mine!r} (both have to read the sentence)"
            )
    tables = ([s.name for s in m.architecture.stages] for m in (old, new))
    one, other = (
        names + list(m.architecture.parameters) for names, m in zip(tables, (old, new), strict=True)
    )
    if one != other:
        odd = next((name for name in (*other, *one) if (name in one) != (name in other)), other[0])
        raise InputError(
            f"architecture {new.architecture.name}: {odd}, expected the table of {old.architecture.name}"
        )


def parameter_differences(old: Model, new: Model) -> dict[str, Cells]:
    """The parameters that hold other numbers, by full name, whatever is shown of them."""
    found = {name: _cells(array, new.params[name]) for name, array in old.params.items()}
    return {name: cells for name, cells in found.items() if cells.count}


def stage_differences(old: Trace, new: Trace, stages: Sequence[Stage] = ()) -> Iterator[StageDifference]:
    """Every stage of every layer, or some, in the order of the table."""
    for stage in stages or new.model.architecture.stages:
        for layer in range(new.model.config.n_layers) if stage.scope == "layer" else (None,):
            yield stage_difference(old, new, stage, layer)


def answers(trace: Trace) -> Array:
    """p of each word behind the sentence, (V,)."""
    last: Array = trace["probs"].values[-1]
    return last


def printed_answers(trace: Trace, decimals: int) -> Array:
    """The same with so many decimals, as the numbers that its digits are made from."""
    p = trace["probs"].with_decimals(decimals)
    return p.printed_row(len(p.values) - 1)


def shown_cells(a: Tensor, b: Tensor) -> Cells:
    """The cells of two tensors that are printed otherwise."""
    return _cells(a.values, b.values, printed_otherwise(a, b))


def common_decimals(a: Tensor, b: Tensor) -> int:
    """The decimals with which two tensors are compared: those of the finer one."""
    return max(a.decimals, b.decimals)


def printed_otherwise(a: Tensor, b: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which cells of two tensors of one shape have other digits, with the decimals of the finer one."""
    decimals = common_decimals(a, b)
    one, two = (tensor.with_decimals(decimals).printed for tensor in (a, b))
    other: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = np.asarray(one != two)
    for index in map(tuple, np.argwhere(other)):
        other[index] = format_number(float(one[index]), decimals) != format_number(
            float(two[index]), decimals
        )
    return other


def printed_change(before: float, after: float, decimals: int) -> str:
    """``+0.12``: the difference of two numbers as they are printed, so that it can be checked by hand."""
    change = as_printed(after, decimals) - as_printed(before, decimals)
    return ("+" if change > 0 else "") + format_number(change, decimals)


def stage_difference(old: Trace, new: Trace, stage: Stage, layer: int | None) -> StageDifference:
    """What a stage shows of the difference in a layer, which counts where the stage is one of a layer."""
    layer = layer if stage.scope == "layer" else None
    old, new = seen_from(old, layer), seen_from(new, layer)
    before = old.model.architecture.find(stage.name)
    names = dict.fromkeys((*_shown(old, before), *_shown(new, stage)))
    both = tuple(name for name in names if name in old and name in new)
    cells = {name: shown_cells(old[name], new[name]) for name in both}
    output, other = cells[stage.name], before.fn is not stage.fn
    felt = tuple(name for name in both if cells[name].count)
    return StageDifference(stage, layer, both, felt, output if output.count else None, other)


def seen_from(trace: Trace, layer: int | None) -> Trace:
    """A trace as a stage of a layer sees it; one that stands behind the layers sees the last."""
    return trace.at(layer=trace.model.config.n_layers - 1 if layer is None else layer)


def _shown(trace: Trace, stage: Stage) -> list[str]:
    """Names of what a film of a stage shows: inputs, what is computed on the way, the output."""
    ways = [way.name for way in trace.model.architecture.on_the_way(stage)]
    return [*(name for name in stage.inputs if name != "tokens"), *ways, stage.name]


def _cells(a: Array, b: Array, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None) -> Cells:
    """The cells that differ; ``where`` says which ones count."""
    other = a != b if where is None else where
    with np.errstate(invalid="ignore"):
        size = np.where(other, np.nan_to_num(np.abs(b - a), nan=0.0), -1.0)
    index = tuple(int(i) for i in np.unravel_index(int(size.argmax()), a.shape))
    return Cells(int(other.sum()), int(a.size), index, float(a[index]), float(b[index]))
