"""Numbers that know where they come from.

A ``Quantity`` is a cell of the trace or arithmetic on such cells. Scenes can draw numerals only from
quantities, so every numeral on screen carries the recipe that the number audit recomputes on its own.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tensorreel.core.formatting import Shown, digits_of, snap

if TYPE_CHECKING:
    from tensorreel.core.engine import Tensor
    from tensorreel.core.functional import Array
    from tensorreel.core.table import Stage


@dataclass(frozen=True, eq=False)
class Quantity:
    """A real number with its recipe.

    ``op`` is ``cell`` (args: tensor name, layer, head, index), ``count`` (args: a whole number, a ``Count``, and what
    it is about), ``eps`` (no args: LayerNorm's constant, read from the model's config), ``varied`` (args: texts of
    ``variations.change``, and what is meant of the model with these changes), ``at`` (args: a step of the training, a
    quantity of the model of then), ``scale`` and ``scalar`` (of a training: ``variations.training``), ``before``,
    ``moved``, ``otherwise``, ``cells`` and ``felt`` (of two models: ``variations.before``) or an operation on
    quantities, or on all ``Terms`` of a line at once; ``value`` is the number at float64. ``shown`` is what its
    digits are made from, at one number of decimals, where its row has to add up as printed.
    """

    op: str
    args: tuple[Any, ...]
    value: float
    shown: Shown | None = None

    def printed(self, decimals: int) -> float:
        """The number that its digits are made from, with so many decimals."""
        return digits_of(self.value, self.shown, decimals)

    def __add__(self, other: Quantity) -> Quantity:
        return _combine("add", operator.add, self, other)

    def __sub__(self, other: Quantity) -> Quantity:
        return _combine("sub", operator.sub, self, other)

    def __mul__(self, other: Quantity) -> Quantity:
        return _combine("mul", operator.mul, self, other)

    def __truediv__(self, other: Quantity) -> Quantity:
        return _combine("div", operator.truediv, self, other)

    def __neg__(self) -> Quantity:
        return _combine("neg", operator.neg, self)

    def __abs__(self) -> Quantity:
        return _combine("abs", abs, self)

    def exp(self) -> Quantity:
        """e to the power of this."""
        return _combine("exp", math.exp, self)

    def sqrt(self) -> Quantity:
        """The square root."""
        return _combine("sqrt", math.sqrt, self)

    def square(self) -> Quantity:
        """This times itself."""
        return _combine("mul", operator.mul, self, self)

    def relu(self) -> Quantity:
        """max(0, this)."""
        return _combine("relu", lambda x: max(0.0, x), self)

    def __copy__(self) -> Quantity:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Quantity:
        return self

    def __str__(self) -> str:
        if self.op == "cell":
            name, layer, head, index = self.args
            place = "".join(f".{k}{v}" for k, v in (("layer", layer), ("head", head)) if v is not None)
            return f"{name}{place}{list(index)}"
        if self.op == "count":
            return str(self.args[0])
        if self.op == "eps":
            return "eps"
        if self.op == "at":
            return f"{self.args[1]} of step {self.args[0]}"
        return f"{self.op}({', '.join(map(str, self.args))})"


def _combine(op: str, how: Callable[..., float], *args: Quantity) -> Quantity:
    return Quantity(op, args, float(how(*(a.value for a in args))))


def cell(tensor: Tensor, *index: int) -> Quantity:
    """The entry of a tensor at a 0-based index; the tensor says which layer and head it belongs to."""
    value = float(tensor.values[index])
    printed = float(tensor.printed_row(*index[:-1])[index[-1]])
    shown = (tensor.decimals, printed) if printed != value else None
    return Quantity(
        "cell", (tensor.name, tensor.layer, tensor.head, tuple(int(i) for i in index)), value, shown
    )


class Terms(Sequence[Quantity]):
    """A line of quantities, each made when it is asked for: a line of the vocabulary is never built as a whole.

    ``values`` are their numbers (n,), at hand without the quantities; ``make`` gives the k-th one.
    """

    def __init__(self, values: Sequence[float] | Array, make: Callable[[int], Quantity]) -> None:
        self.values, self._make = np.asarray(values, dtype=np.float64), make
        self._made: dict[int, Quantity] = {}

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, k: int) -> Quantity: ...
    @overload
    def __getitem__(self, k: slice) -> Terms: ...
    def __getitem__(self, k: int | slice) -> Quantity | Terms:
        if isinstance(k, slice):
            return self.only(range(len(self))[k])
        k = range(len(self))[k]
        if k not in self._made:
            self._made[k] = self._make(k)
        return self._made[k]

    def only(self, kept: Sequence[int]) -> Terms:
        """Some of them."""
        return Terms(self.values[list(kept)], lambda k: self[kept[k]])

    def __sub__(self, other: Quantity) -> Terms:
        return Terms(self.values - other.value, lambda k: self[k] - other)

    def exp(self) -> Terms:
        """e to the power of each."""
        return Terms([math.exp(x) for x in self.values.tolist()], lambda k: self[k].exp())

    def __str__(self) -> str:
        return f"{self[0]} … {self[-1]}" if len(self) else ""


def _many(op: str, terms: Iterable[Quantity], how: Callable[[list[float]], float]) -> Quantity:
    """An operation on many quantities; of ``Terms`` none is built for it."""
    if isinstance(terms, Terms):
        return Quantity(op, (terms,), float(how(terms.values.tolist())))
    items = tuple(terms)
    return Quantity(op, items, float(how([q.value for q in items])))


class Count(Enum):
    """What a whole number on the screen can be, and what has to be said of it so that the audit can count again."""

    SIZE = auto()  # of the model, by its letter
    HIDDEN = auto()  # of an axis, beyond what is shown: the axis' letter, how many are shown
    TERMS = auto()  # of a sum: its terms
    STAGES = auto()  # of the table
    STAGE = auto()  # its place in the table, from 1: its name
    LAYER = auto()  # its number, from 1: its index, from 0
    HEAD = auto()  # its number, from 1: its index, from 0
    HEADS = auto()  # whose largest cell of a row stands in a column: a tensor, its layer, the row, the column
    POSITION = auto()  # its number, from 0: its row of P
    WORD = auto()  # its id, from 0: its row of E
    TOKEN = auto()  # its id: its place in the sentence, from 0
    PLACE = auto()  # a token's place in the sentence, from 1: the same from 0
    ALIKE = auto()  # cells that print as the largest of them does: all of them, their decimals
    ONE_HOT = auto()  # 1 where a token's row of E is taken, else 0: the token's id, the row
    WHOLE = auto()  # 1: the shares that add up to it
    ROW = auto()  # 1: how many rows a row is
    STEP = auto()  # of a training: that of one of its checkpoints
    TICK = auto()  # a mark of an axis, which says nothing of the model; never in a sentence


def count(n: int, what: Count, *about: Any) -> Quantity:
    """A whole number that the model or the table knows: ``what`` it counts, and ``about`` what, as ``Count`` says."""
    return Quantity("count", (int(n), what, *about), float(n))


def stage_number(stage: Stage) -> Quantity:
    """A stage's place in the table, from 1."""
    return count(stage.number, Count.STAGE, stage.name)


