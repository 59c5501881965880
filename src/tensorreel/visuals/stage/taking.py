"""Tensors with all their heads, as a scene takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorreel.visuals.matrix.display_tensor import DisplayTensor
from tensorreel.visuals.matrix.thumbs import MOST_HEADS, sampled

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene


def blocks_of(scene: StageScene, name: str, layer: int = 0) -> list[DisplayTensor]:
    """A tensor as the scene shows it: one block, or one a head; of many heads evenly spread ones and the chosen one."""
    first = scene.show(name, head=0, layer=layer)
    if first.head is None:
        return [first]
    n = scene.trace.model.config.n_heads
    heads = sampled(n, MOST_HEADS)
    if scene.head not in heads:
        heads[min(range(1, len(heads) - 1), key=lambda k: abs(heads[k] - scene.head))] = scene.head
    return [first, *(scene.show(name, head=h, layer=layer) for h in heads[1:])]


def whole_of(scene: StageScene, name: str, layer: int = 0) -> DisplayTensor:
    """A tensor with all its heads, for its badge."""
    whole = scene.show(name, head=0, layer=layer).whole
    return DisplayTensor(whole, whole)
