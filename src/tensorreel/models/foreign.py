"""Files that are something else: each is told by its name, with what can be read in its place.

A kind is known by its first bytes, by the keys of its JSON, or by the names of its tensors.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tensorreel.core.errors import MAX_MESSAGE, InputError, file_named

ENDINGS = (".toml", ".npz", ".safetensors")
MODEL = f"expected a {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]} model"
HEAD = 512  # bytes that tell what a file is
ZIP = b"PK\x03\x04"
_SURE = {
    b"GGUF": "a GGUF file of llama.cpp",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file, as Keras writes them",
    b"\x93NUMPY": "a single array (.npy)",
    b"version https://git-lfs": "a pointer of Git LFS and not yet the file (git lfs pull)",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}
_SHORT = {b"\x1f\x8b": "a gzip archive"} | {bytes([0x80, n]): "a Python pickle" for n in range(2, 6)}
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # torch's magic number, pickled
_SHARD = re.compile(r"-(\d{5})-of-(\d{5})\.safetensors$")
_FAMILIES = {
    "T5": r"block\.\d+\.layer\.\d+\.SelfAttention\.q\.weight",
    "vision transformer (ViT)": r"attention\.attention\.query\.weight|encoder_layer_\d+\.self_attention\.in_proj_weight"
    r"|blocks\.\d+\.attn\.qkv\.weight",
    "DistilBERT": r"transformer\.layer\.\d+\.attention\.q_lin\.weight",
    "GPT-NeoX": r"layers\.\d+\.attention\.query_key_value\.weight",
    "BLOOM or Falcon": r"h\.\d+\.self_attention\.query_key_value\.weight",
    "GPT-J or GPT-Neo": r"h\.\d+\.attn\.(attention\.)?q_proj\.weight",
    "ALBERT": r"albert_layer_groups\.\d+\.",
    "DeBERTa": r"attention\.self\.(query_proj|in_proj)\.weight",
    "Phi-3": r"layers\.\d+\.mlp\.gate_up_proj\.weight",
    "encoder-decoder (BART, Marian, Whisper)": r"layers\.\d+\.encoder_attn\.q_proj\.weight",
    "OPT": r"decoder\.layers\.\d+\.self_attn\.q_proj\.weight",
    "CLIP": r"encoder\.layers\.\d+\.self_attn\.q_proj\.weight",
    "Mamba": r"layers\.\d+\.mixer\.A_log",
    "torch.nn.MultiheadAttention": r"in_proj_weight",
}


def refuse_head(head: bytes, path: Path, name: str) -> None:
    """``InputError`` if the first bytes of a file are those of another kind that has a name."""
    for magic, what in _SURE.items():
        if head[: len(magic)].lower() == magic.lower():
            raise InputError(f"{name}: {what}, {MODEL}")
    if head[5:9] == b"\0\0\0{":  # .safetensors: its length may begin like the rest
        return
    if head.startswith(ZIP) and head[30 : 30 + int.from_bytes(head[26:28], "little")].endswith(b"data.pkl"):
        refuse_torch(path, name)
    if head.startswith(_OLD_TORCH):
        refuse_torch(path, name)
    for magic, what in _SHORT.items():
        if head.startswith(magic):
            raise InputError(f"{name}: {what}, {MODEL}")


def refuse_torch(path: Path, name: str) -> None:
    """``InputError`` that says how a file of ``torch.save`` becomes one that can be read."""
    short = file_named(path, 60)
    for shown, old, new in ((name, path.name, f"{path.stem}.safetensors"), (short, "IN", "OUT.safetensors")):
        message = (
            f"{shown}: a PyTorch file (a pickle), expected .safetensors, so in Python: "
            "import torch, safetensors.torch as s; s.save_file({k: v.clone() for k, v in "
            f"torch.load({old!r}, 'cpu', weights_only=True).items()}}, {new!r})"
        )
        if len(message) <= MAX_MESSAGE and message.isprintable():
            break
    raise InputError(message)


def refuse_shard(path: Path, name: str) -> None:
    """``InputError`` if a file is called one of several shards."""
    found = _SHARD.search(path.name)
    if found and int(found[2]) > 1:
        raise InputError(f"{name}: shard {int(found[1])} of {int(found[2])}, expected a model in one file")


def refuse_folder(path: Path, name: str) -> None:
    """``InputError`` if a path is a folder."""
    if os.path.isdir(path):
        try:
            inside = sorted(x for x in os.listdir(path) if x.endswith((".safetensors", ".npz")))
        except OSError:
            inside = []
        such = f" (such as {inside[0][:80]} in it)" if inside else ""
        raise InputError(f"{name}: a folder, {MODEL}{such}")


def refuse_json(text: str, name: str) -> None:
    """``InputError`` if a text is JSON, as the files beside a checkpoint are."""
    if not text.lstrip().startswith("{"):
        return
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return
    raise InputError(f"{name}: {_json_kind(content)}, expected the weights as one .safetensors file")


def _json_kind(content: dict[str, Any]) -> str:
    shards, inner = content.get("weight_map"), content.get("model")
    if isinstance(shards, dict):
        return f"a list of {len({str(x) for x in shards.values()})} shards"
    if "model_type" in content or "architectures" in content:
        told = str(content.get("model_type", content.get("architectures")))[:40]
        return f"the settings of a model ({told}), not the model"
    if "tokenizer_class" in content or (isinstance(inner, dict) and "vocab" in inner):
        return "a tokenizer"
    return "JSON"


def refuse_family(keys: Iterable[str], name: str) -> None:
    """``InputError`` if tensors are named as in a family of models that is not read."""
    names = sorted(keys)
    for family, sign in _FAMILIES.items():
        found = next((key for key in names if re.search(rf"(?:^|\.)(?:{sign})", key)), None)
        if found is not None:
            raise InputError(
                f"{name}: {found}: of a {family} checkpoint, expected E, P, layers.0.W_Q … or a "
                "torch.nn.TransformerEncoder (no other family is read)"
            )
