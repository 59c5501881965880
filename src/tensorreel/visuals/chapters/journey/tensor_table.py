"""The table of all tensors: a small picture, symbol, sizes and purpose of every stage, and the parameters below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from manim import Animation, AnimationGroup, FadeIn, FadeOut, VGroup, VMobject

from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.thumbs import Thumb, breadth, sampled
from tensorreel.words.text import Text

COLUMNS, ROWS = 3, 6  # of a page
TOP, TALLEST = 3.66, 5.16  # upper edge of a page, and its height
PICTURE, TALL = 1.05, 0.6
CLOSEST = 0.12  # two badges of the strip
SAMPLED = 9  # rows of a picture


class Card(VGroup):
    """One stage: its tensor in small, symbol and sizes, purpose; the left middle is the origin."""

    def __init__(
        self, blocks: Sequence[DisplayTensor], whole: DisplayTensor, purpose: str, pen: Pen, width: float
    ) -> None:
        super().__init__()
        rows = sampled(blocks[0].values.shape[0], SAMPLED)
        tall = TALL / len(rows)
        wide = min(tall * 1.3, PICTURE / max(breadth(blocks, 1.0), 1e-9))
        thumb = Thumb(blocks, pen, rows=rows, cell=(wide, tall))
        thumb.move_to([PICTURE / 2, 0, 0])
        badge = ShapeBadge(whole, pen, size=0.33)
        x = PICTURE + 0.22
        stand(badge, left=x, up=0.07 - badge.baseline)
        text = shortened(purpose, pen, 0.33, width - x)
        self.add(thumb, badge, Label(text, pen, size=0.33, color=pen.theme.dim).sit(x, -0.33))


def evenly_cut(cards: Sequence[Card], most: int) -> Iterator[Sequence[Card]]:
    """Pages of at most so many cards: as few as it takes, and all alike."""
    each = -(-len(cards) // -(-len(cards) // most))
    return (cards[k : k + each] for k in range(0, len(cards), each))


class TensorTable(VGroup):
    """Pages of cards in columns, read downwards, and a framed strip with the parameters below.

    ``stages`` are (purpose, heads, whole tensor) in order; the cards of ``.pages`` and ``.strip`` can come in one by one.
    """

    def __init__(
        self,
        stages: Sequence[tuple[Text, Sequence[DisplayTensor], DisplayTensor]],
        parameters: Sequence[DisplayTensor],
        pen: Pen,
    ) -> None:
        super().__init__()
        width = CONTENT.width / COLUMNS
        cards = [Card(blocks, whole, p.of(pen.lang), pen, width - 0.15) for p, blocks, whole in stages]
        self.pages = [self._page(page, width) for page in evenly_cut(cards, COLUMNS * ROWS)]
        self.strip = self._strip(parameters, pen, TOP - TALLEST - 0.06)
        self.add(*self.pages, self.strip)

    def in_place_of(self, *others: VMobject) -> list[Animation]:
        """The first page and the strip come one by one; what stood there goes while the first card comes."""
        cards: list[VMobject] = [*self.pages[0].submobjects, self.strip]
        turn = AnimationGroup(FadeOut(*others), FadeIn(cards[0]))
        return [turn, *(FadeIn(card) for card in cards[1:])]

    @staticmethod
    def _page(cards: Sequence[Card], width: float) -> VGroup:
        """Cards at their places."""
        rows = -(-len(cards) // COLUMNS)
        for k, card in enumerate(cards):
            column, row = divmod(k, rows)
            card.shift(shapes.at(CONTENT.left + column * width + 0.1, TOP - (row + 0.5) * TALLEST / rows))
        return VGroup(*cards)

    @staticmethod
    def _strip(parameters: Sequence[DisplayTensor], pen: Pen, top: float) -> VGroup:
        """Two lines of badges in the frame that parameters wear everywhere."""
        half = -(-len(parameters) // 2)
        for size in (0.28, theme.SIZE_NUMBER_MIN):
            badges = [ShapeBadge(p, pen, size=size) for p in parameters]
            columns = [badges[k::half] for k in range(half)]
            widths = [max(b.width for b in column) for column in columns]
            gap = (CONTENT.width - 0.5 - sum(widths)) / max(1, half - 1)
            if gap > CLOSEST:
                break
        strip, x = VGroup(), CONTENT.left + 0.25
        for column, width in zip(columns, widths, strict=True):
            for row, badge in enumerate(column):
                strip.add(stand(badge, left=x, up=top - 0.4 - row * 0.45 - badge.baseline))
            x += width + gap
        box = shapes.outline(CONTENT.width - 0.04, 1.06, pen.theme.role("param"), radius=0.04, line=2.5)
        return VGroup(box.move_to([0, top - 0.53, 0]), strip)
