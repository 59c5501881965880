"""Whether what a film says was changed about a model is so: read from its text again, and looked up in the model."""

from __future__ import annotations

import re

from tensorreel.core.model import Model
from tensorreel.core.variation import Variation

_SET = re.compile(r"set ([\w.]+)\[([\d,]+)\]=(\S+)")
_HEAD = re.compile(r"without head:(\d+)")


def holds(variation: Variation, model: Model) -> bool:
    """Whether a model is as a variation says; of a part left out the recomputed numbers of its stages speak."""
    if found := _SET.fullmatch(variation.text):
        entry = model.params[found[1]].tolist()
        for index in found[2].split(","):
            entry = entry[int(index)]
        return bool(entry == float(found[3]))
    if found := _HEAD.fullmatch(variation.text):
        width, head = model.config.d_k, int(found[1])
        rows = [
            model.param("W_O", k).tolist()[(head - 1) * width : head * width]
            for k in range(model.config.n_layers)
        ]
        return not any(x for layer in rows for row in layer for x in row)
    return model.config.causal or variation.text != "causal"
