"""Names of other projects' checkpoints, and what this model can take over of them.

Each ``Naming`` says which of their tensors is which of our parameters and how it lies (a row or a column an
input, three matrices in one, heads side by side), and which of their tensors stand for something that a
post-LN block with ReLU and tied embeddings does not have. A checkpoint with one of those is refused by name,
unless it is a bias of nothing but zeros: a film of it would show other numbers than the model computes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tensorreel.errors import InputError
from tensorreel.functional import Array
from tensorreel.parameters import PARAMETERS

_HEADED = frozenset({"W_Q", "W_K", "W_V"})
_OURS = "expected post-LN blocks with ReLU and no biases in attention"


@dataclass(frozen=True)
class Naming:
    """One project's names. ``#`` stands for the number of a layer.

    ``known`` maps a tensor to the parameters that it holds side by side, ``beyond`` names what we have no place
    for, ``dropped`` what carries no numbers of the model (buffers). ``turned``: matrices lie as (out, in), as in
    ``torch.nn.Linear``. ``lacks`` is a difference that shows in no tensor.
    """

    project: str
    sign: str
    known: Mapping[str, tuple[str, ...]]
    prefix: str = ""
    turned: bool = True
    beyond: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    lacks: str = ""

    def of(self, name: str) -> tuple[str, int | None]:
        """A name without prefix and layer number, and that number."""
        bare = name.removeprefix(self.prefix)
        found = re.search(r"(?<=\.)\d{1,4}(?=\.)", bare)
        return (
            (bare, None)
            if found is None
            else (bare[: found.start()] + "#" + bare[found.end() :], int(found[0]))
        )

    def speaks(self, names: Mapping[str, Array]) -> bool:
        """Whether a file uses these names."""
        return any(self.of(name)[0] == self.sign for name in names)


def _norms(first: str, second: str) -> dict[str, tuple[str, ...]]:
    return _pairs((first, second), "gamma", "beta")


def _ffn(first: str, second: str) -> dict[str, tuple[str, ...]]:
    return _pairs((first, second), "W", "b")


def _pairs(theirs: tuple[str, str], weight: str, bias: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for number, module in enumerate(theirs, start=1):
        found |= {f"{module}.weight": (f"{weight}_{number}",), f"{module}.bias": (f"{bias}_{number}",)}
    return found


PYTORCH = Naming(
    "torch.nn.TransformerEncoder",
    "layers.#.self_attn.in_proj_weight",
    {
        "E": ("E",),
        "P": ("P",),
        "layers.#.self_attn.in_proj_weight": ("W_Q", "W_K", "W_V"),
        "layers.#.self_attn.out_proj.weight": ("W_O",),
        **_ffn("layers.#.linear1", "layers.#.linear2"),
        **_norms("layers.#.norm1", "layers.#.norm2"),
    },
    prefix="encoder.",
    beyond={
        "layers.#.self_attn.in_proj_bias": "biases in attention",
        "layers.#.self_attn.out_proj.bias": "biases in attention",
        "norm.weight": "a norm behind the last layer",
        "norm.bias": "a norm behind the last layer",
    },
)
GPT2 = Naming(
    "GPT-2",
    "h.#.attn.c_attn.weight",
    {
        "wte.weight": ("E",),
        "wpe.weight": ("P",),
        "h.#.attn.c_attn.weight": ("W_Q", "W_K", "W_V"),
        "h.#.attn.c_proj.weight": ("W_O",),
        **_ffn("h.#.mlp.c_fc", "h.#.mlp.c_proj"),
        **_norms("h.#.ln_1", "h.#.ln_2"),
    },
    prefix="transformer.",
    turned=False,
    beyond={
        "h.#.attn.c_attn.bias": "biases in attention",
        "h.#.attn.c_proj.bias": "biases in attention",
        "ln_f.weight": "norms before the blocks",
        "ln_f.bias": "norms before the blocks",
    },
    dropped=("h.#.attn.bias", "h.#.attn.masked_bias", "lm_head.weight"),
    lacks="norms before the blocks, GELU",
)
_BERT = "encoder.layer.#"
BERT = Naming(
    "BERT",
    f"{_BERT}.attention.self.query.weight",
    {
        "embeddings.word_embeddings.weight": ("E",),
        "embeddings.position_embeddings.weight": ("P",),
        f"{_BERT}.attention.self.query.weight": ("W_Q",),
        f"{_BERT}.attention.self.key.weight": ("W_K",),
        f"{_BERT}.attention.self.value.weight": ("W_V",),
        f"{_BERT}.attention.output.dense.weight": ("W_O",),
        **_ffn(f"{_BERT}.intermediate.dense", f"{_BERT}.output.dense"),
        **_norms(f"{_BERT}.attention.output.LayerNorm", f"{_BERT}.output.LayerNorm"),
    },
    prefix="bert.",
    beyond={
        "embeddings.token_type_embeddings.weight": "token types",
        "embeddings.LayerNorm.weight": "a norm of the embeddings",
        "embeddings.LayerNorm.bias": "a norm of the embeddings",
        f"{_BERT}.attention.self.query.bias": "biases in attention",
        f"{_BERT}.attention.self.key.bias": "biases in attention",
        f"{_BERT}.attention.self.value.bias": "biases in attention",
        f"{_BERT}.attention.output.dense.bias": "biases in attention",
        "pooler.dense.weight": "a pooler",
        "pooler.dense.bias": "a pooler",
    },
    dropped=("embeddings.position_ids",),
    lacks="a norm of the embeddings, GELU",
)
LLAMA = Naming(
    "Llama",
    "layers.#.mlp.gate_proj.weight",
    {
        "embed_tokens.weight": ("E",),
        "layers.#.self_attn.q_proj.weight": ("W_Q",),
        "layers.#.self_attn.k_proj.weight": ("W_K",),
        "layers.#.self_attn.v_proj.weight": ("W_V",),
        "layers.#.self_attn.o_proj.weight": ("W_O",),
        "layers.#.mlp.up_proj.weight": ("W_1",),
        "layers.#.mlp.down_proj.weight": ("W_2",),
        "layers.#.input_layernorm.weight": ("gamma_1",),
        "layers.#.post_attention_layernorm.weight": ("gamma_2",),
    },
    prefix="model.",
    beyond={
        "layers.#.mlp.gate_proj.weight": "a gated FFN",
        "norm.weight": "norms before the blocks",
        "lm_head.weight": "an output table of its own",
    },
    dropped=("layers.#.self_attn.rotary_emb.inv_freq",),
    lacks="RMSNorm before the blocks, rotary positions, a gated FFN",
)
NAMINGS = (PYTORCH, GPT2, BERT, LLAMA)


def translated(tensors: Mapping[str, Array], n_heads: Any, name: str) -> dict[str, Array]:
    """Tensors by our names; those of no known project come back as they are.

    ``n_heads`` is what the file says of it, or None. ``InputError`` where the model is one that we cannot
    represent, or where the heads cannot be told apart.
    """
    naming = next((n for n in NAMINGS if n.speaks(tensors)), None)
    if naming is None:
        return dict(tensors)
    _refuse(naming, tensors, name)
    return renamed(naming, tensors, n_heads, name)


def _refuse(naming: Naming, tensors: Mapping[str, Array], name: str) -> None:
    what = f"of a {naming.project} checkpoint, {_OURS}"
    for key, array in tensors.items():
        reason = naming.beyond.get(naming.of(key)[0])
        if reason and not (key.endswith("bias") and not array.any()):
            raise InputError(f"{name}: {key}: {what} (it has {reason})")
    if naming.lacks:
        raise InputError(f"{name}: tensors {what} (it has {naming.lacks})")


def renamed(naming: Naming, tensors: Mapping[str, Array], n_heads: Any, name: str) -> dict[str, Array]:
    """What a checkpoint holds of our parameters, each as it lies with us; names we do not know stay."""
    if isinstance(n_heads, bool) or not isinstance(n_heads, int) or n_heads < 1:
        raise InputError(f"{name}: n_heads: {n_heads!r}, expected a whole number from 1 in the metadata")
    found: dict[str, Array] = {}
    for key, array in tensors.items():
        bare, layer = naming.of(key)
        if bare in naming.dropped or bare in naming.beyond:
            continue
        ours = naming.known.get(bare)
        if ours is None:
            found[key] = array
            continue
        turned = naming.turned and array.ndim == 2 and PARAMETERS[ours[0]].scope == "layer"
        for short, part in zip(
            ours, _parts(array.T if turned else array, ours, f"{name}: {key}"), strict=True
        ):
            full = short if layer is None else f"layers.{layer}.{short}"
            found[full] = _by_head(part, n_heads, f"{name}: {key}") if short in _HEADED else part
    return found


def _parts(array: Array, ours: tuple[str, ...], place: str) -> list[Array]:
    """Matrices that stand side by side in one."""
    if len(ours) == 1:
        return [array]
    if array.ndim != 2 or array.shape[1] % len(ours):
        raise InputError(f"{place}: shape {array.shape}, expected {len(ours)} matrices side by side")
    return np.split(array, len(ours), axis=1)


def _by_head(matrix: Array, n_heads: int, place: str) -> Array:
    """(d, h·k) -> (h, d, k)."""
    if matrix.ndim != 2 or matrix.shape[1] % n_heads:
        raise InputError(f"{place}: shape {matrix.shape}, expected columns for n_heads = {n_heads}")
    return np.ascontiguousarray(matrix.reshape(len(matrix), n_heads, -1).swapaxes(0, 1))
