"""What became of a stage, in a sentence that is true of these numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tensorreel.core.claim import Claim, ClaimKind
from tensorreel.core.quantity import Count, Quantity, count
from tensorreel.variations.before import cells_of, shown_otherwise
from tensorreel.visuals.lettering.captions import Saying, Value
from tensorreel.words.text import Text

if TYPE_CHECKING:
    from tensorreel.variations.difference import StageDifference
    from tensorreel.visuals.against.compared import Compared

COMPARED = Text("Two models in one film: what stood there before is struck through.", "against")
SAME = Text("Nothing changes here: every number is the same as before.", "against")
SAME_IN = Text("Nothing changes here in layer {k}: every number is the same as before.", "against")
OTHERS = Text(
    "{n} of {m} numbers is not the same as before.",
    "against",
    plural="{n} of {m} numbers are not the same as before.",
)
OF_HEADS = Text(
    "All heads: {n} of {m} numbers is not the same as before.",
    "against",
    plural="All heads: {n} of {m} numbers are not the same as before.",
)
RESULT = Text("Other numbers go in; the result is the same as before.", "against")
FORMULA = Text("Another formula; the result is the same as before.", "against")


def became(scene: Compared, found: StageDifference) -> Saying:
    """What is to be said of a stage in the layer that is shown."""
    counted = shown_otherwise(scene.old, scene.trace, found)
    facts = _facts(counted)
    if found.output is not None:
        n, m = counted[found.stage.name], cells_of(scene.trace.at(layer=found.layer)[found.stage.name])
        values: Mapping[str, Value] = {"n": (n, 0), "m": (m, 0)}
        several = "h" in found.stage.out_dims and scene.trace.model.config.n_heads > 1
        text = (OF_HEADS if several else OTHERS).counted(int(n.value))
        return Saying(text, values, [facts[found.stage.name]])
    if found.tensors:
        return Saying(RESULT, {}, [facts[found.tensors[0]], facts[found.stage.name]])
    if found.formula:
        return Saying(FORMULA, {}, [facts[found.stage.name]])
    return _nothing(scene, found, facts)


def _nothing(scene: Compared, found: StageDifference, facts: Mapping[str, Claim]) -> Saying:
    """In which layer is said where there are several."""
    if found.layer is None or scene.trace.model.config.n_layers == 1:
        return Saying(SAME, {}, [*facts.values()])
    return Saying(SAME_IN, {"k": count(found.layer + 1, Count.LAYER, found.layer)}, [*facts.values()])


def _facts(counted: Mapping[str, Quantity]) -> dict[str, Claim]:
    """Of each tensor, whether it is printed as before."""
    kinds = {True: ClaimKind.OTHERWISE, False: ClaimKind.AS_BEFORE}
    return {name: Claim(kinds[bool(q.value)], (q,)) for name, q in counted.items()}
