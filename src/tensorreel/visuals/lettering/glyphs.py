"""Everything that is written on screen: labels, signs and numerals, each one ``VMobject``.

A word or a number is a single outline, so it moves, fades and paints as one thing. ``Numeral`` can be made
only from a ``Quantity``; that is how every digit on screen comes to have a source.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from manim import VMobject

from tensorreel.core.expression import evaluate
from tensorreel.core.formatting import format_number
from tensorreel.core.quantity import Quantity
from tensorreel.visuals.lettering.apart import ELLIPSIS as ELLIPSIS
from tensorreel.visuals.lettering.apart import told_apart
from tensorreel.visuals.lettering.faces import Shaped
from tensorreel.visuals.lettering.fonts import clusters, shape
from tensorreel.visuals.look import theme


class Pen:
    """The font and theme that text is written with; one per scene. ``words`` are the sentence's."""

    def __init__(
        self, look: theme.Theme, font: str | None = None, lang: str = "en", words: Sequence[str] = ()
    ) -> None:
        self.theme, self.font, self.lang, self.words = look, font, lang, tuple(words)
        self.apart: dict[
            Any, Mapping[str, str]
        ] = {}  # labels of words that stand together, once they are made

    def shape(self, string: str, *, bold: bool = False, prose: bool = False) -> Shaped:
        """Shape a line with this pen's font (em units)."""
        return shape(string, self.font, bold=bold, prose=prose, lang=self.lang)

    def width(self, string: str, size: float, *, bold: bool = False, prose: bool = False) -> float:
        """Advance width of a line in frame units."""
        return self.shape(string, bold=bold, prose=prose).advance * size


