"""Labels with numbers in them: whole sentences of the catalogue, so that each language puts its numbers where they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter

from manim import VGroup

from tensorreel.visuals.layout.placing import write
from tensorreel.visuals.lettering.glyphs import Inked, Label, Numeral, Pen, Sign
from tensorreel.visuals.look import theme
from tensorreel.words.text import Text

CLOSE = 0.02  # between a number and what stands at it without a space


class CountedLabel(VGroup):
    """``+ {n} heads`` in the pen's language, with the numeral ``n`` in its place; the baseline starts at the origin.

    Words are ``size`` em high and wear ``color`` (default: dim); marks without a letter are as high as the numbers.
    ``end`` is where the line ends. A language that leaves a number out, or has another, raises ``KeyError``.
    """

    def __init__(
        self,
        text: Text,
        numbers: Mapping[str, Numeral],
        pen: Pen,
        *,
        size: float,
        color: str | None = None,
        gap: float = theme.WORDS,
    ) -> None:
        super().__init__()
        parts = list(_parts(text.filled(**{name: f"{{{name}}}" for name in numbers}).of(pen.lang)))
        if {name for _, name in parts if name} != set(numbers):
            raise KeyError(f"{text.english} in {pen.lang}, expected {' '.join(numbers)}")
        self.numbers = dict(numbers)
        high = next(iter(numbers.values())).size
        pieces, gaps = [], []
        for k, (said, name) in enumerate(parts):
            pieces.append(numbers[name] if name else _lettered(said.strip(), pen, size, high, color))
            apart = said.endswith(" ") or (k + 1 < len(parts) and parts[k + 1][0].startswith(" "))
            gaps.append(gap if apart else CLOSE)
        self.end = write(pieces, 0.0, 0.0, gaps)
        self.add(*pieces)


def _parts(said: str) -> Iterator[tuple[str, str]]:
    """The words of a sentence, and between them the names of its numbers: one of the two is empty."""
    for words, name, _, _ in Formatter().parse(said):
        if words.strip():
            yield words, ""
        if name:
            yield "", name


def _lettered(said: str, pen: Pen, size: float, high: float, color: str | None) -> Inked:
    """Words as a label, marks that claim nothing as a sign."""
    if any(map(str.isalpha, said)):
        return Label(said, pen, size=size, color=color or pen.theme.dim)
    return Sign(said, pen, size=high, color=pen.theme.dim)
