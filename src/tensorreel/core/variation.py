"""One thing that is changed about a model, as a value, and how far through the trace it can be felt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorreel.words.text import Said, Text

if TYPE_CHECKING:
    from tensorreel.core.model import Model

Place = tuple[str, int | None]  # a name in the trace, and its layer; None for what the model has once


@dataclass(frozen=True)
class Variation:
    """What was changed: as it is asked for (``without head:2``), as a film says it, and where it begins.

    ``touched`` are the stages that compute something else and the parameters that hold something else. ``brief`` is
    how it is told where there is no room, the longest first; each is how ``told`` begins.
    """

    text: str
    told: Text
    touched: frozenset[Place]
    brief: tuple[Said, ...] = ()


WITHOUT, SET, CAUSAL = "without", "set", "causal"  # what the text of a variation begins with
AND = Text("{a}, {b}", "variation")


def told_of(model: Model) -> Text | None:
    """What was changed about a model, as a film says it; None where nothing was."""
    said: Text | None = None
    for variation in model.variations:
        said = variation.told if said is None else AND.filled(a=said, b=variation.told)
    return said


def told_in(model: Model, stage: str, layer: int) -> Text | None:
    """What a clip of a stage has to say of that: nothing where it shows what the unchanged model shows.

    ``stage`` is empty for what stands around the stages; ``layer`` counts where the stage is one of a layer.
    """
    if not model.variations or not stage:
        return told_of(model)
    at = layer if model.architecture.scopes[stage] == "layer" else None
    return told_of(model) if (stage, at) in felt(model) else None


def felt(model: Model) -> frozenset[Place]:
    """Every stage of every layer that may compute other numbers than without the variations, by wiring alone."""
    table, found = model.architecture, {place for v in model.variations for place in v.touched}
    layers = model.config.n_layers
    for stage, layer in table.run_order(layers):
        inputs = {i for step in (*table.on_the_way(stage), stage) for i in step.inputs}
        if any(table.origin(i, layer, layers) in found for i in inputs):
            found.add((stage.name, layer))
    return frozenset(place for place in found if table.get(place[0]))
