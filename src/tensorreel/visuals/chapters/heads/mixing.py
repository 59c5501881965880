"""A product whose inner dimension is made of heads: blocks in the heads' tints, terms summed head by head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import VGroup, VMobject

from tensorreel.core.printed import Calculation, Operand, summed
from tensorreel.core.quantity import Quantity, total
from tensorreel.visuals.chapters.heads.concat import per_head
from tensorreel.visuals.layout.room import CONTENT, edges
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Relation
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.heads import (
    HeadTag,
    MoreHeads,
    head_dashes,
    head_outline,
    head_tint,
    some_heads,
)
from tensorreel.visuals.product.falk import Falk
from tensorreel.visuals.product.ledger import LARGEST, SUM_SIZE, Ledger, given, product_lines
from tensorreel.visuals.product.matmul import MatMul

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

Pairs = list[tuple[Quantity, Quantity]]
BETWEEN = 0.3  # of a line, between the heads
LEDGER = 3.75  # width kept for the terms
DENSE = 1.18  # least line pitch of the terms, in em


def of_head(indices: Sequence[int], heads: int, width: int) -> list[list[int]]:
    """Inner indices by the head that they belong to."""
    each = width // heads
    return [[p for p in indices if p // each == head] for head in range(heads)]


class HeadTints(VGroup):
    """Each head's columns of A and rows of B, framed in the head's border style and tint, named above A."""

    def __init__(self, falk: Falk, heads: int) -> None:
        super().__init__()
        pen, a, b = falk.pen, falk.a, falk.b
        for head, mine in enumerate(of_head(a.cols, heads, b.tensor.values.shape[0])):
            if not mine:
                continue
            for grid, rows, cols in ((a, a.rows, mine), (b, mine, b.cols)):
                block = VGroup(*(grid.shade(i, j) for i in rows for j in cols))
                frame = head_outline(head, block.width + 0.03, block.height + 0.03, pen, line=3.5)
                self.add(frame.move_to(block))
            name = Formula(f"bold(Z)_{head + 1}", pen, size=0.42, color=head_tint(pen, head))
            x = float(VGroup(*(a.shade(a.rows[0], j) for j in mine)).get_center()[0])
            if falk.bias is not None:  # whose badge hangs low
                x = min(x, edges(falk.bias.badge).left - name.width / 2 - 0.1)
            self.add(name.move_to([x, a.cells.top + 0.28, 0]))


class HeadLedger(Ledger):
    """The terms of a dot product, head by head: each head's terms, its share, and the shares' sum at the foot.

    ``heads`` holds for every head its shown pairs and the products that are not shown; ``numbers`` are the heads
    (0, 1, … by default). ``others`` are the products of further heads: counted, and summed in one line. A ``bias`` comes
    last.
    """

    def __init__(
        self,
        heads: Sequence[tuple[Pairs, list[Quantity]]],
        into: Quantity,
        pen: Pen,
        *,
        decimals: tuple[int, int, int],
        colors: tuple[str, str, str],
        left: float,
        numbers: Sequence[int] = (),
        others: tuple[int, list[Quantity]] = (0, []),
        bias: Quantity | None = None,
    ) -> None:
        VGroup.__init__(self)
        self.pen, self.colors = pen, colors
        self.numbers, self.others = list(numbers or range(len(heads))), others
        self.more = MoreHeads(others[0], len(heads), pen)
        pairs = [pair for shown, _ in heads for pair in shown]
        products = [a * b for a, b in pairs]
        self.given = given(decimals, products)
        self.given["share"] = max(self.given["sum"], self.given["product"])
        self.shares = [total([*(a * b for a, b in shown), *hidden]) for shown, hidden in heads]
        slots = len(pairs) + sum(bool(h) for _, h in heads) + 1 + len(heads) * (1 + BETWEEN) + bool(others[0])
        slots += bias is not None
        height = CONTENT.height - 0.2
        largest = max(theme.SIZE_NUMBER_MIN, min(LARGEST, height / slots / 1.2))
        for fit in self._tries(largest, self._claims(heads, into, bias)):
            self.fit = fit
            words = self._hidden_words(max((h for _, h in heads), key=len), brief=self.fit.brief)
            self._words = max(words, self.more, key=lambda group: group.width)
            if self._columns(pairs, products, into, bias, left) <= CONTENT.right - 0.1:
                break
        self.dy = min(1.5 * self.em, height / slots)
        self._top = CONTENT.y + (slots - 1) / 2 * self.dy
        self.lines, self.extra, self.bias_numeral = [], VGroup(), None
        self._fill(heads)
        if bias is not None:
            self.bias_numeral = self._bias(slots - 2, bias)
            self.share_numerals.append(self.bias_numeral)
        self.rule, self.relation, self.sum = self._whole(slots - 1, into)
        self.add(*self.lines, self.extra, self.rule, self.relation, self.sum)

    def _claims(
        self, heads: Sequence[tuple[Pairs, list[Quantity]]], into: Quantity, bias: Quantity | None
    ) -> list[Calculation]:
        """The shares' sum, each share's terms, and every product."""
        shares = [Operand("share", s.value) for s in self.shares]
        others = [Operand("product", total(self.others[1]).value)] if self.others[0] else []
        others += [Operand("bias", bias.value)] if bias is not None else []
        terms = [[*(a * b for a, b in shown), *([total(h)] if h else [])] for shown, h in heads]
        made = [[Operand("product", q.value) for q in mine] for mine in terms]
        return [
            Calculation(summed, [([*shares, *others], Operand("sum", into.value))]),
            Calculation(summed, list(zip(made, shares, strict=True))),
            product_lines([pair for shown, _ in heads for pair in shown]),
        ]

    def _ends(
        self, products: Sequence[Quantity], into: Quantity, bias: Quantity | None
    ) -> list[tuple[Quantity, str]]:
        """The shares stand under the products."""
        return [*super()._ends(products, into, bias), *((s, "share") for s in self.shares)]

    def _fill(self, heads: Sequence[tuple[Pairs, list[Quantity]]]) -> None:
        """Each head's lines, what is hidden of it, its brace and its share."""
        slot = 0.0
        self.share_numerals: list[Numeral] = []
        for head, (shown, hidden) in enumerate(heads):
            printed: list[Numeral] = []
            for a, b in shown:
                self.lines.append(self._line(slot, a, b, a * b))
                printed.append(self.lines[-1].product)
                slot += 1
            if hidden:
                self._words = self._hidden_words(hidden, brief=self.fit.brief)
                printed.append(self._hidden(slot, hidden))
                slot += 1
            self._share(self.numbers[head], self.shares[head], slot, printed)
            slot += 1 + BETWEEN
        if self.others[0]:
            self._words = self.more
            self.share_numerals.append(self._hidden(slot, self.others[1]))

    def _share(self, head: int, share: Quantity, slot: float, printed: Sequence[Numeral]) -> None:
        """One head's share: its name, the relation and the sum of its terms, under a thin rule."""
        pen, em, tint = self.pen, self.em, head_tint(self.pen, head)
        y = self._y(slot) - 0.06 * em
        value = Numeral(share, pen, decimals=self.digits["share"], size=em, color=tint, bold=True)
        value.sit(self.xp, y, "right")
        text = "+".join(f"({n.text})" for n in printed)
        relation = Relation(text, value, pen, size=em).sit(self.xr, y, "center")
        name = HeadTag(head, pen, size=max(0.33, min(0.36, em))).name
        name.shift([self.left, y, 0])
        top = y + em * 0.98
        line = shapes.dashed([(self.xr - 0.2, top), (self.xp + 0.06, top)], head_dashes(head))
        self.share_numerals.append(value)
        self.extra.add(shapes.stroke(line, tint, 2), name, relation, value)

    def _whole(self, slot: float, into: Quantity) -> tuple[VMobject, Relation, Numeral]:
        """The shares' sum."""
        pen, em, y = self.pen, self.em, self._y(slot) - 0.06 * self.em
        size = em * SUM_SIZE
        value = Numeral(into, pen, decimals=self.digits["sum"], size=size, color=pen.theme.accent, bold=True)
        value.sit(self.xp, y, "right")
        text = "+".join(f"({n.text})" for n in self.share_numerals)
        relation = Relation(text, value, pen, size=em).sit(self.xr, y, "center")
        top = y + em * 1.05
        line = shapes.polyline((self.left, top), (self.xp + 0.06, top))
        return shapes.stroke(line, pen.theme.dim, 2.5), relation, value


