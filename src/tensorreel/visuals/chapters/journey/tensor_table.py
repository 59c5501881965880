"""The table of all tensors: a small picture, symbol, sizes and role of every stage, and the parameters below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import VGroup

from tensorreel.visuals.layout.placing import stand
from tensorreel.visuals.layout.room import CONTENT
from tensorreel.visuals.lettering.glyphs import Label, Pen, shortened
from tensorreel.visuals.look import shapes, theme
from tensorreel.visuals.matrix.badge import ShapeBadge
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.thumbs import Thumb, breadth, sampled
from tensorreel.words.text import Text

# what each stage's output is for, in a few words
ROLES: Mapping[str, Text] = {
    "token_embedding": Text("words as numbers", "recap.table"),
    "embedding": Text("with their positions", "recap.table"),
    "query": Text("what a word seeks", "recap.table"),
    "key": Text("how it is found", "recap.table"),
    "value": Text("what it hands over", "recap.table"),
    "attn_scores": Text("who fits whom", "recap.table"),
    "attn_weights": Text("where each looks", "recap.table"),
    "context": Text("values, mixed", "recap.table"),
    "heads": Text("each head's result", "recap.table"),
    "concat": Text("heads side by side", "recap.table"),
    "attn_output": Text("heads blended", "recap.table"),
    "attn_norm": Text("added, normalised", "recap.table"),
    "ffn_hidden": Text("units on or off", "recap.table"),
    "ffn_output": Text("gathered again", "recap.table"),
    "ffn_norm": Text("added, normalised", "recap.table"),
    "last_hidden_state": Text("after all layers", "recap.table"),
    "logits": Text("a score per word", "recap.table"),
    "probs": Text("the answer", "recap.table"),
}
COLUMNS, TOP, PITCH = 3, 3.66, 0.86
PICTURE, TALL = 1.05, 0.6
CLOSEST = 0.12  # two badges of the strip
ROWS_MOST = 9


class Card(VGroup):
    """One stage: its tensor in small, symbol and sizes, role; the left middle is the origin."""

    def __init__(
        self, blocks: Sequence[DisplayTensor], whole: DisplayTensor, role: str, pen: Pen, width: float
    ) -> None:
        super().__init__()
        rows = sampled(blocks[0].values.shape[0], ROWS_MOST)
        tall = TALL / len(rows)
        wide = min(tall * 1.3, PICTURE / max(breadth(blocks, 1.0), 1e-9))
        thumb = Thumb(blocks, pen, rows=rows, cell=(wide, tall))
        thumb.move_to([PICTURE / 2, 0, 0])
        badge = ShapeBadge(whole, pen, size=0.33)
        x = PICTURE + 0.22
        stand(badge, left=x, up=0.07 - badge.baseline)
        text = shortened(role, pen, 0.33, width - x)
        self.add(thumb, badge, Label(text, pen, size=0.33, color=pen.theme.dim).sit(x, -0.33))


class TensorTable(VGroup):
    """Cards in three columns, read downwards, and a framed strip with the parameters.

    ``stages`` are (name, heads, whole tensor) in order; ``.cards`` and ``.strip`` can come in one by one.
    """

    def __init__(
        self,
        stages: Sequence[tuple[str, Sequence[DisplayTensor], DisplayTensor]],
        parameters: Sequence[DisplayTensor],
        pen: Pen,
    ) -> None:
        super().__init__()
        width = CONTENT.width / COLUMNS
        each = -(-len(stages) // COLUMNS)
        self.cards = []
        for k, (name, blocks, whole) in enumerate(stages):
            column, row = divmod(k, each)
            card = Card(blocks, whole, ROLES[name].of(pen.lang), pen, width - 0.15)
            x = CONTENT.left + column * width + 0.1
            self.cards.append(card.shift(shapes.at(x, TOP - (row + 0.5) * PITCH)))
        self.strip = self._strip(parameters, pen, TOP - each * PITCH - 0.06)
        self.add(*self.cards, self.strip)

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
