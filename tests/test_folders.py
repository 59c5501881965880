"""Folders as ``save_pretrained`` writes them: what transformers computes, or one line that names what is not drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
transformers = pytest.importorskip(
    "transformers", reason="no transformers to compare with: the extra tensorreel[parity]"
)

import tensorreel  # noqa: E402
from tensorreel.core.engine import forward  # noqa: E402
from tensorreel.core.errors import InputError, UsageProblem  # noqa: E402
from tensorreel.core.model import Model  # noqa: E402
from tensorreel.models.reading import read_model, understood  # noqa: E402
from tests.test_gpt import assert_equal, assert_parity, hooked  # noqa: E402

TOKENS = (3, 1, 4, 1, 5)


def random_gpt2(kind: str = "GPT2LMHeadModel", **settings: Any) -> Any:
    """A GPT-2 of transformers whose every parameter is random, in float64."""
    sizes = {"vocab_size": 11, "n_positions": 7, "n_embd": 8, "n_layer": 2, "n_head": 2}
    sizes |= {"bos_token_id": 0, "eos_token_id": 0}
    config = transformers.GPT2Config(**{**sizes, **settings}, attn_implementation="eager")
    module = getattr(transformers, kind)(config).double().eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0.0, 0.6, generator=generator)
    return module


@contextmanager
def quiet() -> Iterator[None]:
    """Without bars and words of the library."""
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with quiet():
        random_gpt2().save_pretrained(tmp_path / "gpt2")
    return tmp_path / "gpt2"


CHOICES: dict[str, dict[str, Any]] = {
    "as it is": {}, "one head": {"n_head": 1}, "eight heads, three layers": {"n_head": 8, "n_layer": 3},
    "exact GELU": {"activation_function": "gelu"}, "ReLU": {"activation_function": "relu"},
    "narrow units, large eps": {"n_inner": 5, "layer_norm_epsilon": 0.1},
}  # fmt: skip


@pytest.mark.parametrize("kind", ["GPT2LMHeadModel", "GPT2Model"])
@pytest.mark.parametrize("choice", CHOICES)
def test_every_tensor_of_a_gpt2(choice: str, kind: str, tmp_path: Path) -> None:
    module = random_gpt2(kind, **CHOICES[choice])
    with quiet():
        module.save_pretrained(tmp_path, max_shard_size="3KB" if kind == "GPT2LMHeadModel" else "5GB")
    assert (tmp_path / "model.safetensors.index.json").exists() == (kind == "GPT2LMHeadModel")
    model = read_model(tmp_path)
    trace = forward(model, TOKENS)
    out: dict[str, Any] = {}
    seen = hooked(module, lambda: out.update(module(torch.tensor([TOKENS]), output_attentions=True)))
    layers = module.config.n_layer
    assert assert_parity(seen, trace, "transformer." if "LMHead" in kind else "") == 2 + 11 * layers
    for layer, weights in enumerate(out["attentions"]):
        assert_equal(trace.at(layer=layer)["attn_weights"].values, weights.detach(), "attentions")
    if "LMHead" in kind:
        assert_equal(trace["logits"].values, out["logits"].detach(), "logits")
        assert_equal(trace["probs"].values, out["logits"].detach().softmax(-1), "probs")


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_other_types_are_widened_exactly(dtype: str, tmp_path: Path) -> None:
    module = random_gpt2().to(getattr(torch, dtype))
    with quiet():
        module.save_pretrained(tmp_path)
    read = understood(tmp_path)
    assert read.types == ({"float32": "F32", "float16": "F16", "bfloat16": "BF16"}[dtype],)
    assert np.array_equal(read.model.params["E"], module.transformer.wte.weight.detach().double().numpy())


def test_a_folder_without_a_sentence_asks_for_one(folder: Path) -> None:
    model = read_model(folder)
    with pytest.raises(UsageProblem, match=r"gpt2: no sentence of its own, expected --text or --tokens"):
        forward(model)
    assert model.run(tokens="1 2")["probs"].shape == (2, 11)
    with pytest.raises(InputError, match=r"tokenizer.json: no such file, .*--tokens"):
        model.run(text="a")
    Path(f"{folder}.toml").write_text("tokens = [1, 2, 3]")
    assert tensorreel.load(folder).run()["probs"].shape == (3, 11)


# ---- what is not drawn --------------------------------------------------------------------------------------
SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "scaling by layer": ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx: true, expected false"),
    "no scaling": ({"scale_attn_weights": False}, "scale_attn_weights: false, expected true"),
    "an encoder": ({"add_cross_attention": True}, "add_cross_attention: true, expected false"),
    "untied": ({"tie_word_embeddings": False}, "tie_word_embeddings: false, expected true"),
    "quantised": ({"quantization_config": {"bits": 4}}, r"quantization_config: {'bits': 4}, expected null"),
    "pruned": ({"pruned_heads": {"0": [1]}}, "pruned_heads: .*, expected {}"),
    "unknown": ({"sliding_window": 4}, r"sliding_window: 4, which is not known \(it may change the numbers\)"),
    "another activation": ({"activation_function": "silu"}, "activation_function: silu, expected gelu_new or"),
    "no activation": ({"activation_function": None}, "activation_function: null, expected gelu_new"),
    "another family": ({"model_type": "llama"}, r"model_type: llama, expected gpt2 \(no other family is read\)"),
    "no family": ({"model_type": ["gpt2"]}, r"model_type: \['gpt2'\], expected gpt2"),
    "heads that do not divide": ({"n_head": 3}, "expected columns for n_heads = 3"),
    "no heads": ({"n_head": None}, "n_heads: None, expected a whole number"),
    "another width": ({"n_embd": 16}, r"expected .* d_model / n_heads = 16 / 2"),
    "another vocabulary": ({"vocab_size": 12}, r"E: shape \(11, 8\), expected \(12, 8\)"),
    "another depth": ({"n_layer": 3}, r"n_layers: 3, expected 2 \(the file has 2 layers\)"),
    "more positions": ({"n_positions": 9}, r"P: shape \(7, 8\), expected \(9, 8\)"),
    "eps as text": ({"layer_norm_epsilon": "x"}, "eps: 'x', expected a number"),
}  # fmt: skip


def edited(folder: Path, name: str, change: dict[str, Any]) -> None:
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(content | change))


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_that_are_not_drawn_are_named(case: str, folder: Path) -> None:
    change, message = SETTINGS[case]
    edited(folder, "config.json", change)
    with pytest.raises(InputError, match=message) as err:
        read_model(folder)
    assert str(err.value).startswith(str(folder)[-60:]) or str(folder) in str(err.value)


def test_every_setting_of_the_library_is_known(folder: Path) -> None:
    """All that this version of transformers may write, also what it leaves out where it is as usual."""
    content = transformers.GPT2Config().to_dict()
    edited(
        folder,
        "config.json",
        {k: v for k, v in content.items() if k not in json.loads((folder / "config.json").read_text())},
    )
    assert read_model(folder).config.n_heads == 2


def test_what_is_left_out_is_asked_for_and_may_be_stated(folder: Path) -> None:
    content = json.loads((folder / "config.json").read_text())
    del content["n_head"], content["layer_norm_epsilon"]
    (folder / "config.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"expected --n-heads N --eps X \("):
        read_model(folder)
    assert read_model(folder, said={"n_heads": 4, "eps": 1e-3}).config.n_heads == 4
    with pytest.raises(
        InputError, match=r"activation: gelu by an option, expected gelu_tanh \(so it is in config.json\)"
    ):
        read_model(folder, said={"n_heads": 4, "eps": 1e-3, "activation": "gelu"})


# ---- files that do not fit ----------------------------------------------------------------------------------
@pytest.fixture
def shards(tmp_path: Path) -> Path:
    with quiet():
        random_gpt2().save_pretrained(tmp_path / "s", max_shard_size="3KB")
    return tmp_path / "s"


INDEX = "model.safetensors.index.json"


def places(shards: Path) -> dict[str, str]:
    return dict(json.loads((shards / INDEX).read_text())["weight_map"])


def test_shards_that_do_not_fit_are_one_line(shards: Path) -> None:
    right = places(shards)
    (first, second) = sorted(set(right.values()))[:2]
    name = next(key for key, shard in right.items() if shard == first)
    for wrong, message in (
        ({name: "../x.safetensors"}, r"'../x.safetensors', expected files in the folder"),
        ({name: second}, rf"{name}: in {first}, expected it where weight_map says"),
        ({"more.weight": first}, f"more.weight: not in {first}, expected it there"),
        ({name: "gone.safetensors"}, "gone.safetensors: No such file"),
        ({name: 3}, "weight_map: missing, expected"),
    ):
        edited(shards, INDEX, {"weight_map": right | wrong})
        with pytest.raises(InputError, match=message):
            read_model(shards)


def test_the_size_of_all_shards_is_limited(shards: Path) -> None:
    sizes = [(shards / shard).stat().st_size for shard in set(places(shards).values())]
    assert read_model(shards, max_bytes=sum(sizes)).config.n_layers == 2
    with pytest.raises(InputError, match="expected at most"):
        read_model(shards, max_bytes=sum(sizes) - 1)


def test_a_folder_without_weights_says_what_is_wanted(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(
        InputError, match=r"no model.safetensors and no .*index.json.*pytorch_model.bin is a pickle"
    ):
        read_model(folder)
    (folder / "config.json").write_text("[" * 9000)
    with pytest.raises(InputError, match=r"config.json: no JSON"):
        read_model(folder)
    (folder / "config.json").write_text("[1]")
    with pytest.raises(InputError, match=r"config.json: JSON of a list, expected an object"):
        read_model(folder)


def test_unknown_and_missing_tensors_are_named_as_they_are_there(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    with quiet():
        random_gpt2().save_pretrained(tmp_path)
    whole = load_file(tmp_path / "model.safetensors")
    for content, message in (
        (whole | {"score.weight": torch.ones(2, 8)}, "score.weight: unknown tensor"),
        (
            {k: v for k, v in whole.items() if "h.1.mlp.c_fc.bias" not in k},
            "missing, expected it as transformer.h.1.mlp.c_fc.bias",
        ),
        (whole | {"lm_head.weight": torch.ones(11, 8)}, "lm_head.weight: an output table of its own"),
    ):
        save_file(content, tmp_path / "model.safetensors")
        with pytest.raises(InputError, match=message):
            read_model(tmp_path)


def test_a_live_gpt2_says_itself_what_it_is() -> None:
    module = random_gpt2(n_head=4, layer_norm_epsilon=1e-3)
    model = tensorreel.from_module(module)
    assert (model.config.n_heads, model.config.eps) == (4, 1e-3)
    with torch.no_grad():
        wanted = module(torch.tensor([TOKENS])).logits
    assert_equal(model.run(tokens=TOKENS)["logits"].values, wanted, "logits")
    module.config.add_cross_attention = True
    with pytest.raises(InputError, match=r"config: add_cross_attention: true, expected false"):
        tensorreel.from_module(module)


def test_a_model_reaches_other_processes_with_its_tokenizer(folder: Path) -> None:
    import pickle

    model: Model = pickle.loads(pickle.dumps(read_model(folder)))
    assert model.pieces == read_model(folder).pieces