class HeadMix(MatMul):
    """The product device with its ledger ordered by head."""

    def __init__(self, scene: StageScene, falk: Falk, heads: int) -> None:
        super().__init__(scene, falk)
        self.heads = heads

    def _ledger(self, i: int, j: int) -> Ledger:
        falk, a, b = self.falk, self.falk.a.tensor, self.falk.b.tensor
        width = b.values.shape[0]
        shown = of_head(falk.a.cols, self.heads, width)
        others = of_head([p for p in range(width) if p not in set(falk.a.cols)], self.heads, width)
        kept = [head for head in range(self.heads) if shown[head]]
        hidden = [p for head in range(self.heads) if not shown[head] for p in others[head]]
        return HeadLedger(
            [
                ([(a[i, p], b[p, j]) for p in shown[head]], [a[i, p] * b[p, j] for p in others[head]])
                for head in kept
            ],
            falk.c.tensor[i, j],
            self.scene.pen,
            decimals=(a.decimals, b.decimals, falk.c.tensor.decimals),
            colors=self.colors,
            left=falk.right_edge + 0.45,
            numbers=kept,
            others=(self.heads - len(kept), [a[i, p] * b[p, j] for p in hidden]),
            bias=falk.bias.tensor[0, j] if falk.bias is not None else None,
        )


def ledger_lines(heads: int, each: int, width: int, n: int) -> float:
    """Lines of a ledger with so many of n heads, each with so many of its ``width`` terms."""
    return heads * (each + (each < width) + 1 + BETWEEN) + 1 + (heads < n)


def room_for(n: int, width: int, *, bias: bool = False) -> tuple[int, int]:
    """How many of n heads a ledger has lines for, and how many of each one's terms: rather more heads."""
    most = (CONTENT.height - 0.2) / (DENSE * theme.SIZE_NUMBER_MIN) - bias
    sizes = [
        (m, e) for m in range(n, 0, -1) for e in range(width, 0, -1) if ledger_lines(m, e, width, n) <= most
    ]
    return sizes[0]


def falk_of_heads(
    a: DisplayTensor,
    b: DisplayTensor,
    c: DisplayTensor,
    pen: Pen,
    bias: DisplayTensor | None = None,
    *,
    names: Sequence[str],
    focus: int,
    heads: int,
    chosen: int = 0,
) -> Falk:
    """The Falk layout of a product over the heads: digits of every head, and room for the shares.

    Of more heads than the ledger can list, digits of some, the ``chosen`` one among them; the others are counted.
    """
    room, each = room_for(heads, b.values.shape[0] // heads, bias=bias is not None)
    kept = some_heads(heads, room, chosen)

    def inner(d: int, most: int) -> list[int]:
        most = min(most if d <= most else most - 1, room * each)
        return per_head(kept, d // heads, most)

    width = CONTENT.width - LEDGER
    return Falk(a, b, c, pen, names=names, bias=bias, focus=focus, inner=inner, width=width)
