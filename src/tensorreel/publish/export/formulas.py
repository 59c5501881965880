"""How a spreadsheet computes each stage: what stands to the left of its result, what above it, and the formulas.

A formula belongs to the function of the formula table, not to its name: a stage of another architecture that computes
something else has none, and is refused by name. The layout is the film's (Falk): left operand to the left, right
operand on top, result in the corner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tensorreel.core import intermediates as ways
from tensorreel.core import stages
from tensorreel.core.table import Step

MASKED = "−∞"


class Sheet(Protocol):
    """Where things are on a sheet, for formulas; rows and columns of matrices from 0."""

    def cell(self, name: str, i: int = 0, j: int = 0) -> str:
        """One number of a matrix."""

    def row(self, name: str, i: int) -> str:
        """A row of a matrix."""

    def all(self, name: str) -> str:
        """A whole matrix."""

    def home(self, name: str) -> str:
        """A whole learned matrix, where it can be edited."""

    def fact(self, name: str) -> str:
        """A number of the model: ``d_k``, ``eps``."""

    def masked(self, i: int, j: int) -> bool:
        """Whether token i may not look at token j."""


@dataclass(frozen=True)
class Computed:
    """A matrix with its formula: for the whole of it (``whole``), or cell by cell. ``name`` is a tensor's, or that of a
    step between, which then has ``label`` over it and, if it is ``narrow``, one column."""

    name: str
    each: Callable[[Sheet, int, int], str] | None = None
    whole: Callable[[Sheet], str] | None = None
    label: str = ""
    narrow: bool = False


@dataclass(frozen=True)
class Layout:
    """What stands to the left, what above, and what is computed, in order; ``key.T`` is a matrix turned over."""

    left: tuple[str, ...]
    top: tuple[str, ...]
    computed: tuple[Computed, ...]
    above: str = ""  # over which of the computed matrices the top stands; the first if empty
    like: str = ""  # the stage that it repeats


def _product(out: str, left: str, top: str, *more: Computed, plus: str = "") -> Layout:
    def whole(at: Sheet) -> str:
        return f"MMULT({at.all(left)},{at.all(top)})" + (f"+{at.all(plus)}" if plus else "")

    return Layout((left,), (*([plus] if plus else []), top), (Computed(out, whole=whole), *more))


def _copy(out: str, source: str, like: str = "") -> Layout:
    return Layout((source,), (), (Computed(out, lambda at, i, j: at.cell(source, i, j)),), like=like)


def _softmax(out: str, scores: str) -> Layout:
    def power(at: Sheet, i: int, j: int) -> str:
        score = at.cell(scores, i, j)
        return f"IF(ISNUMBER({score}),EXP({score}-MAX({at.row(scores, i)})),0)"

    return Layout(
        (scores,),
        (),
        (
            Computed("power", power, label="e^(x − max)"),
            Computed("sum", lambda at, i, j: f"SUM({at.row('power', i)})", label="Σ", narrow=True),
            Computed(out, lambda at, i, j: f"{at.cell('power', i, j)}/{at.cell('sum', i)}"),
        ),
    )


def _norm(out: str, first: str, second: str, total: str, gamma: str, beta: str) -> Layout:
    def normalised(at: Sheet, i: int, j: int) -> str:
        centred = f"({at.cell(total, i, j)}-{at.cell('mean', i)})/{at.cell('sigma', i)}"
        return f"{centred}*{at.cell(gamma, 0, j)}+{at.cell(beta, 0, j)}"

    return Layout(
        (first, second),
        (gamma, beta),
        (
            Computed(total, lambda at, i, j: f"{at.cell(first, i, j)}+{at.cell(second, i, j)}"),
            Computed("mean", lambda at, i, j: f"AVERAGE({at.row(total, i)})", label="μ", narrow=True),
            Computed(
                "sigma",
                lambda at, i, j: f"SQRT(VARP({at.row(total, i)})+{at.fact('eps')})",
                label="√(σ² + ε)",
                narrow=True,
            ),
            Computed(out, normalised),
        ),
        above=out,
    )


def _scores(at: Sheet, i: int, j: int) -> str:
    return f'"{MASKED}"' if at.masked(i, j) else f"{at.cell('attn_dot', i, j)}/SQRT({at.fact('d_k')})"


def _relu(at: Sheet, i: int, j: int) -> str:
    return f"MAX(0,{at.cell('ffn_pre', i, j)})"


def _picked(at: Sheet, i: int, j: int) -> str:
    return f"INDEX({at.home('E')},{at.cell('tokens', i)}+1,{j + 1})"


def _placed(at: Sheet, i: int, j: int) -> str:
    return f"{at.cell('token_embedding', i, j)}+{at.cell('P', i, j)}"


LAYOUTS: Mapping[Callable[..., Any], Layout] = {
    stages.token_embedding: Layout(("tokens",), (), (Computed("token_embedding", _picked),)),
    stages.embedding: Layout(("token_embedding", "P"), (), (Computed("embedding", _placed),)),
    stages.query: _product("query", "hidden", "W_Q"),
    stages.key: _product("key", "hidden", "W_K"),
    stages.value: _product("value", "hidden", "W_V"),
    stages.attn_scores: _product("attn_dot", "query", "key.T", Computed("attn_scores", _scores)),
    stages.attn_weights: _softmax("attn_weights", "attn_scores"),
    stages.context: _product("context", "attn_weights", "value"),
    stages.heads: _copy("heads", "context", like="context"),
    stages.concat: _copy("concat", "heads"),
    stages.attn_output: _product("attn_output", "concat", "W_O"),
    stages.attn_norm: _norm("attn_norm", "hidden", "attn_output", "attn_residual", "gamma_1", "beta_1"),
    stages.ffn_hidden: _product("ffn_pre", "attn_norm", "W_1", Computed("ffn_hidden", _relu), plus="b_1"),
    stages.ffn_output: _product("ffn_output", "ffn_hidden", "W_2", plus="b_2"),
    stages.ffn_norm: _norm("ffn_norm", "attn_norm", "ffn_output", "ffn_residual", "gamma_2", "beta_2"),
    stages.last_hidden_state: _copy("last_hidden_state", "ffn_norm"),
    stages.logits: _product("logits", "last_hidden_state", "E.T"),
    stages.probs: _softmax("probs", "logits"),
}
KNOWN = {*LAYOUTS, ways.attn_dot, ways.attn_residual, ways.ffn_pre, ways.ffn_residual}


def computes(step: Step) -> bool:
    """Whether a spreadsheet knows how to compute a stage or what is on its way."""
    return step.fn in KNOWN
