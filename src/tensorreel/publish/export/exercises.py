"""What a pupil can work out with a calculator: for each stage some cells, and the arithmetic that gives them.

The arithmetic reads printed digits only. An exercise gives as many of them as it takes for the result to come out as it
is printed; a cell that does not is no exercise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from tensorreel.core import stages
from tensorreel.core.engine import Tensor, Trace
from tensorreel.core.formatting import format_number
from tensorreel.core.printed import Calculation, Operand, divided, dotted, enough, summed
from tensorreel.core.quantity import cell
from tensorreel.core.table import Stage

BLANKS, TRIES = 2, 12  # cells of a stage, and how many are looked at for them
Place = tuple[int, int]


@dataclass(frozen=True)
class Working:
    """One line of arithmetic: ``work`` on the operands gives the result; ``write`` puts their digits together."""

    operands: Sequence[Operand]
    work: Callable[..., Decimal]
    write: Callable[[Sequence[str]], str]
    result: Operand
    name: str = ""  # of a number on the way

    def written(self, digits: Mapping[str, int]) -> str:
        """``0.5·1.2 + 1.0·(−0.3) = 0.30``, or with ≈ where the digits give more than is printed."""
        left = self.write([bracketed(operand_digits(entry, digits)) for entry in self.operands])
        exact = self.work(*(entry.read(digits) for entry in self.operands)) == self.result.read(digits)
        named = f"{self.name} = " if self.name else ""
        return f"{named}{left} {'=' if exact else '≈'} {operand_digits(self.result, digits)}"


@dataclass(frozen=True)
class Exercise:
    """Some cells of a stage's result left out: what is ``given``, the ``result``, and the workings of each blank."""

    stage: Stage
    given: Sequence[Tensor]
    result: Tensor
    blanks: Mapping[Place, Sequence[Working]]
    digits: Mapping[str, int]

    @property
    def answers(self) -> list[str]:
        """The digits that belong into the blanks, in their order."""
        return [operand_digits(workings[-1].result, self.digits) for workings in self.blanks.values()]


@dataclass(frozen=True)
class Desk:
    """The numbers of a trace in one layer and head, by name."""

    trace: Trace

    def entry(self, name: str, *place: int) -> Operand:
        """A number as an operand; its column is its matrix."""
        return Operand.of(name, cell(self.trace[name], *place))

    def size(self, name: str) -> int:
        """How long its rows are."""
        return int(self.trace[name].shape[-1])


Maker = Callable[[Desk, str, int, int], Iterator[Working]]


@dataclass(frozen=True)
class Method:
    """How a stage is worked out by hand: what has to be ``given``, and the workings of a cell."""

    given: tuple[str, ...]
    make: Maker


def operand_digits(entry: Operand, digits: Mapping[str, int]) -> str:
    """The digits of an operand."""
    decimals = digits[entry.column]
    value = entry.shown[1] if entry.shown is not None and entry.shown[0] == decimals else entry.value
    return format_number(value, decimals)


def bracketed(text: str) -> str:
    """A negative number in brackets."""
    return f"({text})" if text.startswith("−") else text


# ---- how cells are worked out ---------------------------------------------------------------------------
def _sum(a: str, b: str) -> Method:
    def make(desk: Desk, out: str, i: int, j: int) -> Iterator[Working]:
        yield Working([desk.entry(a, i, j), desk.entry(b, i, j)], summed, " + ".join, desk.entry(out, i, j))

    return Method((a, b), make)


def _product(a: str, b: str, *, bias: str = "", turned: bool = False, end: str = "") -> Method:
    """Row times column; ``turned`` takes a row of b for it, ``end`` is ``root`` (over √d_k) or ``relu``."""

    def make(desk: Desk, out: str, i: int, j: int) -> Iterator[Working]:
        n = desk.size(a)
        second = [desk.entry(b, j, k) if turned else desk.entry(b, k, j) for k in range(n)]
        pairs = [x for k in range(n) for x in (desk.entry(a, i, k), second[k])]
        more = [desk.entry(bias, j)] if bias else []
        yield Working([*pairs, *more], _worked(n, end), _written(n, end), desk.entry(out, i, j))

    return Method((a, b, *([bias] if bias else [])), make)


def _worked(n: int, end: str) -> Callable[..., Decimal]:
    def work(*entries: Decimal) -> Decimal:
        total = dotted(*entries[: 2 * n]) + summed(*entries[2 * n :])
        if end == "root":
            return divided(total, Decimal(n).sqrt())
        return max(Decimal(0), total) if end == "relu" else total

    return work


def _written(n: int, end: str) -> Callable[[Sequence[str]], str]:
    def write(texts: Sequence[str]) -> str:
        pairs = [f"{texts[2 * k]}·{texts[2 * k + 1]}" for k in range(n)]
        total = " + ".join([*pairs, *texts[2 * n :]])
        return {"root": f"({total}) / √{n}", "relu": f"max(0, {total})"}.get(end, total)

    return write


def _softmax(scores: str) -> Method:
    def make(desk: Desk, out: str, i: int, j: int) -> Iterator[Working]:
        seen = np.flatnonzero(np.isfinite(desk.trace[scores].values[i]))
        row = [desk.entry(scores, i, int(k)) for k in seen]
        at = int(np.flatnonzero(seen == j)[0])

        def work(*entries: Decimal) -> Decimal:
            return divided(entries[at].exp(), summed(*(x.exp() for x in entries)))

        def write(texts: Sequence[str]) -> str:
            powers = [f"e^{text}" for text in texts]
            return f"{powers[at]} / ({' + '.join(powers)})"

        yield Working(row, work, write, desk.entry(out, i, j))

    return Method((scores,), make)


