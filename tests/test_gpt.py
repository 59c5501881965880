"""Checkpoints of nanoGPT as files: every tensor that PyTorch computes, or one line that says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from safetensors.torch import save_file  # noqa: E402

import tensorreel  # noqa: E402
from tensorreel.core.engine import Trace, forward  # noqa: E402
from tensorreel.core.errors import InputError  # noqa: E402
from tensorreel.core.model import Model  # noqa: E402
from tensorreel.models.reading import read_model  # noqa: E402
from tests.gpt_modules import SmallGPT  # noqa: E402

CLOSE = 1e-9  # relative
TOKENS = (3, 1, 4, 1, 5)
SAID: dict[str, Any] = {"n_heads": 2, "activation": "gelu", "eps": 1e-5}
PARTS = {
    "ln_1": "attn_input", "attn": "attn_output", "attn.c_proj": "attn_output", "ln_2": "ffn_input", "mlp.c_fc": "ffn_pre",
    "mlp.gelu": "ffn_hidden", "mlp.act": "ffn_hidden", "mlp": "ffn_output", "": "ffn_sum",
}  # fmt: skip
OUTSIDE = {"wte": "token_embedding", "ln_f": "final_norm"}


def hooked(module: Any, run: Callable[[], Any]) -> dict[str, Any]:
    """What each part of a module gives while it runs."""
    seen: dict[str, Any] = {}
    for name, part in module.named_modules():
        part.register_forward_hook(lambda _, __, out, name=name: seen.__setitem__(name, out))
    with torch.no_grad():
        run()
    return seen


def assert_equal(found: Any, wanted: Any, what: str) -> None:
    wanted = (wanted[0] if isinstance(wanted, tuple) else wanted).numpy().reshape(found.shape)
    error = abs(found - wanted).max() / abs(wanted).max()
    assert error <= CLOSE, f"{what}: {error}"


def assert_parity(seen: dict[str, Any], trace: Trace, before: str = "transformer.") -> int:
    """How many tensors of a module with GPT-2's names were compared, each to 1e-9 of its largest number."""
    count = 0
    for name, out in seen.items():
        bare = name.removeprefix(before)
        layer, _, part = bare.removeprefix("h.").partition(".")
        at = trace.at(layer=int(layer)) if bare.startswith("h.") else trace
        ours = PARTS.get(part) if bare.startswith("h.") else OUTSIDE.get(bare)
        if ours is not None:
            assert_equal(at[ours].values, out, name)
            count += 1
        if part == "attn.c_attn":
            whole = [
                at[x].values.swapaxes(0, 1).reshape(len(trace.tokens), -1) for x in ("query", "key", "value")
            ]
            for x, theirs in zip(whole, out.squeeze(0).chunk(3, -1), strict=True):
                assert_equal(x, theirs, name)
            count += 3
    return count


def saved(module: SmallGPT, path: Path, said: dict[str, Any] = SAID) -> Model:
    told = {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items()}
    save_file(module.weights(), path, told)
    return read_model(path)


@pytest.mark.parametrize("heads", [1, 4])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("bias", [True, False])
def test_every_tensor_of_a_nanogpt(bias: bool, approximate: str, heads: int, tmp_path: Path) -> None:
    module = SmallGPT(bias, approximate, heads=heads)
    activation = {"none": "gelu", "tanh": "gelu_tanh"}[approximate]
    model = saved(module, tmp_path / "m", SAID | {"n_heads": heads, "activation": activation})
    trace = forward(model, TOKENS)
    seen = hooked(module, lambda: module(torch.tensor(TOKENS)))
    assert assert_parity(seen, trace) == 2 + 2 * 11
    assert_equal(trace["logits"].values, seen[""], "logits")
    assert_equal(trace["probs"].values, seen[""].softmax(-1), "probs")
    assert model.config.causal


PLACES: dict[str, Callable[[str], str]] = {
    "compiled": lambda key: f"_orig_mod.{key}",
    "in parallel": lambda key: f"module.{key}",
    "both": lambda key: f"module._orig_mod.{key}",
    "the inner module": lambda key: key.removeprefix("transformer."),
    "a lightning module": lambda key: f"model.{key}",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_nanogpt_is_found_wherever_it_stands(place: str, tmp_path: Path) -> None:
    module = SmallGPT(bias=False)
    save_file({PLACES[place](k): v for k, v in module.weights().items()}, tmp_path / "m")
    with torch.no_grad():
        wanted = module(torch.tensor(TOKENS))
    assert_equal(forward(read_model(tmp_path / "m", said=SAID), TOKENS)["logits"].values, wanted, "logits")


def test_buffers_are_passed_over_and_a_table_may_stand_once(tmp_path: Path) -> None:
    content = SmallGPT(bias=False).weights()
    content["transformer.h.0.attn.bias"] = torch.ones(1, 1, 7, 7).tril()
    del content["lm_head.weight"]
    save_file(content, tmp_path / "m")
    assert read_model(tmp_path / "m", said=SAID).config.n_ctx == 7


@pytest.mark.parametrize("fact", SAID)
def test_what_a_nanogpt_leaves_open_is_asked_for(fact: str, tmp_path: Path) -> None:
    asked = {"n_heads": "--n-heads N", "activation": r"--activation relu\|gelu\|gelu_tanh", "eps": "--eps X"}
    with pytest.raises(InputError, match=rf"expected {asked[fact]} \("):
        saved(SmallGPT(), tmp_path / "m", {k: v for k, v in SAID.items() if k != fact})


def without(module: SmallGPT, name: str) -> dict[str, Any]:
    return {key: tensor for key, tensor in module.weights().items() if key != name}


def test_what_does_not_fit_is_one_line(tmp_path: Path) -> None:
    module = SmallGPT()
    head = {"lm_head.weight": module.weights()["lm_head.weight"] + 1}
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        (head, {}, "lm_head.weight: an output table of its own, expected the numbers of transformer.wte.weight"),
        ({}, {"norm": "post"}, r"norm: post where it is stated, expected pre \(so it is by the names of nanoGPT\)"),
        ({}, {"causal": False}, "causal: False where it is stated, expected True"),
        ({"transformer.h.1.adapter.weight": torch.ones(2)}, {}, "adapter.weight: unknown tensor"),
        ({"transformer.h.0.crossattention.c_attn.weight": torch.ones(2)}, {}, "attention to an encoder"),
    ]  # fmt: skip
    for content, said, message in cases:
        save_file(module.weights() | content, tmp_path / "m")
        with pytest.raises(InputError, match=message):
            read_model(tmp_path / "m", said=SAID | said)
    for gone in ("h.1.mlp.c_fc.bias", "ln_f.weight", "h.0.attn.c_attn.bias"):
        save_file(without(module, f"transformer.{gone}"), tmp_path / "m")
        with pytest.raises(InputError, match=rf"missing, expected it as transformer.{gone}"):
            read_model(tmp_path / "m", said=SAID)


def test_a_live_nanogpt_is_read_as_its_file_is() -> None:
    module = SmallGPT()
    with pytest.raises(
        InputError, match=r"expected n_heads=…, activation='relu'\|'gelu'\|'gelu_tanh', eps=…$"
    ):
        tensorreel.from_module(module)
    with torch.no_grad():
        wanted = module(torch.tensor(TOKENS))
    assert_equal(tensorreel.from_module(module, **SAID).run(tokens=TOKENS)["logits"].values, wanted, "logits")
