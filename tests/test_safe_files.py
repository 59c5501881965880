"""Bad model files: one line each, exit code 3, nothing written, nothing that takes long."""

from __future__ import annotations

import json
import re
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tensorreel.core.engine import Trace, forward
from tensorreel.core.errors import InputError
from tensorreel.models import naming, tiny_model, translating
from tensorreel.models.reading import read_model
from tests import badfiles
from tests.badfiles import BY_HAND
from tests.harness import assert_one_line, listed, run
from tests.model_files import to_toml, write_safetensors

FORM = re.compile(r"[^:]+: (.+: )?.+, expected .+")
LONGEST = 2.0  # seconds a file may take


@contextmanager
def alarm() -> Iterator[None]:
    """Stops what hangs; the time that counts is the processor's, since machines are busy with other things."""

    def stop(number: int, frame: Any) -> None:
        raise AssertionError(f"more than {LONGEST} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_there_are_enough_files() -> None:
    assert len(BY_HAND) >= 150
    assert {name.partition(":")[0] for name in BY_HAND} == {"toml", "npz", "safetensors"}


@pytest.mark.filterwarnings("ignore::UserWarning")  # zipfile, of a name that stands twice
@pytest.mark.parametrize("part", range(4))
@pytest.mark.runs
def test_a_file_made_wrong_by_hand_is_one_line_and_nothing_is_written(part: int, quick: Path) -> None:
    for name in list(BY_HAND)[part::4]:
        (quick / "model").write_bytes(BY_HAND[name]())
        ended = run("render", "3", "--model", "model", "-o", "out.mp4", "--cache-dir", "cache", cwd=quick)
        line = assert_one_line(ended, 3)
        assert line.startswith("model: "), name
        assert FORM.fullmatch(line), (name, line)
        assert listed(quick) == ["model"], name


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_no_file_made_wrong_by_hand_takes_long(quick: Path) -> None:
    def trace() -> Trace:
        return forward(read_model(quick / "m"))

    for made in BY_HAND.values():
        (quick / "m").write_bytes(made())
        with alarm(), pytest.raises(InputError):
            trace()


def read_mutants(seed: int, count: int, folder: Path) -> tuple[int, int]:
    """How many of some mutants were refused, and how many were still models."""
    rng = np.random.default_rng(seed)
    path, refused = folder / "m", 0
    for number in range(count):
        path.write_bytes(badfiles.mutant(rng))
        try:
            with alarm():
                forward(read_model(path))
        except InputError as err:
            refused += 1
            line = str(err)
            assert line.startswith(f"{path}: "), (seed, number, line)
            assert FORM.fullmatch(line.removeprefix(str(folder))) or line.endswith("…"), (seed, number, line)
            assert line.isprintable(), (seed, number, line)
            assert len(line) <= 300
        except Exception as err:
            raise AssertionError(f"seed {seed}, mutant {number}: {type(err).__name__}: {err}") from err
    assert listed(folder) == ["m"]
    return refused, count - refused


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", [1, 2, None])
def test_mutants_are_refused_in_one_line_or_are_models(seed: int | None, quick: Path) -> None:
    seed = secrets.randbelow(2**32) if seed is None else seed
    print(f"seed {seed}")
    refused, good = read_mutants(seed, 1000, quick)
    assert refused > 400
    assert good > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13, None])
def test_ten_thousand_mutants(seed: int | None, quick: Path) -> None:
    seed = secrets.randbelow(2**32) if seed is None else seed
    refused, good = read_mutants(seed, 2500, quick)
    print(f"seed {seed}: {refused} refused, {good} still models")
    assert refused > 1000


# ---- good safetensors files ---------------------------------------------------------------------------------
def test_a_model_reads_back_from_safetensors(tmp_path: Path) -> None:
    model = tiny_model()
    write_safetensors(model, tmp_path / "m.toml")  # told apart by content, not by name
    read = read_model(tmp_path / "m.toml")
    assert read.digest == model.digest


