"""The film's scenes in order: the opening, one class per line of the formula table, the recap.

Importing this package imports no scene and no manim; ``find`` does, for the one that is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorreel.visuals.stage.scene import StageScene

# name of the scene -> its module in this folder and its class
SCENES: dict[str, tuple[str, str]] = {
    "opening": ("opening", "Opening"),
    "token_embedding": ("embedding", "TokenEmbedding"),
    "embedding": ("embedding", "Embedding"),
    "query": ("projections", "Query"),
    "key": ("projections", "Key"),
    "value": ("projections", "Value"),
    "attn_scores": ("self_attention", "AttnScores"),
    "attn_weights": ("self_attention", "AttnWeights"),
    "context": ("self_attention", "Context"),
    "heads": ("multi_head", "Heads"),
    "concat": ("multi_head", "Concat"),
    "attn_output": ("multi_head", "AttnOutput"),
    "attn_norm": ("add_norm", "AttnNorm"),
    "ffn_hidden": ("feed_forward", "FfnHidden"),
    "ffn_output": ("feed_forward", "FfnOutput"),
    "ffn_norm": ("add_norm", "FfnNorm"),
    "last_hidden_state": ("output", "LastHiddenState"),
    "logits": ("output", "Logits"),
    "probs": ("output", "Probs"),
    "recap": ("recap", "Recap"),
}


def find(name: str) -> type[StageScene]:
    """The scene class of a stage, of ``opening`` or of ``recap``; ``KeyError`` for any other name."""
    module, cls = SCENES[name]
    scene: type[StageScene] = getattr(import_module(f"{__name__}.{module}"), cls)
    return scene


def number(name: str) -> int:
    """Its place in the film: 0 the opening, 1–18 the stages, 19 the recap."""
    return list(SCENES).index(name)
