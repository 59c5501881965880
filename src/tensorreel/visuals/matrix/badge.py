"""Small texts at a matrix: its shape badge, and the count of what it does not show."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.visuals.lettering.formula import Formula
from tensorreel.visuals.lettering.glyphs import Numeral, Pen, Sign
from tensorreel.visuals.matrix.display_tensor import DisplayTensor

SIZE, SYMBOL = 0.32, 1.22  # em of the sizes; and of the symbol beside them, of that


def more_label(pen: Pen, letter: str, total: int, shown: int) -> VGroup:
    """``+ n``: how many of an axis (its letter, its length) are not shown with digits."""
    plus = Sign("+", pen, size=0.27, color=pen.theme.dim)
    hidden = count(total - shown, Count.HIDDEN, letter, shown)
    number = Numeral(hidden, pen, decimals=0, size=0.27, color=pen.theme.dim)
    number.next_to(plus, np.array([1.0, 0, 0]), buff=0.06)
    return VGroup(plus, number)


class ShapeBadge(VGroup):
    """A tensor's symbol and sizes, ``Q 5×2``; each size wears the tint of its dimension letter."""

    def __init__(self, tensor: DisplayTensor, pen: Pen, size: float = SIZE) -> None:
        super().__init__()
        hue = pen.theme.role(tensor.role)
        symbol = Formula(tensor.symbol, pen, size=size * SYMBOL, color=hue)
        self.symbol = symbol
        x = symbol.get_right()[0] + 0.14
        self.add(symbol)
        for k, (letter, n) in enumerate(tensor.sizes):
            if k:
                x = self._append(Sign("×", pen, size=size, color=pen.theme.dim), x)
            quantity: Quantity = count(n, Count.SIZE, letter)
            tint = pen.theme.dims.get(letter, pen.theme.ink)
            x = self._append(Numeral(quantity, pen, decimals=0, size=size, color=tint), x)
        self.center()

    @property
    def baseline(self) -> float:
        """Height of the line that its sizes stand on."""
        return float(self.submobjects[1].origin[1])

    def _append(self, piece: Numeral | Sign, x: float) -> float:
        self.add(piece.sit(x, 0.0))
        return x + piece.advance + 0.02


class TurningBadge(VGroup):
    """``S → A 5×5``: rows of a matrix turn one by one into those of another, whose badge it stands for meanwhile.

    Where it would be wider than ``most`` it is that badge alone.
    """

    def __init__(self, before: DisplayTensor, after: DisplayTensor, pen: Pen, most: float) -> None:
        super().__init__()
        badge = ShapeBadge(after, pen)
        arrow = Sign("→", pen, size=SIZE, color=pen.theme.dim)
        symbol = Formula(before.symbol, pen, size=SIZE * SYMBOL, color=pen.theme.role(before.role))
        arrow.sit(badge.get_left()[0] - 0.12, badge.baseline, "right")
        symbol.shift([arrow.get_left()[0] - 0.12 - symbol.get_right()[0], badge.baseline, 0])
        self.add(badge)
        if badge.get_right()[0] - symbol.get_left()[0] <= most:
            self.add(arrow, symbol)
        self.baseline = badge.baseline

    def in_place_of(self, badge: ShapeBadge) -> TurningBadge:
        """It stands where another badge does."""
        place = np.array([badge.get_center()[0] - self.get_center()[0], badge.baseline - self.baseline, 0.0])
        self.shift(place)
        return self