@pytest.mark.parametrize(("dtype", "digits"), [("f8", 0), ("f4", 1e-7), ("f2", 1e-3), ("bf16", 1e-2)])
def test_other_floats_are_widened(dtype: str, digits: float, tmp_path: Path) -> None:
    if dtype == "bf16":
        header, data = badfiles.opened(
            badfiles.safetensors({k: v.astype("f4") for k, v in badfiles.arrays().items()})
        )
        halves = np.frombuffer(data, "<u4")
        for entry in header.values():
            if "dtype" in entry:
                entry |= {"dtype": "BF16", "data_offsets": [x // 2 for x in entry["data_offsets"]]}
        content = badfiles.packed(header, (halves >> 16).astype("<u2").tobytes())
    else:
        content = badfiles.safetensors({k: v.astype(dtype) for k, v in badfiles.arrays().items()})
    (tmp_path / "m").write_bytes(content)
    read = read_model(tmp_path / "m")
    for name, array in badfiles.arrays().items():
        np.testing.assert_allclose(read.params[name], array, rtol=digits, atol=0)
        assert read.params[name].dtype == np.float64


def test_a_header_is_judged_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(badfiles.packed({"E": {}}, b"", 2**25) + bytes(2**25))
    with pytest.raises(InputError, match="header of 33554432 bytes, expected at most 16777216"):
        read_model(tmp_path / "m")
    with pytest.raises(InputError, match=r"expected at most 100 \(--max-bytes\)"):
        read_model(tmp_path / "m", max_bytes=100)


def test_a_doubled_tensor_is_named(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(BY_HAND["safetensors: twice"]())
    with pytest.raises(InputError, match="'E' stands twice, expected each tensor once"):
        read_model(tmp_path / "m")


# ---- names of other projects --------------------------------------------------------------------------------
def test_an_encoder_of_pytorch_is_the_same_model(tmp_path: Path) -> None:
    tiny = tiny_model()
    facts = badfiles.SAID | {"words": json.dumps(tiny.words), "tokens": "[1, 2, 3, 4, 5]"}
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.pytorch(), facts))
    read = read_model(tmp_path / "m")
    for name, array in tiny.params.items():
        np.testing.assert_array_equal(read.params[name], array, name)
    np.testing.assert_array_equal(forward(read)["probs"].values, forward(tiny)["probs"].values)


def test_two_stacks_of_layers_are_not_one_model(tmp_path: Path) -> None:
    both = badfiles.pytorch() | {f"other.{key}": array for key, array in badfiles.pytorch().items()}
    (tmp_path / "m").write_bytes(badfiles.safetensors(both, badfiles.SAID))
    with pytest.raises(InputError, match=r"2 stacks of layers \('', 'other.'\), expected one"):
        read_model(tmp_path / "m")


def test_two_statements_that_differ_are_refused(tmp_path: Path) -> None:
    """In the file, beside it, by an option: whoever says it, it has to be said of one model."""
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.pytorch(), badfiles.SAID))
    for key, other in (("eps", 1e-6), ("n_heads", 4), ("causal", True), ("norm", "pre")):
        with pytest.raises(
            InputError, match=rf"{key}: {other} by an option, expected .* \(so it is in the file\)"
        ):
            read_model(tmp_path / "m", said={key: other})
    (tmp_path / "m.toml").write_text("eps = 0.1")
    with pytest.raises(InputError, match=r"eps: 0.1 in m.toml, expected 1e-05"):
        read_model(tmp_path / "m")
    (tmp_path / "tiny").write_text(to_toml(tiny_model()))
    assert read_model(tmp_path / "tiny", said={"eps": 1e-5, "n_heads": 2, "norm": "post"}).digest
    for key, other in (("eps", 1e-6), ("n_heads", 4), ("activation", "gelu")):
        with pytest.raises(InputError, match=f"{key}: {other}.*, expected"):
            read_model(tmp_path / "tiny", said={key: other})


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("BERT", "token_type_embeddings.weight: of a BERT checkpoint, expected blocks .*token types"),
        ("Llama", "norm.weight: of a Llama checkpoint, expected blocks .*RMSNorm before the blocks"),
    ],
)
def test_what_we_cannot_represent_is_refused_by_name(project: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.checkpoints()[project], {"n_heads": "2"}))
    with pytest.raises(InputError, match=message):
        read_model(tmp_path / "m")


@pytest.mark.parametrize("project", ["GPT-2", "BERT", "Llama"])
def test_every_tensor_of_a_checkpoint_has_a_place_or_is_named_as_beyond(project: str) -> None:
    """The table is ready for models of these families: names, orientation and heads."""
    tensors = badfiles.checkpoints()[project]
    known = next(n for n in naming.NAMINGS if n.project == project)
    (prefix,) = known.prefixes(tensors)
    for name in tensors:
        bare = known.of(name, prefix)[0]
        assert (bare in known.known) + (bare in known.beyond) + (bare in known.dropped) == 1, name
    found = translating.renamed(known, prefix, tensors, 2, "m")
    assert found["E"].shape == (8, 4)
    for short, shape in {
        "W_Q": (2, 4, 2),
        "W_K": (2, 4, 2),
        "W_V": (2, 4, 2),
        "W_O": (4, 4),
        "W_1": (4, 6),
    }.items():
        assert found[f"layers.0.{short}"].shape == shape
    assert found["layers.0.W_2"].shape == (6, 4)


