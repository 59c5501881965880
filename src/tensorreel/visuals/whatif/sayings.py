"""What a change does to the answer, in a sentence that is true of these numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tensorreel.core.claim import Claim, ClaimKind, compared
from tensorreel.core.formatting import leading
from tensorreel.visuals.lettering.captions import Named, Saying, Value
from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.stage.sayings import called, largest_at
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene


class Wordings(NamedTuple):
    """Sentences about an answer: the same in print, the same word, another word, and where no word stands alone."""

    unmoved: Text
    still: Text
    another: Text
    open: Text


RUN_AGAIN = Wordings(
    Text("Run {what}: still {word}, with the same {p}.", "what if"),
    Text("Run {what}: still {word}. Its p: {p} → {q}.", "what if"),
    Text("Run {what}: {other} wins with {r}. {word}: {p} → {q}.", "what if"),
    Text("Run {what}: p of {word} goes from {p} to {q}.", "what if"),
)


def effect(
    scene: StageScene, before: DisplayTensor, after: DisplayTensor, said: Wordings, what: Named | None = None
) -> Saying:
    """What becomes of the answer: the same word, another one, or none that stands alone. ``what`` was done is told."""
    i = len(before.values) - 1
    one, two = (leading(p.printed(i), p.decimals) for p in (before, after))
    word, other = one[0], two[0]
    values: Mapping[str, Value] = {
        **({"what": what} if what else {}),
        "word": called(scene, word, [word, other]),
        "p": (before[i, word], before.decimals),
        "q": (after[i, word], after.decimals),
    }
    if len(one) > 1 or len(two) > 1:
        return Saying(said.open, values)
    facts = [largest_at(before, i), largest_at(after, i)]
    if word != other:
        more: Mapping[str, Value] = {
            "other": called(scene, other, [word, other]),
            "r": (after[i, other], after.decimals),
        }
        return Saying(said.another, {**values, **more}, facts)
    return _still(said, values, before, after, word, facts)


def _still(
    said: Wordings,
    values: Mapping[str, Value],
    before: DisplayTensor,
    after: DisplayTensor,
    word: int,
    facts: Sequence[Claim],
) -> Saying:
    """The same answer, with another probability or with one that prints alike."""
    i = len(before.values) - 1
    same = compared([[before[i, word]], [after[i, word]]], before.decimals)
    if same.fact is ClaimKind.EQUAL and before.decimals == after.decimals:
        kept = {key: value for key, value in values.items() if key != "q"}
        return Saying(said.unmoved, kept, (*facts, same))
    return Saying(said.still, values, facts)
