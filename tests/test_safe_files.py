"""Bad model files: one line each, exit code 3, nothing written, nothing that takes long."""

from __future__ import annotations

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

from tensorreel.engine import Trace, forward
from tensorreel.errors import InputError
from tensorreel.model import Model
from tensorreel.models import naming
from tensorreel.models.tensorfile import write_safetensors
from tests import badfiles
from tests.badfiles import BY_HAND
from tests.harness import assert_one_line, listed, run

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
        return forward(Model.read(quick / "m"))

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
                forward(Model.read(path))
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
    model = Model.tiny()
    write_safetensors(model, tmp_path / "m.toml")  # told apart by content, not by name
    read = Model.read(tmp_path / "m.toml")
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
    read = Model.read(tmp_path / "m")
    for name, array in badfiles.arrays().items():
        np.testing.assert_allclose(read.params[name], array, rtol=digits, atol=0)
        assert read.params[name].dtype == np.float64


def test_a_header_is_judged_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(badfiles.packed({"E": {}}, b"", 2**25) + bytes(2**25))
    with pytest.raises(InputError, match="header of 33554432 bytes, expected at most 16777216"):
        Model.read(tmp_path / "m")
    with pytest.raises(InputError, match=r"expected at most 100 \(--max-bytes\)"):
        Model.read(tmp_path / "m", max_bytes=100)


def test_a_doubled_tensor_is_named(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(BY_HAND["safetensors: twice"]())
    with pytest.raises(InputError, match="'E' stands twice, expected each tensor once"):
        Model.read(tmp_path / "m")


# ---- names of other projects --------------------------------------------------------------------------------
def test_an_encoder_of_pytorch_is_the_same_model(tmp_path: Path) -> None:
    tiny = Model.tiny()
    facts = {"n_heads": "2", "words": '["' + '", "'.join(tiny.words) + '"]', "tokens": "[1, 2, 3, 4, 5]"}
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.pytorch(), facts))
    read = Model.read(tmp_path / "m")
    for name, array in tiny.params.items():
        np.testing.assert_array_equal(read.params[name], array, name)
    np.testing.assert_array_equal(forward(read)["probs"].values, forward(tiny)["probs"].values)


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("GPT-2", "ln_f.weight: of a GPT-2 checkpoint, expected post-LN .*norms before the blocks"),
        ("BERT", "token_type_embeddings.weight: of a BERT checkpoint, expected post-LN .*token types"),
        ("Llama", "norm.weight: of a Llama checkpoint, expected post-LN .*norms before the blocks"),
        (
            "biased PyTorch",
            "in_proj_bias: of a torch.nn.TransformerEncoder checkpoint, .*biases in attention",
        ),
    ],
)
def test_what_we_cannot_represent_is_refused_by_name(project: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(badfiles.safetensors(badfiles.checkpoints()[project], {"n_heads": "2"}))
    with pytest.raises(InputError, match=message):
        Model.read(tmp_path / "m")


@pytest.mark.parametrize("project", ["GPT-2", "BERT", "Llama"])
def test_every_tensor_of_a_checkpoint_has_a_place_or_is_named_as_beyond(project: str) -> None:
    """The table is ready for models of these families: names, orientation and heads."""
    tensors = badfiles.checkpoints()[project]
    known = next(n for n in naming.NAMINGS if n.project == project)
    assert known.speaks(tensors)
    for name in tensors:
        bare = known.of(name)[0]
        assert (bare in known.known) + (bare in known.beyond) + (bare in known.dropped) == 1, name
    found = naming.renamed(known, tensors, 2, "m")
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


def test_columns_become_heads_in_their_order() -> None:
    matrix = np.arange(16.0).reshape(4, 4)
    heads = naming._by_head(matrix, 2, "m")
    np.testing.assert_array_equal(heads[0], matrix[:, :2])
    np.testing.assert_array_equal(heads[1], matrix[:, 2:])


def test_a_bad_model_is_told_in_less_than_two_seconds(quick: Path) -> None:
    """The largest file that a person may write, of nothing but brackets."""
    (quick / "m").write_bytes(b"a = " + b"[" * (1 << 20))
    started = time.process_time()
    with pytest.raises(InputError, match="no TOML"):
        Model.read(quick / "m")
    assert time.process_time() - started < LONGEST