class Inked(VMobject):
    """A written line: outlines of all its glyphs in one object.

    ``text`` is what it says, ``size`` its em height in frame units when it was made; the origin of the
    baseline starts at (0, 0). What is ``prose`` runs as the film's language does, not as its first letter.
    """

    prose: ClassVar[bool] = False
    tall: ClassVar[float] = theme.DIGIT_EM  # of a line as the eye centres it

    def __init__(
        self, text: str, pen: Pen, *, size: float, color: str | None = None, bold: bool = False
    ) -> None:
        super().__init__(
            stroke_width=0, fill_opacity=1.0, color=color or pen.theme.ink, background_stroke_width=0
        )
        self.text, self.size, self.bold, self.font, self.lang = text, size, bold, pen.font, pen.lang
        self.shaped = pen.shape(text, bold=bold, prose=self.prose)
        self.points = self.shaped.points * size

    @property
    def scale_now(self) -> float:
        """em height now, in frame units: the made size times whatever scaling happened since."""
        made = self.shaped.points
        if not len(made) or not len(self.points):
            return self.size
        span = np.ptp(made[:, :2], axis=0).max()
        return float(np.ptp(self.points[:, :2], axis=0).max() / span) if span else self.size

    @property
    def origin(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Where the baseline starts now (x, y, 0)."""
        made = self.shaped.points
        if not len(made):
            return self.get_center()
        return self.points.min(axis=0) - made.min(axis=0) * self.scale_now

    def sit(self, x: float, y: float, align: str = "left") -> Self:
        """Put the baseline at ``y`` and the advance box's left, center or right edge at ``x``."""
        width = self.shaped.advance * self.scale_now
        left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
        self.shift(np.array([left, y, 0.0]) - self.origin)
        return self

    def level(self, x: float, y: float, align: str = "left") -> Self:
        """The same with the middle of a line of such text at ``y``."""
        return self.sit(x, y - self.tall * self.size / 2, align)

    @property
    def advance(self) -> float:
        """Advance width now, in frame units."""
        return self.shaped.advance * self.scale_now


class Label(Inked):
    """Declared text: a name, a word, a title. It holds no number of the model."""

    tall = theme.WORD_EM


class Prose(Label):
    """A line of a sentence of the film's, with words of the model's in it."""

    prose = True


class Sign(Inked):
    """A mark between numerals: + × ( ) Σ … It claims nothing by itself."""


class Numeral(Inked):
    """A number on screen, with the quantity it stands for and the digits it is printed with.

    ``worked`` is the printed calculation that it stands under as the result, where no relation sign says so.
    """

    worked: str = ""

    def __init__(
        self,
        quantity: Quantity,
        pen: Pen,
        *,
        decimals: int,
        size: float = theme.SIZE_NUMBER,
        color: str | None = None,
        parens: bool = False,
        bold: bool = False,
    ) -> None:
        self.quantity, self.decimals = quantity, decimals
        self.digits = printed_digits(quantity, decimals)
        self.parens = parens and self.digits.startswith("−")
        super().__init__(
            f"({self.digits})" if self.parens else self.digits, pen, size=size, color=color, bold=bold
        )


def printed_digits(quantity: Quantity, decimals: int) -> str:
    """The printed digits of a quantity; whole counts print without a point."""
    return (
        str(quantity.args[0])
        if quantity.op == "count"
        else format_number(quantity.printed(decimals), decimals)
    )


class Relation(Sign):
    """= or ≈ between a left side and a numeral; which one is decided by the printed digits.

    ``left`` is what is printed (pieces read from left to right, or their text) or, where the left side is a symbol such
    as Σ, the quantity that the symbol stands for; ``terms`` are then the numerals that a person adds up for it.
    ``worked`` is what can be worked out from the screen, empty where there is nothing.
    """

    def __init__(
        self,
        left: Sequence[Inked] | str | Quantity,
        right: Numeral,
        pen: Pen,
        *,
        size: float = theme.SIZE_NUMBER,
        color: str | None = None,
        terms: Iterable[str] = (),
    ) -> None:
        self.left = left if isinstance(left, str | Quantity) else "".join(p.text for p in left)
        self.right = right
        self.worked = self.left if isinstance(self.left, str) else "+".join(f"({t})" for t in terms)
        super().__init__("=" if self.exact() else "≈", pen, size=size, color=color or pen.theme.dim)

    def exact(self) -> bool:
        """Whether both sides are equal in the digits that are printed."""
        target = evaluate(self.right.text)
        if isinstance(self.left, Quantity) and not self.worked:
            return abs(float(target) - self.left.value) < 1e-12 * max(1.0, abs(self.left.value))
        return evaluate(self.worked) == target


def shortened(
    text: str, pen: Pen, size: float, width: float, *, bold: bool = False, among: Sequence[str] = ()
) -> str:
    """``text``, or as much of it as fits ``width`` with an ellipsis; never cut inside a character.

    ``among`` are the texts it stands together with, itself included: their labels stay different (``told_apart``).
    A word of the sentence that stands alone stays different from the sentence's others.
    """
    among = among or (pen.words if text in pen.words else ())
    if not among or pen.width(text, size, bold=bold) <= width:
        return _cut(text, pen, size, width, bold)
    key = (tuple(among), size, width, bold)
    if key not in pen.apart:
        pen.apart[key] = told_apart(
            among,
            lambda t: _cut(t, pen, size, width, bold),
            lambda t: pen.width(t, size, bold=bold) <= width,
            lambda t: clusters(t, pen.font, pen.lang),
        )
    return pen.apart[key][text]


def _cut(text: str, pen: Pen, size: float, width: float, bold: bool) -> str:
    """A text, or the start of one that is too long with an ellipsis."""
    if pen.width(text, size, bold=bold) <= width:
        return text
    pieces = clusters(text, pen.font, pen.lang)

    def cut(k: int) -> str:
        return "".join(pieces[:k]).rstrip() + ELLIPSIS

    fits = bisect_left(range(1, len(pieces)), True, key=lambda k: pen.width(cut(k), size, bold=bold) > width)
    return cut(fits)
