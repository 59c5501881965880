"""Declaring a line of a formula table: what a step knows about itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tensorreel.words.text import Text

Scope = Literal["model", "layer"]
Part = Literal["embedding", "attention", "norm", "feed_forward", "output"]
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
    """A line of the formula table; ``number`` is its place in its architecture, from 1.

    ``purpose`` says in two or three words what its output is for; ``shares``: each row of it adds up to 1.
    ``drawn_as`` names the storyboard that draws it where it is not its own.
    """

    number: int
    formula: str  # Typst math
    formula_plain: str
    meaning: Text
    scope: Scope
    part: Part
    purpose: Text
    contracts: str | None = None
    shares: bool = False
    drawn_as: str = ""

    @property
    def contracted(self) -> str | None:
        """The letter of the axis that is summed over, or None: it is in two inputs and not in the output."""
        if self.contracts:
            return self.contracts
        seen = [letter for dims in self.in_dims for letter in dict.fromkeys(dims)]
        shared = (x for x in dict.fromkeys(seen) if seen.count(x) > 1 and x not in self.out_dims)
        return next(shared, None)

    @property
    def factors(self) -> tuple[str, ...]:
        """The inputs of its product: those that have the axis that is summed over; none where there is no product."""
        pairs = zip(self.inputs, self.in_dims, strict=True)
        return tuple(name for name, dims in pairs if self.contracted in dims)


@dataclass(frozen=True, eq=False)
class Intermediate(Step):
    """A value on the way to the output of the stage ``of``."""

    of: str


_DECLARED = "__declared__"  # the attribute in which a function carries its declaration


def declared(fn: Callable[..., Any]) -> Step:
    """The declaration of a decorated function; ``TypeError`` for any other."""
    found = getattr(fn, _DECLARED, None)
    if not isinstance(found, Step):
        raise TypeError(f"{fn.__name__} is not declared, expected @stage or @intermediate")
    return found


def stage(
    *,
    formula: tuple[str, str],
    symbol: tuple[str, str],
    dims: str,
    part: Part,
    title: Text,
    meaning: Text,
    scope: Scope = "layer",
    purpose: Text | None = None,
    contracts: str | None = None,
    shares: bool = False,
    drawn_as: str = "",
) -> Callable[[Function], Function]:
    """Declare a function as a line of a formula table; which line, its architecture says.

    ``formula`` and ``symbol`` are pairs of Typst math and plain Unicode; without a ``purpose`` the title says it.
    The function itself stays as it is; its docstring is made from the declaration.
    """

    def declare(fn: Function) -> Function:
        fn.__doc__ = f"{formula[1]} [{dims}]: {meaning.english}"
        said = purpose or title
        step = (fn.__name__, *symbol, dims, title, fn)
        made = Stage(*step, 0, *formula, meaning, scope, part, said, contracts, shares, drawn_as)
        setattr(fn, _DECLARED, made)
        return fn

    return declare


def intermediate(
    *, of: str, symbol: tuple[str, str], dims: str, title: Text
) -> Callable[[Function], Function]:
    """Declare a function as a value on the way to the stage ``of``."""

    def declare(fn: Function) -> Function:
        fn.__doc__ = f"{symbol[1]} [{dims}], on the way to {of}."
        setattr(fn, _DECLARED, Intermediate(fn.__name__, *symbol, dims, title, fn, of))
        return fn

    return declare