def _norm(total: str, gamma: str, beta: str) -> Method:
    def make(desk: Desk, out: str, i: int, j: int) -> Iterator[Working]:
        row, n = [desk.entry(total, i, k) for k in range(desk.size(total))], desk.size(total)
        values, eps = np.array([x.value for x in row]), Decimal(repr(desk.trace.model.config.eps))
        mean = Operand("μ", float(values.mean()))
        sigma = Operand("σ", float(np.sqrt(values.var() + float(eps))))

        def spread(*entries: Decimal) -> Decimal:
            *xs, m = entries
            return (summed(*((x - m) ** 2 for x in xs)) / n + eps).sqrt()

        def squares(texts: Sequence[str]) -> str:
            inner = " + ".join(f"({x} − {texts[-1]})²" for x in texts[:-1])
            return f"√(({inner}) / {n} + {eps:f})"

        yield Working(row, lambda *xs: summed(*xs) / n, lambda t: f"({' + '.join(t)}) / {n}", mean, "μ")
        yield Working([*row, mean], spread, squares, sigma, "σ")
        entries = [desk.entry(total, i, j), mean, sigma, desk.entry(gamma, j), desk.entry(beta, j)]
        yield Working(
            entries,
            lambda x, m, s, g, b: (x - m) / s * g + b,
            lambda t: f"({t[0]} − {t[1]}) / {t[2]} · {t[3]} + {t[4]}",
            desk.entry(out, i, j),
        )

    return Method((total, gamma, beta), make)


METHODS: Mapping[Callable[..., object], Method] = {
    stages.embedding: _sum("token_embedding", "P"),
    stages.query: _product("hidden", "W_Q"),
    stages.key: _product("hidden", "W_K"),
    stages.value: _product("hidden", "W_V"),
    stages.attn_scores: _product("query", "key", turned=True, end="root"),
    stages.attn_weights: _softmax("attn_scores"),
    stages.context: _product("attn_weights", "value"),
    stages.attn_output: _product("concat", "W_O"),
    stages.attn_norm: _norm("attn_residual", "gamma_1", "beta_1"),
    stages.ffn_hidden: _product("attn_norm", "W_1", bias="b_1", end="relu"),
    stages.ffn_output: _product("ffn_hidden", "W_2", bias="b_2"),
    stages.ffn_norm: _norm("ffn_residual", "gamma_2", "beta_2"),
    stages.logits: _product("last_hidden_state", "E", turned=True),
    stages.probs: _softmax("logits"),
}


# ---- which cells ----------------------------------------------------------------------------------------
def exercises(trace: Trace, seed: int) -> list[Exercise]:
    """An exercise for each stage that can be worked out by hand, in one layer and head; the seed chooses the cells."""
    found = (
        _exercise(trace, stage, np.random.default_rng((seed, stage.number)))
        for stage in trace.model.architecture.stages
    )
    return [exercise for exercise in found if exercise is not None]


def sheet_place(trace: Trace, seed: int) -> Place:
    """The layer and the head of a worksheet."""
    chance, config = np.random.default_rng(seed), trace.model.config
    return int(chance.integers(config.n_layers)), int(chance.integers(config.n_heads))


def _exercise(trace: Trace, stage: Stage, chance: np.random.Generator) -> Exercise | None:
    """One with as many blanks as come out as printed; none where no cell does."""
    method, desk = METHODS.get(stage.fn), Desk(trace)
    if method is None:
        return None
    result = trace[stage.name]
    n, m = result.shape
    places = [divmod(int(k), m) for k in chance.permutation(n * m)]
    blanks, digits = dict[Place, Sequence[Working]](), _usual(trace, (*method.given, stage.name))
    for i, j in places[:TRIES]:
        workings = _workings(method, desk, stage.name, i, j)
        tried = {**blanks, (i, j): workings}
        more = _settled(digits, tried) if workings else None
        if more is not None:
            blanks, digits = tried, more
        if len(blanks) == BLANKS:
            break
    given = [trace[name] for name in method.given]
    return Exercise(stage, given, result, dict(sorted(blanks.items())), digits) if blanks else None


def _usual(trace: Trace, names: Sequence[str]) -> dict[str, int]:
    """The decimals of each matrix as the film prints it; two more for numbers on the way."""
    return {name: trace[name].decimals for name in names} | {"μ": 3, "σ": 3}


def _workings(method: Method, desk: Desk, out: str, i: int, j: int) -> Sequence[Working]:
    """Those of a cell; none where an infinity takes part."""
    if not np.isfinite(desk.trace[out].values[i, j]):
        return ()
    try:
        found = tuple(method.make(desk, out, i, j))
    except IndexError:  # a word that may not be looked at has a weight, but no score
        return ()
    finite = all(np.isfinite(x.value) for w in found for x in (*w.operands, w.result))
    return found if finite else ()


def _settled(usual: Mapping[str, int], blanks: Mapping[Place, Sequence[Working]]) -> dict[str, int] | None:
    """Digits with which every working comes out as printed, and the results as the film prints them; None if none do."""
    lines = list(zip(*blanks.values(), strict=True))  # the first working of each blank, the second …
    claims = [
        claim
        for line in lines[::-1]
        for claim in (Calculation(w.work, [(w.operands, w.result)]) for w in line)
    ]
    digits = enough(usual, claims)
    out = {workings[-1].result.column for workings in blanks.values()}
    held = all(claim.holds(digits) for claim in claims)
    return digits if held and all(digits[name] == usual[name] for name in out) else None
