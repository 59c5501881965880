"""Braces under blocks of columns, and their widths that make up the whole: 2 + 2 = 4, or 8 × 2 = 16."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup, VMobject

from tensorreel.core.quantity import Quantity
from tensorreel.visuals.layout.placing import write
from tensorreel.visuals.lettering.glyphs import Inked, Numeral, Pen, Relation, Sign
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.look.shapes import Vec
from tensorreel.visuals.matrix.heads import head_tint


class Widths(VGroup):
    """A brace with its width under each span, and below, the sum: 2 + 2 = 4.

    Where only some heads have a span (``times`` is the number of all), it is the product instead: 8 × 2 = 16.
    """

    def __init__(
        self,
        spans: Sequence[tuple[float, float]],
        y: float,
        size: Quantity,
        whole: Quantity,
        pen: Pen,
        *,
        heads: Sequence[int],
        times: Quantity | None = None,
    ) -> None:
        super().__init__()
        self.braces = VGroup(
            *(brace(a, b, y, head_tint(pen, k), 0.14) for k, (a, b) in zip(heads, spans, strict=True))
        )
        self.sizes, base = VGroup(), y - 0.46
        for a, b in spans:
            number = Numeral(size, pen, decimals=0, size=0.36, color=pen.theme.dims["k"])
            self.sizes.add(number.sit((a + b) / 2, base, "center"))
        ends = [b for _, b in spans[:-1]] if times is None else []
        self.plus = VGroup(
            *(Sign("+", pen, size=0.36, color=pen.theme.dim).sit(x, base, "center") for x in ends)
        )
        result = Numeral(whole, pen, decimals=0, size=0.4, color=pen.theme.dims["d"], bold=True)
        factors = [] if times is None else self._factors(times, size, pen)
        text = "".join(p.text for p in factors) or "+".join(n.text for n in self.sizes)
        relation = Relation(text, result, pen, size=0.4)
        pieces = [*factors, relation, result]
        write(pieces, spans[-1][1] + (0.2 if times is None else 0.5), base, theme.WORDS)
        self.result = VGroup(*pieces)
        self.add(self.braces, self.sizes, self.plus, self.result)

    @staticmethod
    def _factors(heads: Quantity, size: Quantity, pen: Pen) -> list[Inked]:
        """8 × 2: how many heads, and how wide each is."""
        dims = pen.theme.dims
        return [
            Numeral(heads, pen, decimals=0, size=0.36, color=dims.get("h", pen.theme.ink)),
            Sign("×", pen, size=0.36, color=pen.theme.dim),
            Numeral(size, pen, decimals=0, size=0.36, color=dims["k"]),
        ]


def brace(x0: float, x1: float, y: float, color: str, depth: float) -> VMobject:
    """A curly brace that hangs under the stretch from x0 to x1 at height y."""
    middle, d = (x0 + x1) / 2, depth
    half = (x1 - x0) / 2 - 0.03
    r = min(0.14, half / 2)

    def side(s: int) -> Vec:
        end, inner = middle + s * half, middle + s * r
        outer = end - s * r
        return np.concatenate(
            [
                np.array(
                    [[end, y, 0], [end, y - d * 0.5, 0], [end, y - d * 0.5, 0], [outer, y - d * 0.5, 0]]
                ),
                shapes.polyline((outer, y - d * 0.5), (inner, y - d * 0.5)),
                np.array(
                    [
                        [inner, y - d * 0.5, 0],
                        [middle, y - d * 0.5, 0],
                        [middle, y - d * 0.5, 0],
                        [middle, y - d, 0],
                    ]
                ),
            ]
        )

    return shapes.stroke(np.concatenate([side(-1), side(1)]), color, 2.5)
