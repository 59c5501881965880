"""Encoders of PyTorch as files: the numbers that PyTorch computes, or one line that says what is missing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from safetensors.torch import save_file  # noqa: E402
from torch import nn  # noqa: E402

from tensorreel.core.engine import forward  # noqa: E402
from tensorreel.core.errors import InputError  # noqa: E402
from tensorreel.core.model import Model  # noqa: E402
from tensorreel.core.stages import ARTICLE  # noqa: E402
from tensorreel.models.reading import read_model  # noqa: E402
from tensorreel.models.stated import FACTS  # noqa: E402
from tests.badfiles import OPTIONS  # noqa: E402
from tests.harness import assert_one_line, run  # noqa: E402

CLOSE = 1e-10
Made = tuple[Any, dict[str, Any]]  # a module, and what is true of it
CHOICES = list(itertools.product((False, True), ("relu", "gelu"), (False, True), (True, False)))


def made(
    norm_first: bool = False, activation: str = "relu", last: bool = False, bias: bool = True, *,
    heads: int = 2, causal: bool = False, eps: float = 1e-5, layers: int = 2, plain: bool = False, attending: bool = False,
) -> Made:  # fmt: skip
    """An encoder with E and P beside it, every number random but for the biases in attention, which are 0 if not
    ``attending``.

    ``last``: with a norm behind the last layer, which has no numbers of its own if ``plain``.
    """
    torch.manual_seed(7)
    layer = nn.TransformerEncoderLayer(
        8, heads, 12, 0.0, activation, eps, batch_first=True, norm_first=norm_first, bias=bias
    )
    norm = nn.LayerNorm(8, eps, elementwise_affine=not plain, bias=bias) if last else None
    module = nn.Module()
    module.encoder = nn.TransformerEncoder(layer, layers, norm, enable_nested_tensor=False)
    module.E, module.P = nn.Parameter(torch.empty(9, 8)), nn.Parameter(torch.empty(6, 8))
    module = module.double().eval()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.normal_(0.0, 0.6)
            parameter.mul_(0.0 if "attn" in name and name.endswith("bias") and not attending else 1.0)
    true: dict[str, Any] = {"n_heads": heads, "norm": "pre" if norm_first else "post", "eps": eps}
    true |= {"final_norm": "layer" if last else "none", "activation": activation, "causal": causal}
    return module, true


def probs(module: Any, tokens: tuple[int, ...], causal: bool) -> Any:
    """What PyTorch computes: (T, V)."""
    T = len(tokens)
    mask = torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None
    with torch.no_grad():
        hidden = module.encoder((module.E[list(tokens)] + module.P[:T])[None], mask=mask)[0]
        return torch.softmax(hidden @ module.E.T, -1).numpy()


def metadata(said: dict[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in said.items()}


def in_metadata(module: Any, said: dict[str, Any], path: Path) -> Model:
    save_file(module.state_dict(), path, metadata(said))
    return read_model(path)


def beside(module: Any, said: dict[str, Any], path: Path) -> Model:
    save_file(module.state_dict(), path)
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items()]
    Path(f"{path}.toml").write_text("\n".join(lines), encoding="utf-8")
    return read_model(path)


def by_options(module: Any, said: dict[str, Any], path: Path) -> Model:
    save_file(module.state_dict(), path)
    return read_model(path, said=said)


def in_npz(module: Any, said: dict[str, Any], path: Path) -> Model:
    arrays = {key: tensor.numpy() for key, tensor in module.state_dict().items()}
    with path.open("wb") as file:
        np.savez(file, **arrays, **said)
    return read_model(path)


WAYS = {f.__name__: f for f in (in_metadata, beside, by_options, in_npz)}


def assert_same(module: Any, model: Model, causal: bool = False) -> None:
    tokens = (3, 1, 4, 1, 5)
    got = forward(model, tokens)["probs"].values
    np.testing.assert_allclose(got, probs(module, tokens, causal), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_right_numbers_in_all_sixteen(choices: tuple[bool, str, bool, bool], tmp_path: Path) -> None:
    """Norm order, activation, last norm and bias: each is run by its own table, and none is assumed."""
    module, true = made(*choices, attending=True)
    with pytest.raises(InputError):  # nothing is stated
        in_metadata(module, {}, tmp_path / "m")
    model = in_metadata(module, true, tmp_path / "m")
    assert_same(module, model)
    assert (model.architecture is ARTICLE) == (choices == (False, "relu", False, False))


SEEN = {"self_attn": "attn_output", "linear1": "ffn_pre", "linear2": "ffn_output"}
NORMS = {True: {"norm1": "attn_input", "norm2": "ffn_input", "": "ffn_sum"}, False: {"norm1": "attn_norm", "norm2": "ffn_norm", "": "ffn_norm"}}  # fmt: skip


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_every_tensor_that_pytorch_shows_in_all_sixteen(
    choices: tuple[bool, str, bool, bool], tmp_path: Path
) -> None:
    module, true = made(*choices, attending=True)
    shown: dict[str, Any] = {}
    for name, part in module.encoder.named_modules():
        part.register_forward_hook(lambda _, __, out, name=name: shown.__setitem__(name, out))
    module.encoder((module.E[[3, 1, 4, 1, 5]] + module.P[:5])[None])  # with gradients: no fused layers
    trace = forward(in_metadata(module, true, tmp_path / "m"), (3, 1, 4, 1, 5))
    pairs: dict[tuple[str, int | None], str] = {
        ("", None): "final_norm" if choices[2] else "last_hidden_state"
    }
    for layer in range(2):
        for part, ours in (SEEN | NORMS[choices[0]]).items():
            pairs[f"layers.{layer}.{part}".rstrip("."), layer] = ours
    for (theirs, at), ours in pairs.items():
        out = shown[theirs][0] if theirs.endswith("self_attn") else shown[theirs]
        got = (trace if at is None else trace.at(layer=at))[ours].values
        wanted = out.detach().numpy().reshape(got.shape)
        error = abs(got - wanted).max() / abs(wanted).max()
        assert error <= 1e-12, f"{theirs}: {error}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("heads", "causal", "eps"), [(1, False, 1e-5), (2, True, 1e-12), (4, True, 0.1), (8, False, 1e-3)]
)
def test_what_is_stated_is_what_is_computed(
    way: str, heads: int, causal: bool, eps: float, tmp_path: Path
) -> None:
    module, true = made(heads=heads, causal=causal, eps=eps)
    model = WAYS[way](module, true, tmp_path / "m.x")
    assert (model.config.n_heads, model.config.causal, model.config.eps) == (heads, causal, eps)
    assert_same(module, model, causal)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_what_is_not_stated_is_asked_for_by_name(fact: Any, way: str, tmp_path: Path) -> None:
    module, true = made()
    said = {key: value for key, value in true.items() if key != fact.name}
    with pytest.raises(InputError) as err:
        WAYS[way](module, said, tmp_path / "m")
    wanted = str(err.value).partition("expected ")[2]
    assert wanted.startswith(f"{fact.asked} (")
    assert [f.name for f in FACTS if f.asked in wanted] == [fact.name]


def test_a_norm_without_numbers_is_asked_for_too(tmp_path: Path) -> None:
    module, true = made(last=True, plain=True)
    save_file(module.state_dict(), tmp_path / "m")
    with pytest.raises(InputError, match=r"expected --final-norm none\|layer"):
        read_model(tmp_path / "m", said={k: v for k, v in true.items() if k != "final_norm"})
    with pytest.raises(InputError, match="gamma_f: missing"):
        read_model(tmp_path / "m", said=true)


@pytest.mark.parametrize("name", ["in_proj_bias", "out_proj.bias"])
def test_biases_in_attention_are_drawn_from_the_first_that_is_not_zero(name: str, tmp_path: Path) -> None:
    module, true = made()
    with torch.no_grad():
        module.get_parameter(f"encoder.layers.1.self_attn.{name}")[-1] = 1e-9
    model = in_metadata(module, true, tmp_path / "m")
    assert "b_O" in model.architecture.parameters
    assert_same(module, model)


def test_a_last_norm_that_is_not_stated_is_refused(tmp_path: Path) -> None:
    module, true = made(last=True)
    with pytest.raises(InputError, match="final_norm: none, expected layer"):
        in_metadata(module, true | {"final_norm": "none"}, tmp_path / "m")


# ---- names --------------------------------------------------------------------------------------------------
PLACES: dict[str, Callable[[str], str]] = {
    "another attribute": lambda key: key.replace("encoder.", "transformer_encoder."),
    "no attribute": lambda key: key.removeprefix("encoder."),
    "a lightning module": lambda key: f"model.{key}",
    "compiled": lambda key: f"_orig_mod.{key}",
    "compiled, in parallel": lambda key: f"module._orig_mod.net.{key}",
    "compiled inside": lambda key: key.replace("encoder.", "encoder._orig_mod."),
    "compiled by layer": lambda key: key.replace(".self_attn", "._orig_mod.self_attn").replace(".1.lin", ".1._orig_mod.lin"),
    "in a list": lambda key: key.replace("encoder.", "stack.3."),
    "embeddings as modules": lambda key: f"{key}.weight" if key in ("E", "P") else key,
    "embeddings elsewhere": lambda key: key if key in ("E", "P") else f"body.{key}",
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_an_encoder_is_found_wherever_it_stands(place: str, tmp_path: Path) -> None:
    module, true = made()
    save_file({PLACES[place](k): v for k, v in module.state_dict().items()}, tmp_path / "m", metadata(true))
    assert_same(module, read_model(tmp_path / "m"))


def test_two_encoders_or_a_doubled_tensor_are_refused(tmp_path: Path) -> None:
    module, true = made()
    state = module.state_dict()
    twice = state | {k.replace("encoder", "other"): v + 1 for k, v in state.items() if "encoder" in k}
    doubled = state | {"module.encoder.layers.0.linear1.weight": state["E"].clone()}
    outside = state | {"layers.0.linear1.weight": state["encoder.layers.0.linear1.weight"] + 1}
    for content, message in (
        (twice, "2 stacks of layers .'encoder.', 'other.'., expected one"),
        (doubled, r"layers.0.W_1: stands twice \("),
        (outside, "layers.0.linear1.weight: unknown tensor"),
    ):
        save_file(content, tmp_path / "m", metadata(true))
        with pytest.raises(InputError, match=message):
            read_model(tmp_path / "m")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_decoder_is_no_encoder(tmp_path: Path) -> None:
    layer = nn.TransformerDecoderLayer(8, 2, 12)
    state = nn.TransformerDecoder(layer, 1).state_dict() | {"E": torch.ones(9, 8), "P": torch.ones(6, 8)}
    save_file(state, tmp_path / "m", metadata(made()[1]))
    with pytest.raises(InputError, match=r"multihead_attn\S+: of a torch.*attention to an encoder"):
        read_model(tmp_path / "m")


def test_free_names_are_named_beside_the_model(tmp_path: Path) -> None:
    module, true = made()
    free = {"E": "embedding.weight", "P": "pos_emb.weight"}
    state = {free.get(key, key): tensor for key, tensor in module.state_dict().items()}
    save_file(state, tmp_path / "m", metadata(true))
    with pytest.raises(InputError, match=r'E: missing.*names = \{ E = "embedding.weight" \}'):
        read_model(tmp_path / "m")
    (tmp_path / "m.toml").write_text('names = { E = "embedding.weight" }')
    with pytest.raises(InputError, match=r'P: missing.*names = \{ P = "pos_emb.weight" \}'):
        read_model(tmp_path / "m")
    (tmp_path / "m.toml").write_text('names = { E = "embedding.weight", P = "pos_emb.weight" }')
    assert_same(module, read_model(tmp_path / "m"))
    save_file(state | {"fc.weight": torch.ones(9, 8)}, tmp_path / "m", metadata(true))
    with pytest.raises(InputError, match=r"fc.weight: unknown tensor, expected .*the output table is E"):
        read_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "no TOML, expected what"), ("norms = 1", "norms: unknown beside a model"),
        ("names = 1", "names: 1, expected lines"), ('names = { W = "x" }', "names: .*expected lines"),
        ('names = { E = "x" }', "names: 'x' as E, expected a tensor of the model"), ('{"a": 1}', "no TOML"),
        ("a = " + "[" * 5000, "no TOML"), ('norm = "sandwich"', "norm: sandwich, expected post"),
        ("norm = [1]", r"norm: \[1\], expected post"), ("eps = nan", "eps: 'nan', expected"), ('n_heads = "2"', "n_heads: 2, expected a whole"),
        ("n_heads = 3", "expected columns for n_heads = 3"), ("causal = 1", "causal: '1', expected true or false"),
    ],
)  # fmt: skip
def test_a_bad_file_beside_a_model_is_one_line(text: str, message: str, tmp_path: Path) -> None:
    module, true = made()
    save_file(module.state_dict(), tmp_path / "m")
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_model(tmp_path / "m", said={k: v for k, v in true.items() if k not in text})


# ---- on the command line ------------------------------------------------------------------------------------
def test_options_state_what_a_file_does_not(tmp_path: Path) -> None:
    save_file(made()[0].state_dict(), tmp_path / "m.safetensors")
    for command in (["model", "check", "m.safetensors"], ["show", "probs", "--model", "m.safetensors"]):
        line = assert_one_line(run(*command, cwd=tmp_path), 3)
        assert (
            "--n-heads N --norm post|pre --final-norm none|layer --activation relu|gelu|gelu_tanh --eps X --causal|--no"
            in line
        )
        assert run(*command, *OPTIONS, cwd=tmp_path).code == 0
        assert run(*command, *OPTIONS, "--norm", "pre", cwd=tmp_path).code == 0
    line = assert_one_line(run("show", "probs", "--n-heads", "2", cwd=tmp_path), 2)
    assert "n_heads stated without --model" in line


# ---- .pt ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("name", ["a.pt", "pytorch_model.bin", "it's.ckpt", "x" * 150 + ".pt"])
def test_a_pytorch_file_is_told_how_to_be_read(
    name: str, new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line of Python that the message holds is run, in the folder of the file."""
    module, true = made()
    state = module.state_dict() | {"position_ids": torch.arange(6)}
    state["encoder.layers.1.linear1.weight"] = state["encoder.layers.0.linear1.weight"]  # shared memory
    torch.save(state, tmp_path / name, _use_new_zipfile_serialization=new)
    with pytest.raises(InputError, match="a PyTorch file") as err:
        read_model(tmp_path / name)
    line = str(err.value).partition("in Python: ")[2]
    line = line.replace("'IN'", repr(name)).replace("'OUT.safetensors'", "'made.safetensors'")
    monkeypatch.chdir(tmp_path)
    exec(line, {})
    target = next(tmp_path.glob("*.safetensors"))
    read_model(target, said=true)


def test_a_checkpoint_of_training_is_a_pytorch_file_too(tmp_path: Path) -> None:
    torch.save({"epoch": 1, "model": made()[0].state_dict()}, tmp_path / "ckpt.pt")
    with pytest.raises(InputError, match="a PyTorch file"):
        read_model(tmp_path / "ckpt.pt")
