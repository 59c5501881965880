"""The registry behind the formula table: what a declared step knows about itself, and how one is found."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tensorreel.errors import UsageProblem
from tensorreel.text import Text

Scope = Literal["model", "layer"]
Dims = tuple[str, ...]
Function = TypeVar("Function", bound=Callable[..., Any])

NOT_TENSORS = ("mask", "eps")  # inputs without a place in ``dims``
SHAPE_LETTERS = {"T": "T", "S": "T", "d": "d", "h": "h", "k": "d_k", "f": "d_ff", "V": "V", "n": "n"}


@dataclass(frozen=True, eq=False)
class Step:
    """A function of the table with its declaration. ``*_plain`` is the same in Unicode, for terminals."""

    name: str
    symbol: str  # Typst math, as it stands in ``formula``
    symbol_plain: str
    dims: str
    title: Text
    fn: Callable[..., Any]

    @property
    def arguments(self) -> tuple[str, ...]:
        """All parameter names of the function."""
        return tuple(inspect.signature(self.fn).parameters)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the input tensors, one for each group of ``dims``."""
        return tuple(a for a in self.arguments if a not in NOT_TENSORS)

    @property
    def in_dims(self) -> tuple[Dims, ...]:
        """Axis letters of each input."""
        return tuple(tuple(part.split()) for part in self.dims.split("->")[0].split(","))

    @property
    def out_dims(self) -> Dims:
        """Axis letters of the output."""
        return tuple(self.dims.split("->")[1].split())

    @property
    def cli_name(self) -> str:
        """The name on the command line and in file names: ``attn-scores``."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, eq=False)
class Stage(Step):
    """One of the 18 lines of the formula table."""

    number: int
    formula: str  # Typst math
    formula_plain: str
    meaning: Text
    scope: Scope
    contracts: str | None = None

    @property
    def contracted(self) -> str | None:
        """The letter of the axis that is summed over, or None: it is in two inputs and not in the output."""
        if self.contracts:
            return self.contracts
        seen = [letter for dims in self.in_dims for letter in dict.fromkeys(dims)]
        shared = (x for x in dict.fromkeys(seen) if seen.count(x) > 1 and x not in self.out_dims)
        return next(shared, None)

    @property
    def intermediates(self) -> tuple[Intermediate, ...]:
        """What the stage computes on its way."""
        return tuple(i for i in INTERMEDIATES.values() if i.of == self.name)


@dataclass(frozen=True, eq=False)
class Intermediate(Step):
    """A value on the way to the output of the stage ``of``."""

    of: str


STAGES: list[Stage] = []
INTERMEDIATES: dict[str, Intermediate] = {}


def stage(
    *,
    formula: tuple[str, str],
    symbol: tuple[str, str],
    dims: str,
    title: Text,
    meaning: Text,
    scope: Scope = "layer",
    contracts: str | None = None,
) -> Callable[[Function], Function]:
    """Declare a function as the next line of the formula table.

    ``formula`` and ``symbol`` are pairs of Typst math and plain Unicode. The function itself stays as it is;
    its docstring is made from the declaration. A second stage of the same name raises ``ValueError``.
    """

    def register(fn: Function) -> Function:
        name = fn.__name__
        _refuse_duplicate(name)
        number = len(STAGES) + 1
        fn.__doc__ = f"{number}. {formula[1]} [{dims}]: {meaning.en}"
        STAGES.append(Stage(name, *symbol, dims, title, fn, number, *formula, meaning, scope, contracts))
        return fn

    return register


def intermediate(
    *, of: str, symbol: tuple[str, str], dims: str, title: Text
) -> Callable[[Function], Function]:
    """Declare a function as a value on the way to the stage ``of``."""

    def register(fn: Function) -> Function:
        name = fn.__name__
        _refuse_duplicate(name)
        fn.__doc__ = f"{symbol[1]} [{dims}], on the way to {of}."
        INTERMEDIATES[name] = Intermediate(name, *symbol, dims, title, fn, of)
        return fn

    return register


def _refuse_duplicate(name: str) -> None:
    if name in INTERMEDIATES or any(s.name == name for s in STAGES):
        raise ValueError(f"{name} is declared twice")


def find_stage(key: str | int) -> Stage:
    """A stage by its name, its command-line name or its number; otherwise ``UsageProblem`` with a suggestion."""
    wanted = str(key).strip()
    for candidate in STAGES:
        if wanted.lower().replace("-", "_") == candidate.name or wanted == str(candidate.number):
            return candidate
    hint = " or ".join(_near(wanted))
    asked = f" (did you mean {hint}?)" if hint else ""
    raise UsageProblem(f"no stage {wanted!r}, expected a name or a number from 1 to {len(STAGES)}{asked}")


def _near(wanted: str) -> list[str]:
    """Up to three command-line names: near misses, else stages that have the word in title or formula."""
    names = [s.cli_name for s in STAGES]
    low = wanted.lower().replace("_", "-")
    close = difflib.get_close_matches(low, names, n=1, cutoff=0.6)
    if close or len(low) < 2:
        return close
    words = low.replace("-", " ")
    return [
        s.cli_name
        for s in STAGES
        if words in f"{s.cli_name} {s.title.en} {s.title.ja} {s.formula_plain}".lower()
    ][:3]
