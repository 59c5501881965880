"""Sentences chosen by whether rows agree, whether numbers vanish, and which ones are smaller, with the claims they
make.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorreel.core.claim import Claim, ClaimKind, adds_up, compared, compared_signs
from tensorreel.core.quantity import Count, Quantity, Terms, cell, count, total
from tensorreel.visuals.lettering.captions import Saying
from tensorreel.visuals.lettering.glyphs import printed_digits
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Printed = tuple[Quantity, int]  # a quantity and its decimals

SWITCHED = {
    ClaimKind.DIFFER: Text("No two words switch on the same units.", "ffn_hidden.others"),
    ClaimKind.VARY: Text("Not all words switch on the same units.", "ffn_hidden.others"),
    ClaimKind.EQUAL: Text("Here every word switches on the same units.", "ffn_hidden.others"),
}
SKIPPED = {
    ClaimKind.DIFFER: Text("No two words skip the same units.", "ffn_output.rows"),
    ClaimKind.VARY: Text("Not all words skip the same units.", "ffn_output.rows"),
    ClaimKind.EQUAL: Text("Here every word skips the same units.", "ffn_output.rows"),
}


def units_compared(hidden: DisplayTensor) -> Claim:
    """Whether the words switch on the same units."""
    return compared_signs(hidden.row(i) for i in range(len(hidden.values)))


def switched(hidden: DisplayTensor) -> Saying:
    """Which units words switch on, beside each other."""
    claim = units_compared(hidden)
    return Saying(SWITCHED[claim.fact], {}, (claim,))


def skipped(hidden: DisplayTensor) -> Saying:
    """Which units words skip, beside each other."""
    claim = units_compared(hidden)
    return Saying(SKIPPED[claim.fact], {}, (claim,))


def widened(scene: StageScene) -> Saying:
    """From the model's width to its units, which may be more."""
    d, f = scene.count("d"), scene.count("f")
    if d.value < f.value:
        text = Text("Each word gets more room: from {d} numbers to {f} units.", "ffn_hidden.operands")
        return Saying(text, {"d": d, "f": f}, (Claim(ClaimKind.SMALLER, (d, f)),))
    return Saying(
        Text("Each word goes from {d} numbers to {f} units.", "ffn_hidden.operands"), {"d": d, "f": f}
    )


def in_place(before: Printed, after: Printed) -> Saying:
    """The largest size of some cells before and after all of them were divided."""
    values = {"before": before, "after": after}
    if printed_digits(*before) == printed_digits(*after):
        text = Text("Every cell is divided in place: the largest size stays {after}.", "attn_scores.scale")
        return Saying(text, values, (compared([[before[0]], [after[0]]], after[1]),))
    text = Text(
        "Every cell is divided in place: the largest size goes from {before} to {after}.", "attn_scores.scale"
    )
    return Saying(text, values, (Claim(ClaimKind.SMALLER, (after[0], before[0])),))


def picks(tokens: Sequence[int], row: int) -> list[Quantity]:
    """For each token 1 where it picks a row of E, else 0."""
    return [count(int(t == row), Count.ONE_HOT, t, row) for t in tokens]


def unpicked(scene: StageScene, stage: Quantity) -> Saying:
    """Whether rows of E are left over, and the stage where all come back."""
    tokens, size = scene.trace.tokens, scene.trace.model.config.vocab_size
    left = next((row for row in range(size) if row not in tokens), None)
    if left is None:
        line = [total(picks(tokens, row)) for row in range(size)]
        text = Text("Every row was picked. The table comes back in stage {n}.", "token_embedding.unused")
        return Saying(text, {"n": stage}, (Claim(ClaimKind.POSITIVE, (line,)),))
    text = Text("Nobody picked the other rows. They come back in stage {n}.", "token_embedding.unused")
    return Saying(text, {"n": stage}, (Claim(ClaimKind.ZERO, (picks(tokens, left), 0)),))


def rows_add_up(shares: DisplayTensor) -> list[Claim]:
    """Every row of shares adds up to one."""
    return [adds_up(shares.row(i)) for i in range(len(shares.values))]


def rows_within(points: DisplayTensor, others: DisplayTensor) -> Claim:
    """The rows of a matrix, as points of the plane, lie in the hull of another's."""
    places = [[tensor.row(i) for i in range(len(tensor.values))] for tensor in (points, others)]
    return Claim(ClaimKind.WITHIN, tuple(places))


def flat(tensors: Sequence[DisplayTensor]) -> list[Quantity]:
    """All cells of matrices that stand side by side, row by row."""
    return [q for i in range(len(tensors[0].values)) for tensor in tensors for q in tensor.row(i)]


def mask_of(scene: StageScene) -> Claim:
    """What a causal mask leaves of the attention weights of all layers and heads: nothing ahead; without one, all of
    it.
    """
    config, n = scene.trace.model.config, len(scene.words)
    whole = [scene.trace.at(layer=k)["attn_weights"] for k in range(config.n_layers)]
    ahead = np.triu(np.ones((n, n), dtype=bool), 1)
    places = [
        (tensor, (int(k), int(i), int(j)))
        for tensor in whole
        for k in range(config.n_heads)
        for i, j in np.argwhere(ahead | (not config.causal))
    ]
    line = Terms([float(t.values[at]) for t, at in places], lambda k: cell(places[k][0], *places[k][1]))
    return Claim(ClaimKind.ZERO, (line, 2)) if config.causal else Claim(ClaimKind.POSITIVE, (line,))


def zeros(cells: Sequence[Quantity], decimals: int) -> Claim:
    """Every cell is zero."""
    return Claim(ClaimKind.ZERO, (cells, decimals))


def added(attended: DisplayTensor) -> Saying:
    """What attention adds to a layer's input."""
    if attended.values.any():
        return Saying(Text("Attention adds to the input; it does not replace it.", "attn_norm.sum"))
    text = Text("Attention adds nothing here: the sum is the input.", "attn_norm.sum")
    return Saying(text, {}, (zeros(flat([attended]), attended.decimals),))


def from_heads(weights: DisplayTensor, n_heads: int) -> Saying:
    """How O is made, and whether a head's rows of W_O are all zeros, so that it has no share in it."""
    blocks = np.split(np.arange(len(weights.values)), n_heads)
    idle = next((block.tolist() for block in blocks if not weights.values[block].any()), None)
    if idle is None:
        return Saying(Text("Every number of O is made like this, from all heads.", "attn_output.rest"))
    text = Text("Every number of O is made like this; rows of zeros add nothing.", "attn_output.rest")
    return Saying(text, {}, (zeros([q for r in idle for q in weights.row(r)], weights.decimals),))


def mixing(scene: StageScene, attended: DisplayTensor) -> Saying:
    """What attention does with the words, as far as its output and the mask let it."""
    if not attended.values.any():
        text = Text("Attention gives zeros here: nothing of other words is mixed in.", "recap.attention")
        return Saying(text, {}, (zeros(flat([attended]), attended.decimals),))
    if len(scene.words) == 1:
        return Saying(Text("The word looks at itself alone.", "recap.attention"))
    text = Text("Every word looks at the others and mixes them in.", "recap.attention")
    if scene.trace.model.config.causal:
        text = Text("Every word looks at itself and those before it, and mixes them in.", "recap.attention")
    return Saying(text, {}, (mask_of(scene),))