def eps(value: float) -> Quantity:
    """The constant inside the root of LayerNorm, from the model's config."""
    return Quantity("eps", (), float(value))


def varied_by(changes: Sequence[str], quantity: Quantity) -> Quantity:
    """The same of the model with some changes made; ``quantity`` was taken from that model's trace."""
    return Quantity("varied", (tuple(changes), quantity), quantity.value, quantity.shown)


def total(terms: Iterable[Quantity]) -> Quantity:
    """Sum at full precision (exactly rounded)."""
    return _many("sum", terms, math.fsum)


def mean(terms: Iterable[Quantity]) -> Quantity:
    """Arithmetic mean (population)."""
    return _many("mean", terms, lambda values: math.fsum(values) / len(values))


def largest(terms: Iterable[Quantity]) -> Quantity:
    """The greatest of some quantities."""
    return _many("max", terms, max)


def place_of_largest(terms: Iterable[Quantity]) -> Quantity:
    """Where the greatest of some quantities stands, from 0; the first of equal ones."""
    return _many("place", terms, lambda values: values.index(max(values)))


def positives(terms: Iterable[Quantity]) -> Quantity:
    """How many of some quantities are above zero; rounding noise around zero does not count."""
    return _many("positives", terms, lambda values: sum(snap(x) > 0 for x in values))


def dot_product(a: Iterable[Quantity], b: Iterable[Quantity]) -> Quantity:
    """Sum of the products of two sequences of equal length."""
    return total(x * y for x, y in zip(a, b, strict=True))


def product(terms: Iterable[Quantity]) -> Quantity:
    """All of them multiplied."""
    return reduce(operator.mul, terms)
