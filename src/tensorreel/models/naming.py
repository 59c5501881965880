"""Names of other projects' checkpoints, and which of our parameters they are.

Each ``Naming`` says which of their tensors is which of our parameters and how it lies (a row or a column an
input, three matrices in one, heads side by side), what is true of every model with such names, and which of their
tensors stand for something that is not drawn. Names are found at any depth: what stands before them is
passed over, and so is what ``torch.compile`` and ``DataParallel`` put between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Naming:
    """One project's names. ``#`` stands for the number of a layer.

    ``known`` maps a tensor to the parameters that it holds side by side, ``beyond`` names what we have no place
    for, ``dropped`` what carries no numbers of the model (buffers), ``tied`` what has to be E once more. ``turned``:
    matrices lie as (out, in), as in ``torch.nn.Linear``; None where both ways have these names, which ``lying``
    decides. ``says`` are facts of every model with these names, ``lacks`` is a difference that shows in no tensor.
    """

    project: str
    sign: str
    known: Mapping[str, tuple[str, ...]]
    turned: bool | None = True
    beyond: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    says: Mapping[str, Any] = field(default_factory=dict)
    lacks: str = ""

    def lying(self, shapes: Mapping[str, tuple[int, ...]], prefix: str) -> Naming:
        """The same with ``turned`` decided by the shape of its sign: (d, 3d) as it is, (3d, d) as in ``nn.Linear``."""
        if self.turned is not None:
            return self
        shape = next(shape for name, shape in shapes.items() if self.of(name, prefix)[0] == self.sign)
        turned = len(shape) == 2 and shape[0] > shape[1]
        return replace(self, turned=turned, project=NANOGPT if turned else self.project)

    def theirs(self, full: str, prefix: str) -> str:
        """What one of our parameters (``layers.1.W_Q``) is called there, or what holds it."""
        *_, layer, ours = f"..{full}".split(".")
        bare = next((bare for bare, held in self.known.items() if ours in held), ours)
        return prefix + bare.replace("#", layer)

    def prefixes(self, names: Iterable[str]) -> list[str]:
        """What stands before the names of each stack of layers in a file; empty if it uses others."""
        sign = re.compile(r"((?:.*\.)?)" + re.escape(self.sign).replace(r"\#", r"\d{1,4}"))
        return sorted({found[1] for name in names if (found := sign.fullmatch(unwrapped(name)))})

    def of(self, name: str, prefix: str) -> tuple[str, int | None]:
        """A name without what stands before it and without its layer's number, and that number.

        A tensor outside of the stack (an embedding, an output table) has no number.
        """
        name = unwrapped(name)
        if not name.startswith(prefix):
            return name[len(_shared(name, prefix)) :], None
        bare = name[len(prefix) :]
        found = re.search(r"(?<=\.)\d{1,4}(?=\.)", bare)
        return (
            (bare, None)
            if found is None
            else (bare[: found.start()] + "#" + bare[found.end() :], int(found[0]))
        )

    def drops(self, name: str, prefix: str) -> bool:
        """Whether a tensor is a buffer, which carries no number of the model."""
        bare = self.of(name, prefix)[0]
        return bare in self.dropped or bare.rpartition(".")[2] == "position_ids"


def unwrapped(name: str) -> str:
    """A name without the parts that ``torch.compile`` and ``DataParallel`` put into it."""
    return re.sub(r"(?:(?<=\.)|^)(?:_orig_mod|module)\.", "", name)


def _shared(name: str, prefix: str) -> str:
    """The modules that a name has in common with a prefix, with their points."""
    shared = ""
    for mine, theirs in zip(name.split(".")[:-1], prefix.split("."), strict=False):
        if mine != theirs:
            break
        shared += f"{mine}."
    return shared


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
        "E.weight": ("E",),
        "P.weight": ("P",),
        "layers.#.self_attn.in_proj_weight": ("W_Q", "W_K", "W_V"),
        "layers.#.self_attn.out_proj.weight": ("W_O",),
        **_ffn("layers.#.linear1", "layers.#.linear2"),
        "layers.#.self_attn.in_proj_bias": ("b_Q", "b_K", "b_V"),
        "layers.#.self_attn.out_proj.bias": ("b_O",),
        **_norms("layers.#.norm1", "layers.#.norm2"),
        "norm.weight": ("gamma_f",),
        "norm.bias": ("beta_f",),
    },
    beyond={
        **{
            f"layers.#.multihead_attn.{x}": "attention to an encoder"
            for x in ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
        },
    },
)
NANOGPT = "nanoGPT"
GPT2 = Naming(
    "GPT-2",
    "h.#.attn.c_attn.weight",
    {
        "wte.weight": ("E",),
        "wpe.weight": ("P",),
        "h.#.attn.c_attn.weight": ("W_Q", "W_K", "W_V"),
        "h.#.attn.c_attn.bias": ("b_Q", "b_K", "b_V"),
        "h.#.attn.c_proj.weight": ("W_O",),
        "h.#.attn.c_proj.bias": ("b_O",),
        **_ffn("h.#.mlp.c_fc", "h.#.mlp.c_proj"),
        **_norms("h.#.ln_1", "h.#.ln_2"),
        "ln_f.weight": ("gamma_f",),
        "ln_f.bias": ("beta_f",),
    },
    turned=None,
    beyond={
        f"h.#.{x}": "attention to an encoder"
        for x in (
            "crossattention.c_attn.weight",
            "crossattention.c_attn.bias",
            "crossattention.q_attn.weight",
            "crossattention.q_attn.bias",
            "crossattention.c_proj.weight",
            "crossattention.c_proj.bias",
            "ln_cross_attn.weight",
            "ln_cross_attn.bias",
        )
    },
    dropped=("h.#.attn.bias", "h.#.attn.masked_bias"),
    tied=("lm_head.weight",),
    says={"norm": "pre", "final_norm": "layer", "causal": True},
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
        f"{_BERT}.attention.self.query.bias": ("b_Q",),
        f"{_BERT}.attention.self.key.bias": ("b_K",),
        f"{_BERT}.attention.self.value.bias": ("b_V",),
        f"{_BERT}.attention.output.dense.bias": ("b_O",),
        **_ffn(f"{_BERT}.intermediate.dense", f"{_BERT}.output.dense"),
        **_norms(f"{_BERT}.attention.output.LayerNorm", f"{_BERT}.output.LayerNorm"),
    },
    beyond={
        "embeddings.token_type_embeddings.weight": "token types",
        "embeddings.LayerNorm.weight": "a norm of the embeddings",
        "embeddings.LayerNorm.bias": "a norm of the embeddings",
        "pooler.dense.weight": "a pooler",
        "pooler.dense.bias": "a pooler",
    },
    dropped=("embeddings.position_ids",),
    lacks="a norm of the embeddings",
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
    beyond={
        "layers.#.mlp.gate_proj.weight": "a gated FFN",
        "norm.weight": "RMSNorm before the blocks",
        "lm_head.weight": "an output table of its own",
    },
    dropped=("layers.#.self_attn.rotary_emb.inv_freq",),
    lacks="RMSNorm before the blocks, rotary positions, a gated FFN",
)
NAMINGS = (PYTORCH, GPT2, BERT, LLAMA)
