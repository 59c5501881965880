"""From the winner's score back to what made it: the term that decides, the sums before the norms, the head, the word.

What is exact is a sum: the terms of a score, what a residual adds up, the shares of the heads. A norm is none, so
nothing is shared out across it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tensorreel.core.architecture import HIDDEN
from tensorreel.core.printed import Calculation, Operand, enough, summed
from tensorreel.core.quantity import Quantity, Terms, dot_product, total
from tensorreel.core.table import Step
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene


@dataclass(frozen=True)
class Addition:
    """A residual sum: ``whole`` = ``older`` + ``added``; ``normed`` where a norm stands behind it."""

    whole: DisplayTensor
    older: DisplayTensor
    added: DisplayTensor
    normed: bool


@dataclass(frozen=True)
class Shares:
    """What attention has added to one number, head by head; ``bias`` is what belongs to no head."""

    heads: Sequence[Quantity]
    bias: Sequence[Quantity]

    @property
    def strongest(self) -> int:
        """The head with the largest share, whatever its sign."""
        return int(np.argmax([abs(q.value) for q in self.heads]))

    @property
    def others(self) -> list[Quantity]:
        """What is not that head's."""
        return [q for k, q in enumerate(self.heads) if k != self.strongest] + list(self.bias)


class Trail:
    """The way back from the last row's answer: ``first`` has the highest score, ``second`` the one after."""

    def __init__(self, scene: StageScene) -> None:
        self.take, self.architecture, config = scene.show, scene.architecture, scene.trace.model.config
        self.layer, self.n_heads = config.n_layers - 1, config.n_heads
        (name,) = (n for n in scene.architecture.find("logits").inputs if n != "E")
        self.vector, self.table, self.scores = (scene.show(n) for n in (name, "E", "logits"))
        self.row = len(self.scores.values) - 1
        order = np.argsort(-self.scores.values[self.row], kind="stable")[:2]
        self.first, self.second = int(order[0]), int(order[-1])  # one and the same where there is no other

    def pair(self, word: int, j: int) -> tuple[Quantity, Quantity]:
        """The two factors of one term of a word's score."""
        return self.vector[self.row, j], self.table[word, j]

    def terms(self, word: int) -> Terms:
        """The terms of a word's score."""
        values = self.vector.values[self.row] * self.table.values[word]
        return Terms(values, lambda j: self.pair(word, j)[0] * self.pair(word, j)[1])

    @cached_property
    def differences(self) -> Terms:
        """By how much each term of the first is larger than that of the second."""
        first, second = self.terms(self.first), self.terms(self.second)
        return Terms(first.values - second.values, lambda j: first[j] - second[j])

    @property
    def column(self) -> int:
        """The column of the term with the largest difference."""
        return int(np.argmax(self.differences.values))

    # ---- the sums behind it -----------------------------------------------------------------------
    @cached_property
    def additions(self) -> list[Addition]:
        """What attention and the feed-forward network of the last layer have added, the later first; none where the
        wiring is another."""
        found = list(self._walk(self.vector.name))
        return found if [a.older.name for a in found][-1:] == [HIDDEN] and len(found) == 2 else []

    def _walk(self, name: str) -> Iterator[Addition]:
        table, normed = self.architecture, False
        while name != HIDDEN and (stage := table.source(name, self.layer)) is not None:
            steps = (*table.on_the_way(stage), stage)
            if (step := next(filter(_adds, steps), None)) is not None:
                whole, older, added = (self._show(n) for n in (step.name, *_roads(step)))
                if not np.allclose(whole.values, older.values + added.values):
                    return
                yield Addition(whole, older, added, normed or step is not stage)
                name, normed = older.name, False
            elif len(_roads(stage)) == 1 and _passes(stage):
                name, normed = _roads(stage)[0], normed or "eps" in stage.arguments
            else:
                return

    def _show(self, name: str) -> DisplayTensor:
        return self.take(name, layer=self.layer)

    # ---- the heads ----------------------------------------------------------------------------------
    @cached_property
    def shares(self) -> Shares | None:
        """Each head's share of what attention added in the column; None where its output is made in another way."""
        table = self.architecture
        stage, added = table.get("attn_output"), [a.added.name for a in self.additions]
        if stage is None or stage.name not in added or not {"concat", "W_O"} <= set(stage.inputs):
            return None
        learned = [i for i in stage.inputs if i in table.parameters and table.parameters[i].dims == "d"]
        heads = [self._share(k) for k in range(self.n_heads)]
        made = Shares(heads, [self._show(i)[0, self.column] for i in learned])
        real = self._show(stage.name).values[self.row, self.column]
        same = np.isclose(real, total([*made.heads, *made.bias]).value)
        return made if same and abs(real) > 1e-9 else None

    def _share(self, head: int) -> Quantity:
        mixed, weights = self.take("context", head=head, layer=self.layer), self._show("W_O")
        width = mixed.values.shape[1]
        column = [weights[head * width + r, self.column] for r in range(width)]
        return dot_product(mixed.row(self.row), column)

    @property
    def several(self) -> bool:
        """Whether what attention added is a sum over heads that can be told apart."""
        return self.shares is not None and len(self.shares.heads) > 1

    @property
    def weights(self) -> DisplayTensor:
        """How the strongest head looked at the words."""
        assert self.shares is not None
        return self.take("attn_weights", head=self.shares.strongest, layer=self.layer)

    # ---- digits -------------------------------------------------------------------------------------
    @cached_property
    def lines(self) -> list[tuple[Quantity, Quantity, Quantity]]:
        """(one, other, sum) of each addition, and of the strongest head's share and all others."""
        at = self.row, self.column
        made = [(a.older[at], a.added[at], a.whole[at]) for a in self.additions]
        if self.shares and self.several:
            made.append((self.shares.heads[self.shares.strongest], total(self.shares.others), made[-1][1]))
        return made

    @cached_property
    def digits(self) -> list[tuple[int, int, int]]:
        """Decimals of each line, with which a reader comes to every sum; the heads share out what the last addition
        added.
        """
        given: dict[str, int] = {}
        claims, names = list[Calculation](), [self._columns(k) for k in range(len(self.lines))]
        for k, (columns, line) in enumerate(zip(names, self.lines, strict=True)):
            addition = self.additions[min(k, len(self.additions) - 1)]
            decimals = addition.older.decimals, addition.added.decimals, addition.whole.decimals
            given = dict(zip(columns, decimals, strict=True)) | given
            operands = [Operand.of(name, quantity) for name, quantity in zip(columns, line, strict=True)]
            claims.append(Calculation(summed, [(operands[:2], operands[2])]))
        found = enough(given, claims)
        return [(found[a], found[b], found[c]) for a, b, c in names]

    def _columns(self, k: int) -> tuple[str, str, str]:
        """The names under which the digits of a line are kept."""
        last = len(self.additions)
        return f"one {k}", f"other {k}", f"other {last - 1}" if k == last else f"sum {k}"


def _roads(step: Step) -> list[str]:
    """The inputs that have the axes of the output."""
    return [n for n, dims in zip(step.inputs, step.in_dims, strict=True) if dims == step.out_dims]


def _adds(step: Step) -> bool:
    """Whether a step takes in two roads and nothing else."""
    return len(_roads(step)) == len(step.arguments) == 2


def _passes(step: Step) -> bool:
    """Whether a step gives on what it takes in, as it is or normalised."""
    return "eps" in step.arguments or len(step.arguments) == 1
