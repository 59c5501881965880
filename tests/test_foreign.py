"""Files that are something else: one line says what they are and what can be read."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from tensorreel.cli import main
from tensorreel.core.errors import InputError
from tensorreel.models import tiny_model
from tensorreel.models.reading import read_model
from tests import badfiles
from tests.harness import assert_one_line, run


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def dumped(content: Any) -> bytes:
    return json.dumps(content).encode()


PICKLED = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."
KINDS: dict[str, tuple[bytes, str]] = {
    "model.gguf": (b"GGUF" + struct.pack("<IQQ", 3, 123, 5) + b"{" * 90, "a GGUF file of llama.cpp, expected a .toml"),
    "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(90), "an HDF5 file, as Keras"),
    "E.npy": (badfiles.npy(np.ones((2, 2))), r"a single array \(.npy\), expected a .toml, .npz"),
    "lfs.safetensors": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a pointer of Git LFS"),
    "page.safetensors": (b"<!DOCTYPE html>\n<html></html>", "a web page, expected"),
    "model.tar.gz": (b"\x1f\x8b\x08" + bytes(90), "a gzip archive, expected"),
    "a.pkl": (pickle.dumps({"E": [1.0]}, 4), "a Python pickle, expected a .toml"),
    "pytorch_model.bin": (zipped("archive/data.pkl", "archive/data/0"), "a PyTorch file"),
    "late.pt": (zipped("a/version", "a/data.pkl"), "a PyTorch file"),
    "legacy.pt": (PICKLED, "a PyTorch file"),
    "config.json": (dumped({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}), r"settings of a model \(gpt2\), not the model, expected the weights"),
    "index.json": (dumped({"weight_map": {"a": "x-1", "b": "x-2", "c": "x-2"}}), "a list of 2 shards, expected the weights as one"),
    "tokenizer.json": (dumped({"version": "1.0", "model": {"type": "BPE", "vocab": {}}}), "a tokenizer, expected the weights"),
    "tokenizer_config.json": (dumped({"tokenizer_class": "BertTokenizer"}), "a tokenizer, expected"),
    "any.json": (dumped({"a": [1]}), "JSON, expected the weights as one .safetensors file"),
    "odd.json": (dumped({"weight_map": {"a": [{}], "b": None}, "model": 3}), "a list of 2 shards"),
    "large.json": (b"{" + b" " * (1 << 24) + b"}", "bytes of JSON, expected at most"),
    "m-00002-of-00003.safetensors": (badfiles.safetensors(badfiles.without("E")), "shard 2 of 3, expected a model in one file"),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_told_by_its_name(name: str, tmp_path: Path) -> None:
    data, message = KINDS[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message) as err:
        read_model(tmp_path / name)
    assert f"{name}: " in str(err.value)
    assert str(err.value).isprintable()


@pytest.mark.parametrize("name", ["model.gguf", "pytorch_model.bin", "model.h5", "legacy.pt"])
def test_what_a_file_is_comes_before_how_large_it_is(name: str, tmp_path: Path) -> None:
    data, message = KINDS[name]
    with (tmp_path / name).open("wb") as file:
        file.write(data)
        file.truncate(5 << 30)  # a hole: nothing of it is on the disk
    with pytest.raises(InputError, match=message):
        read_model(tmp_path / name)


def test_a_safetensors_header_that_begins_like_another_file_is_read(tmp_path: Path) -> None:
    """The first bytes are a length: 640 is how a pickle begins, 35615 how a gzip archive does."""
    header, data = badfiles.opened(badfiles.safetensors(badfiles.arrays()))
    for length in (0x0280 + 0x10000, 0x8B1F):
        text = json.dumps(header).ljust(length)
        assert len(text) == length
        (tmp_path / "m").write_bytes(struct.pack("<Q", length) + text.encode() + data)
        assert read_model(tmp_path / "m").config == tiny_model().config


def test_a_folder_names_a_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a folder, expected a .toml, .npz or .safetensors model$"):
        read_model(tmp_path)
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"a folder, expected .* \(such as model.safetensors in it\)"):
        read_model(tmp_path)


FAMILIES = {
    "T5": "encoder.block.0.layer.0.SelfAttention.q.weight", "ViT": "vit.encoder.layer.0.attention.attention.query.weight",
    "ViT of timm": "blocks.0.attn.qkv.weight", "ViT of torchvision": "encoder.layers.encoder_layer_0.self_attention.in_proj_weight",
    "DistilBERT": "distilbert.transformer.layer.0.attention.q_lin.weight", "OPT": "model.decoder.layers.0.self_attn.q_proj.weight",
    "GPT-NeoX": "gpt_neox.layers.0.attention.query_key_value.weight", "BLOOM": "h.0.self_attention.query_key_value.weight",
    "GPT-J": "transformer.h.0.attn.q_proj.weight", "Marian": "model.decoder.layers.0.encoder_attn.q_proj.weight",
    "ALBERT": "albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight", "Phi-3": "model.layers.0.mlp.gate_up_proj.weight",
    "CLIP": "text_model.encoder.layers.0.self_attn.q_proj.weight", "Mamba": "backbone.layers.0.mixer.A_log",
    "torch.nn.MultiheadAttention": "blocks.0.self_attn.in_proj_weight",
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_that_is_not_read_is_told_by_its_name(family: str, tmp_path: Path) -> None:
    content = {"a.weight": np.ones(2), FAMILIES[family]: np.ones((2, 2))}
    for data in (badfiles.safetensors(content), badfiles.npz(content)):
        (tmp_path / "m").write_bytes(data)
        with pytest.raises(
            InputError, match=rf"of a .*{family.split()[0]}.* checkpoint, expected E, P"
        ) as err:
            read_model(tmp_path / "m")
        assert FAMILIES[family] in str(err.value)


def test_every_help_of_model_names_safetensors() -> None:
    context = click.Context(main)
    every = [main.get_command(context, name) for name in main.list_commands(context)]
    found = [c for c in every if c and any(p.name == "model_file" for p in c.params)]
    assert len(found) >= 8
    for command in found:
        (option,) = (p for p in command.params if p.name == "model_file")
        assert ".safetensors" in str(option.to_info_dict()["help"]), command.name
        assert {"n_heads", "norm", "final_norm", "activation", "eps", "causal"} <= {
            p.name for p in command.params
        }


def test_a_pytorch_file_on_the_command_line_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(KINDS["pytorch_model.bin"][0])
    line = assert_one_line(run("model", "check", "a.pt", cwd=tmp_path), 3)
    assert line.startswith(
        "a.pt: a PyTorch file (a pickle), expected .safetensors, so in Python: import torch"
    )
    assert line.endswith(", 'a.safetensors')")
