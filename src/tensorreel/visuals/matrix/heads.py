"""What tells heads apart, besides colour: a name, a border style and a tint of their own."""

from __future__ import annotations

from manim import VGroup, VMobject

from tensorreel.core.quantity import Count, count
from tensorreel.visuals.lettering.counted import CountedLabel
from tensorreel.visuals.lettering.glyphs import Numeral, Pen
from tensorreel.visuals.look import shapes
from tensorreel.words.text import Text

MORE = 0.33  # em of the count of what is not drawn
SPACE = 0.22  # between a head's name and number, in em
HEAD, MORE_HEADS = Text("head {k}", "heads"), Text("+ {n} head", "heads", plural="+ {n} heads")


def head_tint(pen: Pen, head: int) -> str:
    """The tint of a head."""
    return pen.theme.heads[head % len(pen.theme.heads)]


def head_dashes(head: int) -> tuple[float, ...]:
    """The border style of a head."""
    return shapes.DASHES[head % len(shapes.DASHES)]


def some_heads(n: int, most: int, chosen: int = 0) -> list[int]:
    """The heads that are drawn where ``most`` of n have room: all, or the first ones and the chosen one.

    The chosen one comes instead of the one that wears the same border style, so that they can be told apart.
    """
    kept = list(range(min(n, most)))
    if chosen in kept:
        return kept
    kept.pop(min(chosen % len(shapes.DASHES), len(kept) - 1))
    return [*kept, chosen]


class MoreHeads(VGroup):
    """``+ 4 heads``: how many heads are not drawn, beside those that are. Its baseline is at 0; empty where there are
    none."""

    def __init__(self, n: int, drawn: int, pen: Pen) -> None:
        super().__init__()
        if not n:
            return
        hidden = count(n, Count.HIDDEN, "h", drawn)
        number = Numeral(hidden, pen, decimals=0, size=MORE, color=pen.theme.dim)
        self.add(*CountedLabel(MORE_HEADS.counted(n), {"n": number}, pen, size=MORE))


class HeadTag(VGroup):
    """``head 2``, underlined in the head's own border style and tint."""

    def __init__(self, head: int, pen: Pen, *, size: float = 0.34) -> None:
        super().__init__()
        tint = head_tint(pen, head)
        number = Numeral(count(head + 1, Count.HEAD, head), pen, decimals=0, size=size, color=tint, bold=True)
        self.name = CountedLabel(HEAD, {"k": number}, pen, size=size, color=pen.theme.ink, gap=SPACE * size)
        end = self.name.end
        line = shapes.stroke(shapes.dashed([(0, -0.14), (end, -0.14)], head_dashes(head)), tint, 4)
        self.add(*self.name, line)


def head_outline(head: int, width: float, height: float, pen: Pen, *, line: float = 3) -> VMobject:
    """A rectangle around the origin in a head's border style and tint."""
    x, y = width / 2, height / 2
    corners = [(-x, y), (x, y), (x, -y), (-x, -y), (-x, y)]
    return shapes.stroke(shapes.dashed(corners, head_dashes(head)), head_tint(pen, head), line)
