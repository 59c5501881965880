"""What was understood of a model's file, line by line: for ``model check``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorreel.families.choices import ACTIVATIONS
from tensorreel.models.reading import Understood

OWN = "tensorreel's own names"
_NORMS = {"post": "after each sum (post-LN)", "pre": "before attention and FFN (pre-LN)"}


def facts_of(read: Understood) -> Mapping[str, Any]:
    """The same for programs."""
    model, chosen = read.model, read.choices
    return {
        "family": read.project or OWN,
        "parameters": read.parameters,
        "precision": list(read.types),
        "eps": model.config.eps,
        "norm": chosen.norm,
        "final_norm": "layer" if chosen.final_norm else "none",
        "activation": chosen.activation,
        "attention_biases": chosen.attention_biases,
        "causal": model.config.causal,
        "output_table": "tied",
        "tokenizer": read.tokenizer or None,
        "stages": len(model.architecture.stages),
        "digest": model.digest,
    }


def told_lines(read: Understood) -> list[str]:
    """A line for each fact, in words."""
    facts, model = facts_of(read), read.model
    last = ", and one behind the last layer" if read.choices.final_norm else ""
    told = {
        "family": facts["family"],
        "parameters": f"{facts['parameters']:,}",
        "precision": f"{', '.join(read.types) or 'decimals'}, computed in float64",
        "ε": f"{model.config.eps:g}",
        "norms": f"LayerNorm {_NORMS[read.choices.norm]}{last}",
        "activation": ACTIVATIONS[read.choices.activation],
        "attention": f"{model.config.n_heads} heads, {'with' if read.choices.attention_biases else 'without'} biases",
        "mask": "tokens cannot look at later ones (causal)" if model.config.causal else "none",
        "output table": "that of the tokens (tied)",
        "tokenizer": read.tokenizer or "none",
        "stages": str(facts["stages"]),
        "digest": facts["digest"],
    }
    width = max(map(len, told))
    return [f"  {name.ljust(width)}  {value}" for name, value in told.items()]