# ---- buffers ------------------------------------------------------------------------------------------------
def with_buffer(content: dict[str, Any], key: str, dtype: str, said: dict[str, str] = badfiles.SAID) -> bytes:
    """A checkpoint with a tensor of zeros more, of any type."""
    header, data = badfiles.opened(badfiles.safetensors(content, said))
    size = 4 * {"I64": 8, "I32": 4, "U8": 1, "BOOL": 1, "F32": 4}[dtype]
    place = [len(data), len(data) + size]
    return badfiles.packed(
        header | {key: {"dtype": dtype, "shape": [4], "data_offsets": place}}, data + bytes(size)
    )


@pytest.mark.parametrize("dtype", ["I64", "I32", "U8", "BOOL", "F32"])
@pytest.mark.parametrize(
    ("project", "key"),
    [
        ("BERT", "bert.embeddings.position_ids"), ("BERT", "module.bert.embeddings.position_ids"),
        ("Llama", "model.layers.0.self_attn.rotary_emb.inv_freq"),
    ],
)  # fmt: skip
def test_a_buffer_is_never_the_reason(project: str, key: str, dtype: str, tmp_path: Path) -> None:
    """What carries no number of the model is dropped before its type is judged; the model's own reason is told."""
    content = {k: v for k, v in badfiles.checkpoints()[project].items() if k != key}
    (tmp_path / "m").write_bytes(with_buffer(content, key, dtype))
    with pytest.raises(InputError, match=f"of a {project} checkpoint, expected blocks") as err:
        read_model(tmp_path / "m")
    assert key not in str(err.value)


@pytest.mark.parametrize("dtype", ["U8", "BOOL", "F32"])
@pytest.mark.parametrize("key", ["h.0.attn.bias", "h.0.attn.masked_bias"])
def test_masks_of_gpt2_are_passed_over(key: str, dtype: str, tmp_path: Path) -> None:
    content = {k: v for k, v in badfiles.checkpoints()["GPT-2"].items() if k != key}
    (tmp_path / "m").write_bytes(with_buffer(content, key, dtype, GPT2_SAID))
    assert read_model(tmp_path / "m").config.causal


GPT2_SAID = {"n_heads": "2", "activation": "gelu_tanh", "eps": "1e-05"}


@pytest.mark.parametrize("key", ["position_ids", "encoder.position_ids", "module.position_ids"])
def test_a_model_with_a_buffer_reads(key: str, tmp_path: Path) -> None:
    for dtype in ("I64", "U8", "BOOL"):
        for content in (badfiles.pytorch(), badfiles.arrays()):
            (tmp_path / "m").write_bytes(with_buffer(content, key, dtype))
            assert dict(read_model(tmp_path / "m").params).keys() == badfiles.arrays().keys()
    for array in (np.arange(5), np.arange(5, dtype="u1"), np.ones(5, bool)):
        for content in (badfiles.pytorch() | badfiles.STATED, badfiles.arrays()):
            (tmp_path / "m").write_bytes(badfiles.npz(content | {key: array}))
            read_model(tmp_path / "m")


def test_a_weight_of_integers_is_no_buffer(tmp_path: Path) -> None:
    """Quantised weights: their type is the reason, wherever they stand."""
    for key in ("encoder.layers.0.linear1.weight_scale", "E_scale"):
        (tmp_path / "m").write_bytes(with_buffer(badfiles.pytorch(), key, "U8"))
        with pytest.raises(InputError, match=f"{key}: dtype U8, expected F64"):
            read_model(tmp_path / "m")


def test_columns_become_heads_in_their_order() -> None:
    matrix = np.arange(16.0).reshape(4, 4)
    heads = translating._by_head(matrix, 2, "m")
    np.testing.assert_array_equal(heads[0], matrix[:, :2])
    np.testing.assert_array_equal(heads[1], matrix[:, 2:])


def test_a_bad_model_is_told_in_less_than_two_seconds(quick: Path) -> None:
    """The largest file that a person may write, of nothing but brackets."""
    (quick / "m").write_bytes(b"a = " + b"[" * (1 << 20))
    started = time.process_time()
    with pytest.raises(InputError, match="no TOML"):
        read_model(quick / "m")
    assert time.process_time() - started < LONGEST
